// A random matrix with orthonormal rows or columns, whichever are fewer, uniformly distributed (Haar): the Q of a normal
// matrix's QR factorization with the signs of R's diagonal made positive (Mezzadri 2007), by Householder reflections.
// Columns are reflected in panels of a few, interleaved: their dot products are independent chains of additions, which the processor
// runs side by side. Each column sees the same operations in the same order as it would alone, so that the values are the same.

/** Columns of a panel. */
const lanes = 4;

/** The reflection I - 2vv'; v is zero before `from`. */
interface Reflector {
  readonly from: number;
  readonly vector: Float64Array;
}

/**
 * A generator that yields often, so that the caller can do other work between.
 * @param normal standard normal numbers by index
 * @returns `rows` × `columns`, row-major
 */
export function* orthogonalMatrix(
  rows: number,
  columns: number,
  normal: (index: number) => number,
): Generator<undefined, Float64Array> {
  const tall = Math.max(rows, columns);
  const narrow = Math.min(rows, columns);
  const panel = new Float64Array(lanes * tall);
  const reflectors: Reflector[] = [];
  const signs: number[] = [];
  for (let first = 0; first < narrow; first += lanes) {
    for (let row = 0; row < tall; row++)
      for (let lane = 0; lane < lanes; lane++)
        panel[row * lanes + lane] = first + lane < narrow ? normal(row * narrow + first + lane) : 0;
    yield* reflect(panel, reflectors);
    for (let k = first; k < Math.min(first + lanes, narrow); k++) {
      const vector = Float64Array.from({ length: tall }, (_, row) => panel[row * lanes + k - first] ?? 0);
      signs.push(makeReflector(vector, k));
      const reflector = { from: k, vector };
      reflectors.push(reflector);
      yield* reflect(panel, [reflector]);
    }
  }

  const result = new Float64Array(rows * columns);
  for (let first = 0; first < narrow; first += lanes) {
    const width = Math.min(lanes, narrow - first);
    panel.fill(0);
    for (let lane = 0; lane < width; lane++) panel[(first + lane) * lanes + lane] = signs[first + lane] ?? 1;
    // Later reflectors leave the unit vector e_j unchanged: their product with it is 0.
    yield* reflect(panel, reflectors.slice(0, first + width).toReversed());
    for (let i = 0; i < tall; i++)
      for (let lane = 0; lane < width; lane++) {
        const j = first + lane;
        result[rows >= columns ? i * columns + j : j * columns + i] = panel[i * lanes + lane] ?? 0;
      }
  }
  return result;
}

/**
 * Turns a column's entries from k on into the unit vector v of the reflection I - 2vv' that maps them to ∓‖x‖ e_k, and returns
 * the sign of that diagonal entry of R.
 */
function makeReflector(column: Float64Array, k: number): number {
  const norm = Math.sqrt(squares(column, k));
  const head = column[k] ?? 0;
  // Of the opposite sign to the head, to avoid cancellation.
  const diagonal = head < 0 ? norm : -norm;
  column.fill(0, 0, k);
  column[k] = head - diagonal;
  const length = Math.sqrt(squares(column, k));
  if (length > 0) for (let i = k; i < column.length; i++) column[i] = (column[i] ?? 0) / length;
  return diagonal < 0 ? -1 : 1;
}

/** Applies reflectors, in order, to each column of a panel. */
function* reflect(panel: Float64Array, reflectors: readonly Reflector[]): Generator<undefined, void> {
  let [before] = reflectors;
  const factors = new Float64Array(lanes);
  for (const each of reflectors) {
    if (before) subtractAndMultiply(panel, before, each, factors);
    before = each;
    yield;
  }
  if (before) subtractAndMultiply(panel, before, before, factors);
}

/**
 * x ← x - v·factor for each column x of a panel, and its next factor, 2 (w·x) for the next reflector's w, in one pass over memory.
 * Factors of 0 change nothing.
 */
function subtractAndMultiply(panel: Float64Array, v: Reflector, w: Reflector, factors: Float64Array): void {
  const from = Math.min(v.from, w.from);
  const [first = 0, second = 0, third = 0, fourth = 0] = factors;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = from, at = lanes * from; i < v.vector.length; i++, at += lanes) {
    const old = v.vector[i] ?? 0;
    const next = w.vector[i] ?? 0;
    a += next * (panel[at] = (panel[at] ?? 0) - first * old);
    b += next * (panel[at + 1] = (panel[at + 1] ?? 0) - second * old);
    c += next * (panel[at + 2] = (panel[at + 2] ?? 0) - third * old);
    d += next * (panel[at + 3] = (panel[at + 3] ?? 0) - fourth * old);
  }
  factors[0] = 2 * a;
  factors[1] = 2 * b;
  factors[2] = 2 * c;
  factors[3] = 2 * d;
}

function squares(column: Float64Array, from: number): number {
  let total = 0;
  for (let i = from; i < column.length; i++) total += (column[i] ?? 0) ** 2;
  return total;
}
