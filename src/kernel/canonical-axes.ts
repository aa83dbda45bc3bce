// Renames the axes of a kernel canonically and readably: an axis' hint where it has one, else i, j, l, …, numbered where names clash.
// Kernels that compute the same formula get the same ids.
import type { Axis, Expression, Index, MapKernel } from '../ir/stages/type.ts';
import { mapOperands, outerScope, visitExpressions } from '../ir/stages/walk.ts';
import { UniqueNames } from './buffer-names.ts';

const letters = 'ijlmnopqrstuvwxyzabcdefgh';

export function canonicalAxes(kernel: MapKernel): MapKernel {
  const axes = [...kernel.axes];
  visitExpressions(kernel.body, outerScope(kernel.axes), (expression) => {
    if (expression.kind === 'reduce') axes.push(...expression.axes);
  });
  const hints = new Set(axes.flatMap((axis) => axis.hint ?? []));
  const free = [...letters].filter((letter) => !hints.has(letter));
  const names = new UniqueNames();
  const ids = new Map<string, string>();
  let unnamed = 0;
  for (const { id, hint } of axes) {
    if (!ids.has(id)) ids.set(id, names.take(hint ?? free[unnamed++ % free.length] ?? 'i'));
  }
  return { ...kernel, axes: renamed(kernel.axes, ids), body: renameAxes(kernel.body, ids) };
}

/** The expression with its reductions' axes and all indices renamed; axes that `ids` lacks keep their id. */
export function renameAxes(expression: Expression, ids: ReadonlyMap<string, string>): Expression {
  const index = (each: Index): Index => ({
    ...each,
    terms: each.terms.map(({ axis, factor }) => ({ axis: ids.get(axis) ?? axis, factor })),
  });
  const rewrite = (each: Expression): Expression => {
    const inner = mapOperands(each, rewrite, index);
    return inner.kind === 'reduce' ? { ...inner, axes: renamed(inner.axes, ids) } : inner;
  };
  return rewrite(expression);
}

function renamed(axes: readonly Axis[], ids: ReadonlyMap<string, string>): readonly Axis[] {
  return axes.map((axis) => ({ ...axis, id: ids.get(axis.id) ?? axis.id }));
}
