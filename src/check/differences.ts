// Compares a derivative with central differences of a function of one number at several step sizes. A step across a kink (a ReLU's, a
// maximum's) gives the mean of two slopes; then smaller steps disagree with larger ones.

/** Descending. The first is compared; the others distinguish a kink from an error. */
export const steps = [1e-4, 1e-5, 1e-6] as const;

export const relativeTolerance = 1e-6;
export const absoluteTolerance = 1e-8;

export type Agreement = 'right' | 'wrong' | 'kink';

/** Computes the difference for one step size. */
export type Differences = (step: number) => number;

export function differentiateNumerically(loss: (offset: number) => number): Differences {
  return (step) => (loss(step) - loss(-step)) / (2 * step);
}

/** Compares a derivative with the differences; `loss` is the function's magnitude, for the rounding error of small steps. */
export function agreement(
  derivative: number,
  differences: Differences,
  loss: number,
  tried: readonly number[] = steps,
): { readonly agreement: Agreement; readonly difference: number } {
  const found: number[] = [];
  for (const step of tried) {
    const difference = differences(step);
    found.push(difference);
    if (near(derivative, difference, rounding(loss, step))) return { agreement: 'right', difference };
  }
  const first = found[0] ?? NaN;
  const [second = NaN, third = NaN] = found.slice(-2);
  // For a smooth function, a tenth of the step has a hundredth of the error: the last two nearly agree.
  const smooth = near(second, third, 100 * rounding(loss, steps[2]) + 1e-4 * Math.abs(third));
  const finite = found.every(Number.isFinite) && Number.isFinite(derivative);
  if (!finite || smooth) return { agreement: 'wrong', difference: finite ? second : first };
  return { agreement: 'kink', difference: third };
}

function near(a: number, b: number, slack: number): boolean {
  return (
    Math.abs(a - b) <= absoluteTolerance + relativeTolerance * Math.max(Math.abs(a), Math.abs(b)) + slack
  );
}

/** The cancellation error of subtracting two nearly equal losses. */
function rounding(loss: number, step: number): number {
  return (4 * Number.EPSILON * Math.max(1, loss)) / step;
}
