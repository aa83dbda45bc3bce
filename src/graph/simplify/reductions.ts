// Rules of sums and maxima: factors that are invariant along the reduced axes are moved out.
import type { Node } from '../../ir/graph/type.ts';
import { otherAxes, sizesAt, withoutAxes } from '../../ops/shapes.ts';
import {
  attributesOf,
  constantOf,
  operandOf,
  ownAttributes,
  scaledOf,
  type Candidate,
  type Rule,
  type RuleEmit,
  type RuleTable,
} from './rule.ts';
import { elementCount } from '../../runtime/tensor.ts';

/** A sum over axes of size 1 → a reshape; the rest in ascending order */
const sumInOrder: Rule = (candidate, emit) => {
  const { x, axes } = operandsOf(candidate);
  const long = axes.filter((axis) => (x.shape[axis] ?? 1) > 1).sort((a, b) => a - b);
  if (long.length === axes.length && long.every((axis, i) => axis === axes[i]))
    return axes.length === 0 ? x : undefined;
  const shape = withoutAxes(x.shape, axes);
  return emit.reshape(emit.sum(x, long), shape);
};

/** Σ c → c · count */
const sumOfConstant: Rule = (candidate, emit) => {
  const { x, axes } = operandsOf(candidate);
  const value = constantOf(x);
  if (value === undefined) return undefined;
  return emit.constant(value * elementCount(sizesAt(x.shape, axes)), withoutAxes(x.shape, axes));
};

/** Σ Σ x → Σ x */
const sumOfSum: Rule = (candidate, emit) => {
  const { x, axes } = operandsOf(candidate);
  const inner = attributesOf(x, 'sum');
  const source = operandOf(emit, x, 'sum');
  if (!inner || !source) return undefined;
  const kept = otherAxes(source.shape.length, inner.axes);
  return emit.sum(source, [...inner.axes, ...axes.flatMap((axis) => kept[axis] ?? [])]);
};

/** Σ (broadcast x) → broadcast (Σ x · count) */
const sumOfBroadcast: Rule = (candidate, emit) => {
  const { x, axes } = operandsOf(candidate);
  const spread = attributesOf(x, 'broadcast');
  const source = operandOf(emit, x, 'broadcast');
  if (!spread || !source) return undefined;
  const repeated = axes.filter((axis) => !spread.axes.includes(axis));
  const own = axes.map((axis) => spread.axes.indexOf(axis)).filter((axis) => axis >= 0);
  const total = emit.multiply(emit.sum(source, own), elementCount(sizesAt(x.shape, repeated)));
  const kept = otherAxes(x.shape.length, axes);
  const places = otherAxes(source.shape.length, own).map((axis) => kept.indexOf(spread.axes[axis] ?? 0));
  return emit.broadcast(total, sizesAt(x.shape, kept), places);
};

/** Σ (transpose x) → transpose (Σ x) */
const sumOfTranspose: Rule = (candidate, emit) => {
  const { x, axes } = operandsOf(candidate);
  const turned = attributesOf(x, 'transpose');
  const source = operandOf(emit, x, 'transpose');
  if (!turned || !source) return undefined;
  const own = axes.map((axis) => turned.permutation[axis] ?? 0);
  const left = otherAxes(source.shape.length, own);
  const order = turned.permutation.filter((axis) => !own.includes(axis)).map((axis) => left.indexOf(axis));
  return emit.transpose(emit.sum(source, own), order);
};

/** Σ x · broadcast s / broadcast t · −c → (Σ x) · s / t · −c, where s and t are invariant along the summed axes */
const sumOfProduct: Rule = (candidate, emit) => {
  const { x, axes } = operandsOf(candidate);
  const { rest, outside, over, scale } = factorsOf(emit, x, axes, 4);
  if (rest === x || !rest || (emit.shared(x) && !sumIsFree(emit, rest, axes, 6))) return undefined;
  const total = emit.multiply(emit.sum(rest, axes), scale);
  const product = outside ? emit.multiply(total, outside) : total;
  return over ? emit.divide(product, over) : product;
};

interface Factors {
  /** The factors that vary along the summed axes; absent where there are none. */
  readonly rest: Node | undefined;
  /** The invariant factors, in the shape of the sum. */
  readonly outside: Node | undefined;
  readonly over: Node | undefined;
  readonly scale: number;
}

/** Splits the factors of a product by whether they vary along the axes. */
function factorsOf(emit: RuleEmit, node: Node, axes: readonly number[], depth: number): Factors {
  const whole = { rest: node, outside: undefined, over: undefined, scale: 1 };
  const fixed = alongKept(emit, node, axes);
  if (typeof fixed === 'number') return { ...whole, rest: undefined, scale: fixed };
  if (fixed) return { ...whole, rest: undefined, outside: fixed };
  if (depth === 0) return whole;
  const [a, b] = node.inputs.map((id) => emit.node(id));
  if (a && node.operation === 'negate') {
    const inner = factorsOf(emit, a, axes, depth - 1);
    return { ...inner, scale: -inner.scale };
  }
  if (a && b && node.operation === 'divide') {
    const divisor = alongKept(emit, b, axes);
    if (!divisor || typeof divisor === 'number') return whole;
    const inner = factorsOf(emit, a, axes, depth - 1);
    return { ...inner, over: productOf(emit, inner.over, divisor) };
  }
  if (!a || !b || node.operation !== 'multiply') return whole;
  const [left, right] = [factorsOf(emit, a, axes, depth - 1), factorsOf(emit, b, axes, depth - 1)];
  if (left.rest === a && right.rest === b) return whole;
  return {
    rest: productOf(emit, left.rest, right.rest),
    outside: productOf(emit, left.outside, right.outside),
    over: productOf(emit, left.over, right.over),
    scale: left.scale * right.scale,
  };
}

