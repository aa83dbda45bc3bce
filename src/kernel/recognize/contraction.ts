// Recognizes contractions: kernels whose body holds one sum of products of two plain, possibly guarded reads, with an element-wise
// epilogue. Matrix product, batched product, convolution and its gradients all have this form.
import {
  accumulator,
  type Contraction,
  type ContractionOperand,
  type Expression,
  type Index,
  type MapKernel,
  type Reduction,
} from '../../ir/stages/type.ts';
import { expressionKey, mapOperands, operandsOf } from '../../ir/stages/walk.ts';
import { readsEachOnce } from '../index-algebra.ts';

export function asContraction(kernel: MapKernel): Contraction | undefined {
  const [sum, ...others] = outermostReductions(kernel.body);
  if (!sum || sum.reducer !== 'sum') return undefined;
  const key = expressionKey(sum);
  if (others.some((other) => expressionKey(other) !== key)) return undefined;
  const { value } = sum;
  if (value.kind !== 'apply' || value.function !== 'multiply') return undefined;
  const [left, right] = value.operands.map(asOperand);
  if (!left || !right) return undefined;
  const [inLeft, inRight] = [axesOfOperand(left), axesOfOperand(right)];
  const where = (left: boolean, right: boolean) =>
    kernel.axes.filter(({ id }) => inLeft.has(id) === left && inRight.has(id) === right);
  const batch = kernel.axes.filter(({ id }) => inLeft.has(id) === inRight.has(id));
  return {
    sum,
    left,
    right,
    batch,
    m: where(true, false),
    n: where(false, true),
    k: sum.axes,
    epilogue: replaceReductions(kernel.body),
  };
}

/**
 * The contraction of a kernel that rereads elements of both operands, so that blocking and packing pay. Where an operand is read once (a
 * sum of products over all axes, a matrix times a vector), it is a plain reduction.
 */
export function heavyContraction(kernel: MapKernel): Contraction | undefined {
  const contraction = asContraction(kernel);
  if (!contraction) return undefined;
  const axes = [...kernel.axes, ...contraction.k];
  const rereads = ({ index, conditions }: ContractionOperand) => !readsEachOnce(index, axes, conditions);
  return rereads(contraction.left) && rereads(contraction.right) ? contraction : undefined;
}

/** A plain read, or one whose guard gives zero. */
export function asOperand(expression: Expression): ContractionOperand | undefined {
  if (expression.kind === 'guard') {
    const inner = expression.otherwise === 0 ? asOperand(expression.value) : undefined;
    return inner && { ...inner, conditions: [...expression.conditions, ...inner.conditions] };
  }
  if (expression.kind !== 'read') return undefined;
  const index = expression.index.filter((each): each is Index => !('kind' in each));
  if (index.length !== expression.index.length) return undefined;
  return { buffer: expression.buffer, index, conditions: [] };
}

/** The outermost reductions of an expression. */
export function outermostReductions(expression: Expression): readonly Reduction[] {
  return expression.kind === 'reduce' ? [expression] : operandsOf(expression).flatMap(outermostReductions);
}

/** Every index of an operand, including those of its conditions. */
export function indicesOf({ index, conditions }: ContractionOperand): readonly Index[] {
  return [...index, ...conditions.map((condition) => condition.index)];
}

export function axesOfOperand(operand: ContractionOperand): ReadonlySet<string> {
  return new Set(indicesOf(operand).flatMap((each) => each.terms.map((term) => term.axis)));
}

function replaceReductions(expression: Expression): Expression {
  if (expression.kind === 'reduce') return { kind: 'read', buffer: accumulator, index: [] };
  return mapOperands(expression, replaceReductions, (index) => index);
}
