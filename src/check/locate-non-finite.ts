// Finds the first operation that computes a NaN or an infinity in a program with given inputs: the program is run kernel by kernel,
// unfused, and the value is traced back through its operands. An intended infinity (the padding of a maximum, a mask) is no fault: only a
// NaN computed from it is.
import type { Graph, Origin, Phase } from '../ir/graph/type.ts';
import type { Bindings } from '../ir/stages/interpret.ts';
import type { BufferId, Expression, Kernel, KernelProgram } from '../ir/stages/type.ts';
import { buffersRead, outerScope, visitExpressions } from '../ir/stages/walk.ts';
import { lower } from '../kernel/lower.ts';
import { explainValue, type Culprit } from './explain-value.ts';
import { rootOf, runKernels, type Values } from './run-kernels.ts';

export interface NonFiniteOrigin {
  /** The value's name, for people: `log_1`, `d_linear_1.W`, the input `x`. */
  readonly name: string;
  readonly origin: Origin;
  readonly phase: Phase;
  /** Whether an input or a stored tensor had the value before the program ran. */
  readonly leaf: 'input' | 'stored' | undefined;
  readonly culprit: Culprit | undefined;
  /** The number of non-finite elements. */
  readonly count: number;
  readonly elements: number;
}

interface Finding {
  readonly kernel: Kernel | undefined;
  readonly hasNaN: boolean;
  /** All non-finite values are intended infinities. */
  readonly intended: boolean;
  /** The buffers of the findings that caused it. */
  readonly from: readonly BufferId[];
  readonly order: number;
  readonly culprit: Culprit | undefined;
  readonly count: number;
  readonly elements: number;
}

/**
 * @param graph of a program `step`, `gradient` or `evaluate`; simplified, as it is compiled
 * @returns undefined if neither the loss nor an update is NaN or an infinity
 */
export async function locateNonFinite(
  graph: Graph,
  bindings: Omit<Bindings, 'precision'>,
  pause: () => Promise<void> = async () => {},
): Promise<NonFiniteOrigin | undefined> {
  const program = lower(graph);
  const root = rootOf(program);
  const findings = findLeaves(program, bindings);
  const losses = program.outputs.filter(({ name }) => name === 'loss').map(({ buffer }) => root(buffer));
  await runKernels(
    program,
    bindings,
    (kernel, output, values) => {
      const finding = examine(program, kernel, output, values, findings);
      if (finding) findings.set(root(kernel.output), finding);
      // if the loss is not finite, tracing back through the gradients adds nothing
      return finding?.intended === false && losses.includes(root(kernel.output));
    },
    pause,
  );
  const results = [
    ...program.outputs
      .filter(({ name }) => name === 'loss' || name.startsWith('gradient.'))
      .map(({ buffer }) => buffer),
    ...program.updates.map(({ value }) => value),
  ].map(root);
  const first = firstCause(findings, results);
  if (!first) return undefined;
  const [buffer, { kernel, culprit, count, elements }] = first;
  const { name = '', role } = program.buffers.find(({ id }) => id === buffer) ?? {};
  return {
    name,
    origin: kernel?.origin ?? { path: '' },
    phase: kernel?.phase ?? 'forward',
    leaf: kernel ? undefined : role?.kind === 'input' ? 'input' : 'stored',
    culprit,
    count,
    elements,
  };
}

function findLeaves(
  { buffers }: KernelProgram,
  { inputs, stored }: Omit<Bindings, 'precision'>,
): Map<BufferId, Finding> {
  const findings = new Map<BufferId, Finding>();
  for (const { id, name, role, alias } of buffers) {
    if (alias !== undefined || role.kind === 'temporary') continue;
    const values = role.kind === 'input' ? inputs.get(name) : stored.get(role.path);
    const state = stateOf(values ?? []);
    if (state.count === 0) continue;
    const intended = role.kind === 'stored' && role.storage === 'constant' && !state.hasNaN;
    findings.set(id, { kernel: undefined, ...state, intended, from: [], order: -1, culprit: undefined });
  }
  return findings;
}

function examine(
  program: KernelProgram,
  kernel: Kernel,
  output: Float32Array,
  values: Values,
  findings: ReadonlyMap<BufferId, Finding>,
): Finding | undefined {
  const state = stateOf(output);
  if (state.count === 0) return undefined;
  const root = rootOf(program);
  const inputs = [...new Set(buffersRead(kernel).map(root))].filter((id) => findings.has(id));
  const nan = inputs.filter((id) => findings.get(id)?.hasNaN);
  const infinite = inputs.filter((id) => !findings.get(id)?.intended);
  const literal = kernel.kind === 'map' && hasInfiniteLiteral(kernel.body);
  const meant = literal || inputs.length > infinite.length;
  const intended = !state.hasNaN && infinite.length === 0 && meant;
  // a NaN is caused by a NaN operand, if there is one; else by an unintended infinity
  const from = state.hasNaN && nan.length > 0 ? nan : infinite;
  const order = program.kernels.indexOf(kernel);
  const culprit = from.length === 0 && !intended ? explain(program, kernel, state.first, values) : undefined;
  return { kernel, ...state, intended, from, order, culprit };
}

interface State {
  readonly count: number;
  readonly elements: number;
  readonly hasNaN: boolean;
  /** The first NaN, or else the first infinity. */
  readonly first: number;
}

function stateOf(values: ArrayLike<number>): State {
  let count = 0;
  let first = -1;
  let hasNaN = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    // true for finite values only: NaN - NaN and ∞ - ∞ are NaN
    if (value - value === 0) continue;
    count++;
    if (first < 0 || (!hasNaN && Number.isNaN(value))) first = i;
    hasNaN ||= Number.isNaN(value);
  }
  return { count, elements: values.length, hasNaN, first };
}

function hasInfiniteLiteral(body: Expression): boolean {
  let found = false;
  visitExpressions(body, outerScope([]), (expression) => {
    if (expression.kind === 'number') found ||= !Number.isFinite(expression.value);
    if (expression.kind === 'guard') found ||= !Number.isFinite(expression.otherwise);
  });
  return found;
}

function explain(
  program: KernelProgram,
  kernel: Kernel,
  element: number,
  values: Values,
): Culprit | undefined {
  if (kernel.kind !== 'map') return { operation: 'sum', operands: [], result: Infinity };
  const root = rootOf(program);
  const positions = new Map<string, number>();
  let rest = element;
  for (const axis of [...kernel.axes].reverse()) {
    positions.set(axis.id, rest % axis.size);
    rest = Math.floor(rest / axis.size);
  }
  return explainValue(kernel.body, positions, {
    shapeOf: (id) => program.buffers.find((buffer) => buffer.id === id)?.shape ?? [],
    valuesOf: (id) => values.get(root(id)) ?? [],
  });
}

/** The root cause: the earliest finding that no other caused. */
function firstCause(
  findings: ReadonlyMap<BufferId, Finding>,
  results: readonly BufferId[],
): readonly [BufferId, Finding] | undefined {
  const seen = new Set<BufferId>();
  const waiting = results.filter((id) => findings.get(id)?.intended === false);
  let first: readonly [BufferId, Finding] | undefined;
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const finding = findings.get(id);
    if (!finding || seen.has(id)) continue;
    seen.add(id);
    if (finding.from.length === 0 && (!first || finding.order < first[1].order)) first = [id, finding];
    waiting.push(...finding.from);
  }
  return first;
}
