// Rules of element-wise primitives: constant folding, neutral and opposite operands, stable forms, less work under a broadcast.
import type { Node } from '../../ir/graph/type.ts';
import { overNames, scalar, scalarNames, type ScalarFunction } from '../../ir/scalar.ts';
import { sizesAt } from '../../ops/shapes.ts';
import {
  attributesOf,
  constantOf,
  operandOf,
  scaledOf,
  type Rule,
  type RuleEmit,
  type RuleTable,
} from './rule.ts';
import { elementCount } from '../../runtime/tensor.ts';

/** f(c) → a constant. A NaN or infinite result stays an operation, so that no target has to write it as a literal. */
const foldConstants: Rule = ({ operation, inputs }, emit) => {
  const [a, b, c] = inputs.map(constantOf);
  const known = [a, b, c].filter((value) => value !== undefined).length;
  const evaluate = operation === 'relu' ? (x: number) => Math.max(x, 0) : scalar[operation as ScalarFunction];
  if (known < inputs.length) return undefined;
  const value = evaluate(a ?? 0, b ?? 0, c ?? 0);
  return Number.isNaN(value) ? undefined : emit.constant(value, inputs[0]?.shape ?? []);
};

/** f(broadcast a, broadcast b, 2) → broadcast f(a, b, 2) */
const computeBeforeBroadcast: Rule = ({ operation, inputs }, emit) => {
  const [{ shape } = { shape: [] }] = inputs;
  const spreads = inputs.map((input) => attributesOf(input, 'broadcast'));
  if (inputs.some((input, i) => !spreads[i] && constantOf(input) === undefined)) return undefined;
  const kept = [...new Set(spreads.flatMap((spread) => spread?.axes ?? []))].sort((a, b) => a - b);
  const small = sizesAt(shape, kept);
  if (elementCount(small) >= elementCount(shape)) return undefined;
  const operands = inputs.map((input, i) => {
    const source = operandOf(emit, input, 'broadcast');
    if (!source) return emit.constant(constantOf(input) ?? 0, small);
    return emit.broadcast(
      source,
      small,
      (spreads[i]?.axes ?? []).map((axis) => kept.indexOf(axis)),
    );
  });
  return emit.broadcast(emit.apply(operation, operands), shape, kept);
};

/** x + 0 → x */
const addNothing: Rule = ({ inputs: [a, b] }) =>
  constantOf(b) === 0 ? a : constantOf(a) === 0 ? b : undefined;

/** x + −y → x − y */
const addOpposite: Rule = ({ inputs: [a, b] }, emit) => {
  const [left, right] = [operandOf(emit, a, 'negate'), operandOf(emit, b, 'negate')];
  if (a && right) return emit.subtract(a, right);
  return b && left ? emit.subtract(b, left) : undefined;
};

/** x · c ± y · c → (x ± y) · c, and x · −c − y · −c → (y − x) · c */
const factorOut: Rule = ({ operation, inputs: [a, b] }, emit) => {
  const [left, right] = [scaledOf(emit, a), scaledOf(emit, b)];
  if (!a || !b || !left || !right || left.by !== right.by || (emit.shared(a) && emit.shared(b)))
    return undefined;
  if (operation === 'add') return emit.multiply(emit.add(left.of, right.of), left.by);
  if (left.by < 0) return emit.multiply(emit.subtract(right.of, left.of), -left.by);
  return emit.multiply(emit.subtract(left.of, right.of), left.by);
};

/** where(c, x, 0) + where(c, 0, y) → where(c, x, y), each perhaps scaled; where(c, x · k, x · l) → x · where(c, k, l) */
const joinBranches: Rule = ({ inputs: [a, b] }, emit) => {
  const [p, q] = [branchOf(emit, a), branchOf(emit, b)];
  if (!p || !q || p.condition.id !== q.condition.id || p.holds === q.holds) return undefined;
  const [where, otherwise] = p.holds ? [p, q] : [q, p];
  if (where.value.id !== otherwise.value.id) {
    const scaled = [where, otherwise].map(({ value, by }) => emit.multiply(value, by));
    return emit.apply('select', [p.condition, ...scaled]);
  }
  return emit.multiply(where.value, emit.select(p.condition, where.by, otherwise.by));
};

