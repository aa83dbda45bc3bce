// Compares the gradient of every parameter and real input with central differences of the loss, in float64. Large tensors are sampled, by
// the seed alone.
import type { CompiledProgram } from '../codegen/compiled.ts';
import { simplify } from '../graph/simplify/simplify.ts';
import type { Node, Origin } from '../ir/graph/type.ts';
import { interpret, type Bindings } from '../ir/stages/interpret.ts';
import { fuse } from '../kernel/fuse/fuse.ts';
import { lower } from '../kernel/lower.ts';
import { hashNumbers, hashText } from '../runtime/random.ts';
import {
  absoluteTolerance,
  agreement,
  differentiateNumerically,
  relativeTolerance,
  steps,
  type Agreement,
} from './differences.ts';
import { RepeatedProgram, type Leaf } from './partial-program.ts';

export interface CheckOptions {
  readonly seed: number;
  /** The number of elements checked in a larger tensor; fewer if the model is large. */
  readonly samples: number;
  /** The budget per tensor, in elements computed; by default about a second's worth. */
  readonly budget?: number;
}

/** The result for one element. */
export interface CheckedElement {
  readonly index: number;
  readonly gradient: number;
  readonly difference: number;
  readonly agreement: Agreement;
}

export interface CheckedTensor {
  /** A parameter's path or an input's name. */
  readonly name: string;
  readonly kind: 'parameter' | 'input';
  readonly shape: readonly number[];
  /** Its declaration. */
  readonly origin: Origin;
  readonly checked: number;
  /** The number of elements where the loss has a kink, and thus no derivative. */
  readonly kinks: number;
  /** Whether it was checked jointly with one element of every other expensive tensor; the error is then the joint one. */
  readonly together: boolean;
  /** The largest |gradient − difference| / max(|gradient|, |difference|, 1e-2): what the tolerances compare. */
  readonly error: number;
  /** The worst mismatch; absent if there is none. */
  readonly wrong?: CheckedElement;
}

export interface GradientCheck {
  readonly loss: number;
  readonly tensors: readonly CheckedTensor[];
  /** The interpreter's results, by the program's names of outputs. */
  readonly outputs: ReadonlyMap<string, Float64Array>;
}

const usualBudget = 3e7;

/** A gradient to check. */
interface Candidate {
  readonly leaf: Leaf;
  readonly node: Node | undefined;
  readonly gradient: Float64Array;
  readonly point: Float64Array;
}

export function checkGradients(
  program: CompiledProgram,
  bindings: Bindings,
  options: CheckOptions,
): GradientCheck {
  const { budget = usualBudget } = options;
  const { outputs } = interpret(program.kernels, bindings);
  const lossOnly = simplify({
    ...program.graph,
    outputs: program.graph.outputs.filter(({ name }) => name === 'loss'),
    updates: [],
  });
  const repeated = new RepeatedProgram(fuse(lower(lossOnly)), bindings, 'loss');
  const candidates = program.graph.outputs.flatMap(({ name: output }): Candidate[] => {
    const [, group, name = ''] = /^gradient\.(params|inputs)\.(.*)$/s.exec(output) ?? [];
    const gradient = outputs.get(output);
    if (group === undefined || !gradient) return [];
    const leaf: Leaf = { kind: group === 'params' ? 'stored' : 'input', name };
    const values = (group === 'params' ? bindings.stored : bindings.inputs).get(name) ?? [];
    const node = leafOf(program.graph.nodes, group, name);
    return [{ leaf, node, gradient, point: Float64Array.from(values) }];
  });
  const costly = candidates.filter(({ leaf }) => 2 * repeated.varying([leaf]).work > budget);
  const together =
    costly.length > 1 ? checkTogether(repeated, costly, options) : new Map<Leaf, CheckedElement>();
  const tensors = candidates.map((candidate) => {
    const known = together.get(candidate.leaf);
    const elements = known ? [known] : checkElements(repeated, candidate, options);
    return { ...summarize(candidate, elements), together: known !== undefined };
  });
  return { loss: repeated.value, tensors, outputs };
}

/**
 * Checks one element each of tensors that are expensive to vary, jointly: the slope along a direction with a random sign for each.
 * Undefined on a mismatch, after which they are checked one by one.
 */
