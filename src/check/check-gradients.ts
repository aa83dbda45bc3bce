// A compiled gradient program enters, with the values of its leaves; what leaves says of every parameter and real input how far its
// gradient is from central differences of the loss, all in float64. Large tensors are sampled, by the seed alone.
import type { CompiledProgram } from '../codegen/compiled.ts';
import { simplify } from '../graph/simplify.ts';
import type { Node, Origin } from '../ir/graph.ts';
import { interpret, type Bindings } from '../ir/interpret.ts';
import { fuse } from '../kernel/fuse.ts';
import { lower } from '../kernel/lower.ts';
import { hashNumbers, hashText } from '../runtime/random.ts';
import {
  absoluteTolerance,
  agreement,
  differentiateNumerically,
  relativeTolerance,
  type Agreement,
} from './differences.ts';
import { RepeatedProgram } from './partial-program.ts';

export interface CheckOptions {
  readonly seed: number;
  /** Elements checked of a tensor that has more; fewer where the model is large. */
  readonly samples: number;
}

/** One element, as found. */
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
  /** Where it is declared. */
  readonly origin: Origin;
  readonly checked: number;
  /** Elements at which the loss has a kink, and no derivative to compare with. */
  readonly kinks: number;
  /** The largest |gradient − difference| / max(|gradient|, |difference|, 1e-2): what the tolerances compare. */
  readonly error: number;
  /** The worst of the elements that disagree; absent where none does. */
  readonly wrong?: CheckedElement;
}

export interface GradientCheck {
  readonly loss: number;
  readonly tensors: readonly CheckedTensor[];
  /** What the interpreter gave, by the program's names for its outputs. */
  readonly outputs: ReadonlyMap<string, Float64Array>;
}

/** What may be spent on one tensor, in elements computed: about a second. */
const budget = 3e7;

export function checkGradients(
  program: CompiledProgram,
  bindings: Bindings,
  options: CheckOptions,
): GradientCheck {
  const { outputs } = interpret(program.kernels, bindings);
  const lossOnly = simplify({
    ...program.graph,
    outputs: program.graph.outputs.filter(({ name }) => name === 'loss'),
    updates: [],
  });
  const repeated = new RepeatedProgram(fuse(lower(lossOnly)), bindings, 'loss');
  const tensors = program.graph.outputs.flatMap(({ name }): CheckedTensor[] => {
    const [, kind, leaf = ''] = /^gradient\.(params|inputs)\.(.*)$/s.exec(name) ?? [];
    const gradient = outputs.get(name);
    if (kind === undefined || !gradient) return [];
    const node = leafOf(program.graph.nodes, kind, leaf);
    return [checkTensor(repeated, bindings, options, node, kind, leaf, gradient)];
  });
  return { loss: repeated.value, tensors, outputs };
}

/** The leaf in the graph; a parameter that nothing reads is no longer there. */
function leafOf(nodes: readonly Node[], kind: string, name: string): Node | undefined {
  return nodes.find(({ operation, attributes }) =>
    kind === 'params'
      ? operation === 'stored' && attributes['path'] === name
      : operation === 'input' && attributes['name'] === name,
  );
}

function checkTensor(
  repeated: RepeatedProgram,
  bindings: Bindings,
  { seed, samples }: CheckOptions,
  node: Node | undefined,
  kind: string,
  name: string,
  gradient: Float64Array,
): CheckedTensor {
  const [role, values] =
    kind === 'params'
      ? (['stored', bindings.stored.get(name)] as const)
      : (['input', bindings.inputs.get(name)] as const);
  const point = Float64Array.from(values ?? []);
  const { evaluate, work } = repeated.varying(role, name);
  const affordable = Math.max(1, Math.floor(budget / (2 * Math.max(work, 1))));
  const chosen = chooseElements(
    point.length,
    Math.min(samples, affordable),
    hashNumbers(seed, hashText(name)),
  );
  const loss = Math.abs(repeated.value);

  const elements = chosen.map((index): CheckedElement => {
    const found = gradient[index] ?? NaN;
    const differences = differentiateNumerically((offset) => {
      const moved = point.slice();
      moved[index] = (moved[index] ?? 0) + offset;
      return evaluate(moved);
    });
    return { index, gradient: found, ...agreement(found, differences, loss) };
  });
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
    name,
    kind: kind === 'params' ? 'parameter' : 'input',
    shape: node?.shape ?? [point.length],
    origin: node?.origin ?? { path: '' },
    checked: elements.length,
    kinks: elements.filter((each) => each.agreement === 'kink').length,
    error: smooth && Number.isFinite(error(smooth)) ? error(smooth) : smooth ? Infinity : 0,
    ...(wrong && { wrong }),
  };
}

/** Distinct positions, ascending; all where there are no more than wanted. */
export function chooseElements(count: number, wanted: number, seed: number): readonly number[] {
  if (count <= wanted) return Array.from({ length: count }, (_, i) => i);
  const chosen = new Set<number>();
  for (let draw = 0; chosen.size < wanted; draw++) chosen.add(hashNumbers(seed, draw) % count);
  return [...chosen].sort((a, b) => a - b);
}