/** A value that is nonzero only where a condition holds, or only where it does not. */
function branchOf(emit: RuleEmit, node: Node | undefined) {
  const { of, by } = scaledOf(emit, node) ?? { of: node, by: 1 };
  if (of?.operation !== 'select') return undefined;
  const [condition, a, b] = of.inputs.map((id) => emit.node(id));
  if (!condition || !a || !b) return undefined;
  if (constantOf(b) === 0) return { condition, value: a, by, holds: true };
  return constantOf(a) === 0 ? { condition, value: b, by, holds: false } : undefined;
}

/** x − 0 → x, 0 − x → −x, x − x → 0 */
const subtractNothing: Rule = ({ inputs: [a, b] }, emit) => {
  if (constantOf(b) === 0) return a;
  if (a && a.id === b?.id) return emit.constant(0, a.shape);
  return b && constantOf(a) === 0 ? emit.negate(b) : undefined;
};

/** x − −y → x + y, −x − y → −(x + y) */
const subtractOpposite: Rule = ({ inputs: [a, b] }, emit) => {
  const [left, right] = [operandOf(emit, a, 'negate'), operandOf(emit, b, 'negate')];
  if (a && right) return emit.add(a, right);
  return b && left ? emit.negate(emit.add(left, b)) : undefined;
};

/** x · 1 → x, x · −1 → −x, x · 0 → 0, (x · c) · d → x · (c · d), −x · c → x · −c */
const scale: Rule = ({ inputs: [a, b] }, emit) => {
  const [x, by] = constantOf(b) === undefined ? [b, constantOf(a)] : [a, constantOf(b)];
  if (!x || by === undefined) return undefined;
  if (by === 0) return emit.constant(0, x.shape);
  if (by === 1) return x;
  const inner = scaledOf(emit, x);
  if (inner) return emit.multiply(inner.of, inner.by * by);
  const opposite = operandOf(emit, x, 'negate');
  if (opposite) return emit.multiply(opposite, -by);
  return by === -1 ? emit.negate(x) : undefined;
};

/** (x · broadcast s) · broadcast t → x · broadcast (s · t); a number counts as a broadcast */
const scaleOnce: Rule = ({ inputs: [a, b] }, emit) => {
  const small = (node: Node | undefined) => node?.operation === 'broadcast' || constantOf(node) !== undefined;
  const [product, factor] = small(a) ? [b, a] : [a, b];
  if (!product || !factor || !small(factor) || product.operation !== 'multiply' || emit.shared(product))
    return undefined;
  const [c, d] = product.inputs.map((id) => emit.node(id));
  const [x, inner] = small(c) ? [d, c] : [c, d];
  if (!x || !inner || !small(inner) || small(x)) return undefined;
  const both = emit.multiply(inner, factor);
  return both.operation === 'broadcast' ? emit.multiply(x, both) : undefined;
};

/** −x · y → −(x · y), −x / y → −(x / y); likewise for y */
const signOutside: Rule = ({ operation, inputs: [a, b] }, emit) => {
  const [left, right] = [operandOf(emit, a, 'negate'), operandOf(emit, b, 'negate')];
  if (!a || !b || (!left && !right)) return undefined;
  const positive = emit.apply(operation, [left ?? a, right ?? b]);
  return left && right ? positive : emit.negate(positive);
};

/** x / c → x · (1 / c), where 1 / c is a normal float32 */
const divideByConstant: Rule = ({ inputs: [x, b] }, emit) => {
  const by = constantOf(b);
  const factor = by === undefined ? 0 : 1 / by;
  if (!x || Math.abs(factor) < 2 ** -126 || Math.abs(factor) > 2 ** 126) return undefined;
  return emit.multiply(x, factor);
};

