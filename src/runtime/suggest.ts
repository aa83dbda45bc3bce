// For a misspelt name: the known name that was probably meant, or nothing.

/** A name far longer than any real one is not worth comparing. */
const longest = 64;

/**
 * The candidate nearest to `name`, by Damerau-Levenshtein distance, where it is near enough to be meant: one slip for a name of
 * up to four letters, two up to eight, three beyond. A difference of case alone is always near enough. Ties go to the
 * candidate with the same first letter, then to the first one given.
 */
export function suggest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length === 0 || name.length > longest) return undefined;
  const bound = name.length <= 2 ? 0 : name.length <= 4 ? 1 : name.length <= 8 ? 2 : 3;
  const plain = comparable(name);
  let best: string | undefined;
  let bestRank = Infinity;
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) > bound + 2) continue;
    const other = comparable(candidate);
    // Case and underscores cost a fraction of a slip, so that `relu` is nearer to `ReLU` than to `elu`.
    const distance = other === plain ? 0 : editDistance(plain, other, bound);
    if (distance > bound || distance >= Math.max(plain.length, other.length)) continue;
    const rank = distance + (candidate === name ? 0 : 0.25) + (other.charAt(0) === plain.charAt(0) ? 0 : 0.5);
    if (rank < bestRank) {
      best = candidate;
      bestRank = rank;
    }
  }
  return best;
}

const comparable = (name: string): string => name.toLowerCase().replaceAll('_', '');

/**
 * The number of insertions, deletions, replacements and exchanges of neighbors that make `left` of `right` (each place is edited
 * once); any number above `bound` stands for all distances above it.
 */
export function editDistance(left: string, right: string, bound: number): number {
  if (Math.abs(left.length - right.length) > bound) return bound + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let distance = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1])
        distance = Math.min(distance, at(beforeLast, column - 2) + 1);
      current.push(distance);
      least = Math.min(least, distance);
    }
    if (least > bound) return bound + 1;
    beforeLast = last;
    last = current;
  }
  return at(last, right.length);
}

const at = (values: readonly number[], index: number): number => values[index] ?? Infinity;
