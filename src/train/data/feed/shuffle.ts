// Permutations and choices drawn from the seed: the same on every machine, and independent for different purposes.
import { absorb, hashNumbers, hashText } from '../../../runtime/random.ts';

export type Purpose = 'shuffle' | 'validation' | 'test' | 'augment';

/** A random state for `absorb`, by purpose and numbers. */
export function drawState(purpose: Purpose, ...numbers: readonly number[]): number {
  return hashNumbers(hashText(purpose), ...numbers);
}

/** An integer from 0 up to, but not including, `limit`, from a 32-bit word. */
export function below(limit: number, word: number): number {
  return Math.floor((word / 2 ** 32) * limit);
}

/** A random permutation of 0 … count - 1: the Fisher-Yates shuffle (Durstenfeld 1964). */
export function permutation(count: number, state: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let last = count - 1; last > 0; last--) {
    const other = below(last + 1, absorb(state, last));
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}

/** Splits 0 … count - 1 into `chosen` random ones and the rest, both in ascending order. */
export function choose(
  count: number,
  chosen: number,
  state: number,
): { chosen: Uint32Array; rest: Uint32Array } {
  const order = permutation(count, state);
  return { chosen: order.slice(0, chosen).sort(), rest: order.slice(chosen).sort() };
}