/** x / broadcast √s → x · broadcast (1 / √s): 1 / √s never overflows where the root is not 0 */
const divideByRoot: Rule = ({ inputs: [x, b] }, emit) => {
  const spread = attributesOf(b, 'broadcast');
  const source = operandOf(emit, b, 'broadcast');
  if (!x || !spread || source?.operation !== 'sqrt') return undefined;
  return emit.multiply(x, emit.broadcast(emit.divide(1, source), spread.shape, spread.axes));
};

/** 0 / x → 0 */
const divideNothing: Rule = ({ inputs: [a] }, emit) =>
  constantOf(a) === 0 ? emit.constant(0, a?.shape ?? []) : undefined;

/** −−x → x, −(x − y) → y − x, −(x · c) → x · −c */
const oppositeOf: Rule = ({ inputs: [x] }, emit) => {
  const twice = operandOf(emit, x, 'negate');
  if (twice) return twice;
  const scaled = scaledOf(emit, x);
  if (scaled) return emit.multiply(scaled.of, -scaled.by);
  if (!x || x.operation !== 'subtract' || emit.shared(x)) return undefined;
  const [a, b] = x.inputs.map((id) => emit.node(id));
  return a && b && emit.subtract(b, a);
};

/** Small integer powers become products, which every target computes alike; x^½ → √x, x^−n → 1 / x^n, 1^x → 1 */
const powerByConstant: Rule = ({ inputs: [x, b] }, emit) => {
  if (!x) return undefined;
  if (constantOf(x) === 1) return x;
  const square = (of: Node) => emit.multiply(of, of);
  switch (constantOf(b)) {
    case 0:
      return emit.constant(1, x.shape);
    case 1:
      return x;
    case 2:
      return square(x);
    case 3:
      return emit.multiply(square(x), x);
    case 4:
      return square(square(x));
    case 0.5:
      return emit.sqrt(x);
    case -0.5:
      return emit.divide(1, emit.sqrt(x));
    case -1:
      return emit.divide(1, x);
    case -2:
      return emit.divide(1, square(x));
    default:
      return undefined;
  }
};

/** where(1, a, b) → a, where(0, a, b) → b, where(c, a, a) → a */
const selectKnown: Rule = ({ inputs: [condition, a, b] }) => {
  const known = constantOf(condition);
  if (known === undefined) return a?.id === b?.id ? a : undefined;
  return known === 0 ? b : a;
};

/** where(one_hot, c, 0) → one_hot · c for a number c: a product leaves sums and joins other products */
const selectOneHot: Rule = ({ inputs: [condition, a, b] }, emit) => {
  const value = constantOf(a);
  if (condition?.operation !== 'one_hot' || constantOf(b) !== 0) return undefined;
  return value === undefined || !Number.isFinite(value) ? undefined : emit.multiply(condition, value);
};

/** log softmax x → log_softmax x, log exp x → x */
const logarithmOf: Rule = ({ inputs: [x] }, emit) => {
  const softmax = attributesOf(x, 'softmax');
  const logits = operandOf(emit, x, 'softmax');
  if (softmax && logits) return emit.apply('log_softmax', [logits], softmax);
  return operandOf(emit, x, 'exp');
};

const always = [foldConstants, computeBeforeBroadcast] as const satisfies readonly Rule[];

export const arithmeticRules = {
  ...overNames(scalarNames, () => always),
  relu: always,
  negate: [oppositeOf, ...always],
  log: [logarithmOf, ...always],
  add: [addNothing, addOpposite, factorOut, joinBranches, ...always],
  subtract: [subtractNothing, subtractOpposite, factorOut, ...always],
  multiply: [scale, signOutside, scaleOnce, ...always],
  divide: [divideNothing, divideByConstant, signOutside, ...always, divideByRoot],
  power: [powerByConstant, ...always],
  select: [selectKnown, selectOneHot, ...always],
} satisfies RuleTable;
