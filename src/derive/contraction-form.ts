// Which contractions are products of matrices, as people write them: with the batch out of sight where every example has a matrix
// of its own, and with the examples as rows where each has a vector.
import type { Formula } from './formula.ts';

export interface MatrixForm {
  /** Axes of the batch that are summed over before all else. */
  readonly overBatch: boolean;
  readonly left: { readonly transposed: boolean };
  readonly right: { readonly transposed: boolean };
  /** The right operand stands first. */
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
  const read = (name: string): Labels => {
    const value = formula.attributes[name];
    return Array.isArray(value) ? (value as Labels) : [];
  };
  return { left: read('left'), right: read('right'), output: read('output') };
}

/** The axis of the batch is known by its size. */
export function matrixForm(
  { left, right, output }: ContractionLabels,
  isBatch: (label: number) => boolean,
): MatrixForm | undefined {
  const [l, r, o] = [[...left], [...right], [...output]];
  const drop = (label: number) => {
    for (const list of [l, r, o]) if (list[0] === label) list.shift();
  };
  const [leading] = o;
  let overBatch = false;
  if (leading !== undefined && isBatch(leading) && l[0] === leading && r[0] === leading) drop(leading);
  else if (
    leading !== undefined &&
    isBatch(leading) &&
    o.length > 2 &&
    (l[0] === leading || r[0] === leading)
  )
    drop(leading);
  else if (
    l[0] !== undefined &&
    l[0] === r[0] &&
    isBatch(l[0]) &&
    !o.includes(l[0]) &&
    l.length + r.length > 4
  ) {
    overBatch = true;
    drop(l[0]);
  }
  if (l.length > 2 || r.length > 2) return undefined;
  const shared = l.filter((label) => r.includes(label));
  if (shared.some((label) => o.includes(label))) return undefined;
  const [rows] = l.filter((label) => !r.includes(label));
  const [columns] = r.filter((label) => !l.includes(label));
  const kept = [rows, columns].filter((label) => label !== undefined);
  if (kept.length !== o.length || kept.some((label) => !o.includes(label))) return undefined;
  if (shared.length === 0) {
    if (l.length !== 1 || r.length !== 1) return undefined;
    const swapped = o[0] === columns;
    return {
      overBatch,
      left: { transposed: swapped },
      right: { transposed: !swapped },
      swapped,
      kind: 'outer',
    };
  }
  const [summed] = shared;
  if (shared.length !== 1 || summed === undefined) {
    const same = l.length === r.length && l.every((label, i) => label === r[i]);
    return same && o.length === 0
      ? {
          overBatch,
          left: { transposed: false },
          right: { transposed: false },
          swapped: false,
          kind: 'inner',
        }
      : undefined;
  }
  if (o.length === 0)
    return {
      overBatch,
      left: { transposed: false },
      right: { transposed: false },
      swapped: false,
      kind: 'inner',
    };
  const swapped = columns !== undefined && (rows === undefined ? r.length === 2 : o[0] === columns);
  const [first, second] = swapped ? [r, l] : [l, r];
  // the summed axis stands last in the first operand and first in the second; a vector is a column on the right
  const left_ = first.length === 2 && first[1] !== summed;
  const right_ = second.length === 2 && second[0] !== summed;
  return {
    overBatch,
    left: { transposed: swapped ? right_ : left_ },
    right: { transposed: swapped ? left_ : right_ },
    swapped,
    kind: 'matrices',
  };
}