function checkTogether(
  repeated: RepeatedProgram,
  candidates: readonly Candidate[],
  { seed }: CheckOptions,
): ReadonlyMap<Leaf, CheckedElement> {
  const chosen = candidates.map((candidate) => {
    const own = hashNumbers(seed, hashText(candidate.leaf.name));
    const [index = 0] = chooseElements(candidate.point.length, 1, own);
    // weights that no two tensors share, so that errors do not cancel
    const weight = (hashNumbers(own, 1) % 2 === 0 ? 1 : -1) * (0.5 + hashNumbers(own, 2) / 2 ** 33);
    return { candidate, index, weight };
  });
  const { evaluate } = repeated.varying(candidates.map(({ leaf }) => leaf));
  const derivative = chosen.reduce(
    (total, { candidate, index, weight }) => total + weight * (candidate.gradient[index] ?? NaN),
    0,
  );
  const differences = differentiateNumerically((offset) =>
    evaluate(
      new Map(
        chosen.map(({ candidate: { leaf, point }, index, weight }) => {
          const moved = point.slice();
          moved[index] = (moved[index] ?? 0) + weight * offset;
          return [leaf.name, moved] as const;
        }),
      ),
    ),
  );
  // kinks are so dense in a large model that the largest step is useless
  const found = agreement(derivative, differences, Math.abs(repeated.value), steps.slice(1));
  if (found.agreement !== 'right') return new Map();
  return new Map(
    chosen.map(
      ({ candidate, index }) => [candidate.leaf, { index, gradient: derivative, ...found }] as const,
    ),
  );
}

/** The leaf in the graph; undefined for an unused parameter. */
function leafOf(nodes: readonly Node[], kind: string, name: string): Node | undefined {
  return nodes.find(({ operation, attributes }) =>
    kind === 'params'
      ? operation === 'stored' && attributes['path'] === name
      : operation === 'input' && attributes['name'] === name,
  );
}

function checkElements(
  repeated: RepeatedProgram,
  { leaf, gradient, point }: Candidate,
  { seed, samples, budget = usualBudget }: CheckOptions,
): readonly CheckedElement[] {
  const { evaluate, work } = repeated.varying([leaf]);
  const affordable = Math.max(1, Math.floor(budget / (2 * Math.max(work, 1))));
  const own = hashNumbers(seed, hashText(leaf.name));
  const chosen = chooseElements(point.length, Math.min(samples, affordable), own);
  const loss = Math.abs(repeated.value);
  return chosen.map((index): CheckedElement => {
    const found = gradient[index] ?? NaN;
    const differences = differentiateNumerically((offset) => {
      const moved = point.slice();
      moved[index] = (moved[index] ?? 0) + offset;
      return evaluate(new Map([[leaf.name, moved]]));
    });
    return { index, gradient: found, ...agreement(found, differences, loss) };
  });
}

function summarize(
  { leaf, node, point }: Candidate,
  elements: readonly CheckedElement[],
): Omit<CheckedTensor, 'together'> {
  const error = (element: CheckedElement) =>
    Math.abs(element.gradient - element.difference) /
    Math.max(Math.abs(element.gradient), Math.abs(element.difference), absoluteTolerance / relativeTolerance);
  const worst = (list: readonly CheckedElement[]) =>
    list.reduce<CheckedElement | undefined>(
      (most, each) => (most && error(most) >= error(each) ? most : each),
      undefined,
    );
  const smooth = worst(elements.filter((each) => each.agreement !== 'kink'));
  const wrong = worst(elements.filter((each) => each.agreement === 'wrong'));
  return {
    name: leaf.name,
    kind: leaf.kind === 'stored' ? 'parameter' : 'input',
    shape: node?.shape ?? [point.length],
    origin: node?.origin ?? { path: '' },
    checked: elements.length,
    kinks: elements.filter((each) => each.agreement === 'kink').length,
    error: smooth && Number.isFinite(error(smooth)) ? error(smooth) : smooth ? Infinity : 0,
    ...(wrong && { wrong }),
  };
}

/** Distinct indices, ascending; all if there are at most as many as requested. */
export function chooseElements(count: number, wanted: number, seed: number): readonly number[] {
  if (count <= wanted) return Array.from({ length: count }, (_, i) => i);
  const chosen = new Set<number>();
  for (let draw = 0; chosen.size < wanted; draw++) chosen.add(hashNumbers(seed, draw) % count);
  return [...chosen].sort((a, b) => a - b);
}
