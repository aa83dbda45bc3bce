// Decides which formulas read better with indices: sliding windows, and contractions that are no matrix products.
import { labelsOf, matrixForm } from './contraction-form.ts';
import type { Applied, Formula } from './formula.ts';
import type { Naming } from './naming.ts';
import { batchSize } from './symbolic-layer.ts';

const opaque: ReadonlySet<string> = new Set([
  'concat',
  'pad',
  'cumulative_sum',
  'reverse',
  'gather',
  'scatter_add',
]);

/** Whether a formula reads better with indices than with matrices. */
export function wantsIndices(formula: Formula, naming: Naming): boolean {
  let found = false as boolean;
  let hidden = false as boolean;
  const visit = (each: Formula): void => {
    if (each.kind === 'sum') each.terms.forEach(visit);
    if (each.kind === 'product') [...each.factors, ...each.divisors].forEach(visit);
    if (each.kind === 'row') visit(each.of);
    if (each.kind === 'over') visit(each.body);
    if (each.kind !== 'apply') return;
    if (['windows', 'unwindows', 'argmax'].includes(each.operation)) found = true;
    if (opaque.has(each.operation) || (each.operation === 'reshape' && !onlyOnes(each))) hidden = true;
    const labels = labelsOf(each);
    const [a, b] = each.operands;
    if (labels && a && b) {
      const size = (label: number) =>
        a.shape[labels.left.indexOf(label)] ?? b.shape[labels.right.indexOf(label)];
      if (!matrixForm(labels, (label) => size(label) === batchSize)) found = true;
    }
    each.operands.forEach(visit);
  };
  visit(formula);
  return found && !hidden && naming.sizes.length > 0;
}

/** Whether a reshape only adds or drops axes of size 1. */
export function onlyOnes({ shape, operands: [operand] }: Applied): boolean {
  const solid = (sizes: readonly number[]) => sizes.filter((size) => size !== 1).join();
  return solid(shape) === solid(operand?.shape ?? []);
}
