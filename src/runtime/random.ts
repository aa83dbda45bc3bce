// Counter-based random numbers: a hash of seed, step, site and index, so that the same run draws the same numbers on every
// target and thread count, in any order.
//
// Inside kernels the hash has to be computable in float32 alone (a gpu.js kernel has no 32-bit integers), so it is a Feistel
// network over two 12-bit halves of the index: every product stays below 2^24, where float32 is exact. See `uniform` for
// the definition that all targets must reproduce bit for bit.

/** Odd constants below 2^12, one per round. */
export const roundConstants = [3803, 2749, 3529, 2287, 3943, 2657] as const;

export const rounds = roundConstants.length;

/** Mixes a 32-bit word (the finalizer of MurmurHash3, Appleby 2011). */
function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Extends the hash's state by an integer (below 2^53): hashNumbers(a, b) is absorb(hashNumbers(a), b). */
export function absorb(state: number, value: number): number {
  return mix(mix(state ^ (value >>> 0)) + Math.floor(value / 2 ** 32) + 0x9e3779b9);
}

/** A 32-bit hash of a list of integers (each below 2^53). */
export function hashNumbers(...values: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const value of values) state = absorb(state, value);
  return state;
}

/** A 32-bit hash of a text. */
export function hashText(text: string): number {
  let state = mix(text.length);
  for (let i = 0; i < text.length; i++) state = mix(state ^ (text.charCodeAt(i) + Math.imul(i, 0x9e3779b1)));
  return state;
}

/** The key of a step's random numbers, one 12-bit word per round: the program input `random_key`. */
export function randomKey(seed: number, step: number): Float32Array {
  return Float32Array.from({ length: rounds }, (_, round) => hashNumbers(seed, step, round) & 4095);
}

/** The 12-bit word that a site (one random tensor of a program) adds to a round's key: a compile-time constant. */
export function siteWord(site: number, round: number): number {
  return hashNumbers(site, round, 77) & 4095;
}

/**
 * A number in [0, 1), a multiple of 2^-24, from a step's key, a site and an index below 2^24. With l and r the index's low and
 * high 12 bits, each round i does
 *   t = (r + key[i] + siteWord(site, i)) mod 2^12
 *   u = t · ((2t + roundConstants[i]) mod 2^12)
 *   (l, r) = (r, (l + floor(u / 2^6)) mod 2^12)
 * and the result is (4096 · l + r) / 2^24. The quadratic round is RC6's (Rivest et al. 1998), on 12 bits.
 */
export function uniform(key: ArrayLike<number>, site: number, index: number): number {
  return uniformByWords(index, (round) => (key[round] ?? 0) + siteWord(site, round));
}

/** The same, with the sum of key and site word for each round. */
export function uniformByWords(index: number, wordOf: (round: number) => number): number {
  let l = index % 4096;
  let r = Math.floor(index / 4096) % 4096;
  for (let i = 0; i < rounds; i++) {
    const t = (r + wordOf(i)) % 4096;
    const u = t * ((2 * t + (roundConstants[i] ?? 1)) % 4096);
    const next = (l + Math.floor(u / 64)) % 4096;
    l = r;
    r = next;
  }
  return (4096 * l + r) / 16777216;
}
