// Rules of sums and maxima: what is the same along the summed axes leaves the sum.
import type { Node } from '../ir/graph.ts';
import { elementCount, otherAxes, sizesAt, withoutAxes } from '../ops/shapes.ts';
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
} from './simplify-rule.ts';

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

/** Σ −x → −Σ x, Σ x · c → Σ x · c */
const sumOfScaled: Rule = (candidate, emit) => {
  const { x, axes } = operandsOf(candidate);
  const opposite = operandOf(emit, x, 'negate');
  if (opposite) return emit.negate(emit.sum(opposite, axes));
  const scaled = scaledOf(emit, x);
  return scaled && emit.multiply(emit.sum(scaled.of, axes), scaled.by);
};

/** Σ x · broadcast s → (Σ x) · s and Σ x / broadcast s → (Σ x) / s, where s is the same along the summed axes */
const sumOfProduct: Rule = (candidate, emit) => {
  const { x, axes } = operandsOf(candidate);
  if (x.operation !== 'multiply' && x.operation !== 'divide') return undefined;
  const [a, b] = x.inputs.map((id) => emit.node(id));
  if (!a || !b) return undefined;
  const kept = otherAxes(x.shape.length, axes);
  const factor = (node: Node) => {
    const spread = attributesOf(node, 'broadcast');
    const source = operandOf(emit, node, 'broadcast');
    if (!spread || !source || spread.axes.some((axis) => axes.includes(axis))) return undefined;
    return emit.broadcast(
      source,
      sizesAt(x.shape, kept),
      spread.axes.map((axis) => kept.indexOf(axis)),
    );
  };
  const right = factor(b);
  if (right) return emit.apply(x.operation, [emit.sum(a, axes), right]);
  const left = x.operation === 'multiply' ? factor(a) : undefined;
  return left && emit.multiply(emit.sum(b, axes), left);
};

/** Σ (x ± y) → Σ x ± Σ y, where one of them is known to be a constant */
const sumOfKnown: Rule = (candidate, emit) => {
  const { x, axes } = operandsOf(candidate);
  if (x.operation !== 'add' && x.operation !== 'subtract') return undefined;
  const operands = x.inputs.map((id) => emit.node(id));
  if (!operands.some((operand) => sumIsKnown(emit, operand, axes))) return undefined;
  return emit.apply(
    x.operation,
    operands.map((operand) => emit.sum(operand, axes)),
  );
};

function sumIsKnown(emit: RuleEmit, node: Node, axes: readonly number[]): boolean {
  const inner = operandOf(emit, node, 'negate') ?? scaledOf(emit, node)?.of;
  const places = attributesOf(inner ?? node, 'one_hot');
  return (
    constantOf(inner ?? node) !== undefined || (places !== undefined && axes.includes(node.shape.length - 1))
  );
}

/** Σ one_hot over its own axis → 1: an id is always in range */
const sumOfOneHot: Rule = (candidate, emit) => {
  const { x, axes } = operandsOf(candidate);
  const own = x.shape.length - 1;
  if (x.operation !== 'one_hot' || !axes.includes(own)) return undefined;
  return emit.sum(
    emit.constant(1, x.shape.slice(0, -1)),
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
    sumOfScaled,
    sumOfProduct,
    sumOfOneHot,
    sumOfKnown,
  ],
  max: [maxOfOne],
} satisfies RuleTable;
