// A random matrix with orthonormal rows or columns, whichever are fewer, uniformly distributed (Haar): the Q of a normal
// matrix's QR factorisation with the signs of R's diagonal made positive (Mezzadri 2007), by Householder reflections.

/**
 * @param normal standard normal numbers by index
 * @returns `rows` × `columns`, row-major
 */
export function orthogonalMatrix(
  rows: number,
  columns: number,
  normal: (index: number) => number,
): Float64Array {
  const tall = Math.max(rows, columns);
  const narrow = Math.min(rows, columns);
  // Column by column, so that every inner loop runs over neighbors.
  const reflectors = Array.from({ length: narrow }, (_, column) =>
    Float64Array.from({ length: tall }, (_, row) => normal(row * narrow + column)),
  );
  const signs = reflectors.map((column, k) => {
    const sign = makeReflector(column, k);
    for (const later of reflectors.slice(k + 1)) reflect(column, k, later);
    return sign;
  });

  const result = new Float64Array(rows * columns);
  for (let j = 0; j < narrow; j++) {
    const column = new Float64Array(tall);
    column[j] = signs[j] ?? 1;
    // Reflectors after j leave a unit vector e_j alone.
    for (let k = j; k >= 0; k--) reflect(reflectors[k] ?? column, k, column);
    column.forEach((value, i) => (result[rows >= columns ? i * columns + j : j * columns + i] = value));
  }
  return result;
}

/**
 * Turns a column's entries from k on into the unit vector v of the reflection I - 2vv' that maps them to ∓‖x‖ e_k, and gives
 * the sign of that diagonal entry of R.
 */
function makeReflector(column: Float64Array, k: number): number {
  const norm = Math.sqrt(squares(column, k));
  const head = column[k] ?? 0;
  // Away from the head's own sign, so that nothing cancels.
  const diagonal = head < 0 ? norm : -norm;
  column.fill(0, 0, k);
  column[k] = head - diagonal;
  const length = Math.sqrt(squares(column, k));
  if (length > 0) for (let i = k; i < column.length; i++) column[i] = (column[i] ?? 0) / length;
  return diagonal < 0 ? -1 : 1;
}

/** x ← x - 2 v (v·x), v zero before `from`. */
function reflect(v: Float64Array, from: number, x: Float64Array): void {
  let product = 0;
  for (let i = from; i < x.length; i++) product += (v[i] ?? 0) * (x[i] ?? 0);
  for (let i = from; i < x.length; i++) x[i] = (x[i] ?? 0) - 2 * product * (v[i] ?? 0);
}

function squares(column: Float64Array, from: number): number {
  let total = 0;
  for (let i = from; i < column.length; i++) total += (column[i] ?? 0) ** 2;
  return total;
}
