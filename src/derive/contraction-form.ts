// Recognizes contractions that people write as matrix products: without the batch axis if every example has a matrix, and with examples
// as rows if each has a vector.
import { listOf, type Formula } from './formula.ts';

export interface MatrixForm {
  /** Whether the product is summed over the batch. */
  readonly overBatch: boolean;
  readonly left: { readonly transposed: boolean };
  readonly right: { readonly transposed: boolean };
  /** Whether the operands are swapped. */
  readonly swapped: boolean;
  readonly kind: 'matrices' | 'inner' | 'outer';
}

type Labels = readonly number[];

export interface ContractionLabels {
  readonly left: Labels;
  readonly right: Labels;
  readonly output: Labels;
}

export function labelsOf(formula: Formula): ContractionLabels | undefined {
  if (formula.kind !== 'apply' || formula.operation !== 'contraction') return undefined;
  return {
    left: listOf(formula, 'left'),
    right: listOf(formula, 'right'),
    output: listOf(formula, 'output'),
  };
}

/**
 * A contraction as a product of matrices or vectors; undefined if it is none.
 * @param isBatch whether a label may be the batch axis, which is recognized by its size
 */
export function matrixForm(
  contraction: ContractionLabels,
  isBatch: (label: number) => boolean,
): MatrixForm | undefined {
  const { labels, overBatch } = withoutBatch(contraction, isBatch);
  const { left, right, output } = labels;
  if (left.length > 2 || right.length > 2) return undefined;
  const shared = left.filter((label) => right.includes(label));
  if (shared.some((label) => output.includes(label))) return undefined;
  const [rows] = left.filter((label) => !right.includes(label));
  const [columns] = right.filter((label) => !left.includes(label));
  const kept = [rows, columns].filter((label) => label !== undefined);
  if (kept.length !== output.length || kept.some((label) => !output.includes(label))) return undefined;
  const [summed] = shared;
  if (summed === undefined) {
    if (left.length !== 1 || right.length !== 1) return undefined;
    const swapped = output[0] === columns;
    return { ...form('outer', swapped, !swapped), overBatch, swapped };
  }
  if (output.length === 0) {
    const isInner = shared.length === 1 || left.join() === right.join();
    return isInner ? { ...form('inner', false, false), overBatch, swapped: false } : undefined;
  }
  if (shared.length !== 1) return undefined;
  const swapped = columns !== undefined && (rows === undefined ? right.length === 2 : output[0] === columns);
  // The contracted axis is the last of the first operand and the first of the second; a vector on the right is a column.
  const isTransposed = (operand: Labels, place: number) => operand.length === 2 && operand[place] !== summed;
  const transposed = [isTransposed(left, swapped ? 0 : 1), isTransposed(right, swapped ? 1 : 0)] as const;
  return { ...form('matrices', ...transposed), overBatch, swapped };
}

function form(kind: MatrixForm['kind'], left: boolean, right: boolean) {
  return { kind, left: { transposed: left }, right: { transposed: right } };
}

/** The labels without the batch axis, if every example has its own product or the product is summed over all examples. */
function withoutBatch({ left, right, output }: ContractionLabels, isBatch: (label: number) => boolean) {
  const without = (label: number): ContractionLabels => {
    const drop = (labels: Labels) => (labels[0] === label ? labels.slice(1) : labels);
    return { left: drop(left), right: drop(right), output: drop(output) };
  };
  const [l, r, o] = [left[0], right[0], output[0]];
  if (o !== undefined && isBatch(o)) {
    const inBoth = l === o && r === o;
    const inOne = l === o || r === o;
    if (inBoth || (inOne && output.length > 2)) return { labels: without(o), overBatch: false };
  }
  if (l !== undefined && l === r && isBatch(l) && !output.includes(l) && left.length + right.length > 4)
    return { labels: without(l), overBatch: true };
  return { labels: { left, right, output }, overBatch: false };
}