function productOf(emit: RuleEmit, a: Node | undefined, b: Node | undefined): Node | undefined {
  return a && b ? emit.multiply(a, b) : (a ?? b);
}

function staysAlong(node: Node, axes: readonly number[]): boolean {
  const spread = attributesOf(node, 'broadcast');
  return constantOf(node) !== undefined || spread?.axes.every((axis) => !axes.includes(axis)) === true;
}

/** An invariant value without the axes: a number, or a node. */
function alongKept(emit: RuleEmit, node: Node, axes: readonly number[]): Node | number | undefined {
  const value = constantOf(node);
  const spread = attributesOf(node, 'broadcast');
  const source = operandOf(emit, node, 'broadcast');
  if (value !== undefined || !spread || !source || !staysAlong(node, axes)) return value;
  const kept = otherAxes(node.shape.length, axes);
  const places = spread.axes.map((axis) => kept.indexOf(axis));
  return emit.broadcast(source, sizesAt(node.shape, kept), places);
}

/** Σ (x ± y) → Σ x ± Σ y, where both sums are free, or one operand is a number */
const sumOfTerms: Rule = (candidate, emit) => {
  const { x, axes } = operandsOf(candidate);
  if (x.operation !== 'add' && x.operation !== 'subtract') return undefined;
  const terms = x.inputs.map((id) => emit.node(id));
  const free = terms.every((term) => sumIsFree(emit, term, axes, 6));
  if (!free && (emit.shared(x) || !terms.some((term) => sumIsNumber(emit, term, axes)))) return undefined;
  return emit.apply(
    x.operation,
    terms.map((term) => emit.sum(term, axes)),
  );
};

function sumIsNumber(emit: RuleEmit, node: Node, axes: readonly number[]): boolean {
  const inner = operandOf(emit, node, 'negate') ?? scaledOf(emit, node)?.of ?? node;
  return constantOf(inner) !== undefined || sumsOneHot(inner, axes);
}

/** Whether the sum costs no pass over the node: it exists already, or these rules derive it from sums that do. */
function sumIsFree(emit: RuleEmit, node: Node, axes: readonly number[], depth: number): boolean {
  if (constantOf(node) !== undefined || sumsOneHot(node, axes) || emit.known('sum', [node], { axes }))
    return true;
  if (depth === 0) return false;
  const free = (inner: Node | undefined) => inner !== undefined && sumIsFree(emit, inner, axes, depth - 1);
  const fixed = (inner: Node | undefined) =>
    inner !== undefined && alongKept(emit, inner, axes) !== undefined;
  const [a, b] = node.inputs.map((id) => emit.node(id));
  switch (node.operation) {
    case 'broadcast':
      return a !== undefined && elementCount(a.shape) < elementCount(node.shape);
    case 'negate':
      return free(a);
    case 'add':
    case 'subtract':
      return free(a) && free(b);
    case 'multiply':
      return (fixed(a) && free(b)) || (fixed(b) && free(a));
    case 'divide':
      return fixed(b) && free(a);
    default:
      return false;
  }
}

function sumsOneHot(node: Node, axes: readonly number[]): boolean {
  return node.operation === 'one_hot' && axes.includes(node.shape.length - 1);
}

/** Σ one_hot over its own axis → 1, as an id is always in range */
const sumOfOneHot: Rule = (candidate, emit) => {
  const { x, axes } = operandsOf(candidate);
  const own = x.shape.length - 1;
  if (!sumsOneHot(x, axes)) return undefined;
  return emit.sum(
    emit.constant(1, x.shape.slice(0, -1)),
    axes.filter((axis) => axis !== own),
  );
};

/** Σ where(one_hot, x, 0) over the axis of one_hot → x, where x is invariant along it */
const sumOfPicked: Rule = (candidate, emit) => {
  const { x, axes } = operandsOf(candidate);
  if (x.operation !== 'select') return undefined;
  const [condition, value, otherwise] = x.inputs.map((id) => emit.node(id));
  const own = x.shape.length - 1;
  if (!condition || !value || constantOf(otherwise) !== 0 || !sumsOneHot(condition, axes)) return undefined;
  const picked = alongKept(emit, value, [own]);
  if (picked === undefined) return undefined;
  const rows = typeof picked === 'number' ? emit.constant(picked, x.shape.slice(0, -1)) : picked;
  return emit.sum(
    rows,
    axes.filter((axis) => axis !== own),
  );
};

/** max over axes of size 1 → a reshape, max c → c */
const maxOfOne: Rule = (candidate, emit) => {
  const { axes } = ownAttributes(candidate, 'max');
  const [x] = candidate.inputs;
  if (!x) return undefined;
  const shape = withoutAxes(x.shape, axes);
  const value = constantOf(x);
  if (value !== undefined) return emit.constant(value, shape);
  return elementCount(shape) === elementCount(x.shape) ? emit.reshape(x, shape) : undefined;
};

function operandsOf(candidate: Candidate) {
  const [x] = candidate.inputs;
  if (!x) throw new Error('a sum needs an operand');
  return { x, axes: ownAttributes(candidate, 'sum').axes };
}

export const reductionRules = {
  sum: [
    sumInOrder,
    sumOfConstant,
    sumOfSum,
    sumOfBroadcast,
    sumOfTranspose,
    sumOfOneHot,
    sumOfPicked,
    sumOfProduct,
    sumOfTerms,
  ],
  max: [maxOfOne],
} satisfies RuleTable;
