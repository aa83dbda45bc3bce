// Recognizes the one heavy form. A map kernel enters; if its body holds one sum of a product of two plain, possibly guarded reads,
// outside of which only element-wise arithmetic stands, the sum comes out taken apart, its axes sorted by where they occur.
// Matrix product, batched product, convolution and its gradients all come out as this.
import type { Axis, BufferId, Condition, Expression, Index, MapKernel } from '../../ir/stages/type.ts';
import { expressionKey, mapOperands, operandsOf } from '../../ir/stages/walk.ts';
import { readsEachOnce } from '../index-algebra.ts';

export type Reduction = Expression & { readonly kind: 'reduce' };

/** A read that is zero where a condition does not hold (padding); there its index may be out of bounds. */
export interface ContractionOperand {
  readonly buffer: BufferId;
  readonly index: readonly Index[];
  readonly conditions: readonly Condition[];
}

export interface Contraction {
  /** The sum as it stands in the kernel's body. It may stand there more than once; all are equal. */
  readonly sum: Reduction;
  readonly left: ContractionOperand;
  readonly right: ContractionOperand;
  /** Output axes of both operands, and axes of size one that neither has. */
  readonly batch: readonly Axis[];
  /** Output axes of the left operand alone. */
  readonly m: readonly Axis[];
  /** Output axes of the right operand alone. */
  readonly n: readonly Axis[];
  /** The axes that are summed over, in the sum's order. */
  readonly k: readonly Axis[];
  /** The kernel's body with `accumulator` reads in place of the sum: bias, activation and the like. */
  readonly epilogue: Expression;
}

/** The pseudo-buffer by which an epilogue reads the finished sum of its own element: `{ kind: 'read', buffer: accumulator, index: [] }`. */
export const accumulator: BufferId = -1;

export function asContraction(kernel: MapKernel): Contraction | undefined {
  const [sum, ...others] = outermostReductions(kernel.body);
  if (!sum || sum.reducer !== 'sum') return undefined;
  const key = expressionKey(sum);
  if (others.some((other) => expressionKey(other) !== key)) return undefined;
  const { value } = sum;
  if (value.kind !== 'apply' || value.function !== 'multiply') return undefined;
  const [left, right] = value.operands.map(asOperand);
  if (!left || !right) return undefined;
  const [inLeft, inRight] = [axesOf(left), axesOf(right)];
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
 * The contraction of a kernel that reads elements of both operands many times over, so that blocking and packing pay. Where an
 * operand is read once (a sum of products over all axes, a matrix times a vector), it is a plain reduction.
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

/** The reductions of an expression that stand in no other reduction. */
export function outermostReductions(expression: Expression): readonly Reduction[] {
  return expression.kind === 'reduce' ? [expression] : operandsOf(expression).flatMap(outermostReductions);
}

function axesOf({ index, conditions }: ContractionOperand): ReadonlySet<string> {
  const all = [...index, ...conditions.map((condition) => condition.index)];
  return new Set(all.flatMap((each) => each.terms.map((term) => term.axis)));
}

function replaceReductions(expression: Expression): Expression {
  if (expression.kind === 'reduce') return { kind: 'read', buffer: accumulator, index: [] };
  return mapOperands(expression, replaceReductions, (index) => index);
}
