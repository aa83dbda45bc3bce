// Splits one axis of a kernel into two: i becomes inner · i₁ + i₂. The kernel computes the same values in the same order.
import type { Axis, Expression, MapKernel } from '../../ir/stages/type.ts';
import { mapOperands, outerScope, visitExpressions } from '../../ir/stages/walk.ts';
import { compose } from '../index-algebra.ts';
import type { SplitAxis } from './join-axes.ts';
import type { AxisSplit } from './reshape-index.ts';

export function splitAxis(
  kernel: MapKernel,
  { axis, inner }: AxisSplit,
  newAxis: (axis: Omit<Axis, 'id'>) => Axis,
): { readonly kernel: MapKernel; readonly split: SplitAxis } {
  const old = axesOf(kernel).find((each) => each.id === axis);
  if (!old) throw new Error(`${kernel.name} has no axis ${axis} to split`);
  const first = newAxis({ ...old, size: old.size / inner });
  const second = newAxis({ ...old, size: inner });
  const cut = (axes: readonly Axis[]) => axes.flatMap((each) => (each.id === axis ? [first, second] : each));
  const terms = [
    { axis: first.id, factor: inner },
    { axis: second.id, factor: 1 },
  ];
  const bindings = new Map([[axis, { constant: 0, terms, divisor: 1 }]]);
  const rewrite = (expression: Expression): Expression => {
    const own = expression.kind === 'reduce' ? { ...expression, axes: cut(expression.axes) } : expression;
    return mapOperands(own, rewrite, (index) => compose(index, bindings, []) ?? index);
  };
  return {
    kernel: { ...kernel, axes: cut(kernel.axes), body: rewrite(kernel.body) },
    split: { whole: old, first, second },
  };
}

function axesOf(kernel: MapKernel): readonly Axis[] {
  const axes = [...kernel.axes];
  visitExpressions(kernel.body, outerScope([]), (expression) => {
    if (expression.kind === 'reduce') axes.push(...expression.axes);
  });
  return axes;
}
