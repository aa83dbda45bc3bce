// Names in formulas: the notation, and names for sizes, numbers and positions of scans.
import type { Position } from './formula.ts';
import { positionLetter, type Notation } from './notation.ts';
import type { NamedNumber } from './symbolic-layer.ts';

export interface Naming {
  readonly notation: Notation;
  readonly sizes: readonly NamedNumber[];
  readonly numbers: readonly NamedNumber[];
  /** The number of positions of the layer's scans. */
  readonly positions?: number;
}

/** The name of an axis, by its size: `C`, `4 hidden`, or a number. */
export function axisName(naming: Naming, size: number): string {
  const { times, name } = axisSize(naming, size);
  return name === undefined ? String(size) : times === 1 ? name : `${times} ${name}`;
}

/** A size as a name, or a small multiple of one. */
export function axisSize(
  { sizes }: Naming,
  size: number,
): { readonly times: number; readonly name: string | undefined } {
  const isNamed = (value: number) => sizes.find((named) => named.value === value)?.name;
  const name = isNamed(size);
  if (name !== undefined) return { times: 1, name };
  for (const times of [2, 3, 4])
    if (size / times >= smallestFactor) {
      const part = isNamed(size / times);
      if (part !== undefined && part !== 'batch') return { times, name: part };
    }
  return { times: 1, name: undefined };
}

/** Smaller sizes, of a window for example, are not taken as factors of a number. */
const smallestFactor = 5;

/** `t − 1`, or for a fixed position `1` or `T`. */
export function positionName(naming: Naming, position: Position): string {
  const { minus } = naming.notation;
  if ('step' in position) {
    const { step } = position;
    return step === 0 ? positionLetter : `${positionLetter}${step > 0 ? '+' : minus}${Math.abs(step)}`;
  }
  const { at } = position;
  const count = naming.positions ?? 0;
  const name = axisName(naming, count);
  if (at > 1 && at === count) return name;
  return at > 1 && at === count - 1 && name !== String(count) ? `${name}${minus}1` : String(at);
}

/** The range below Σ: only the letter if the sum is over all positions. */
export function rangeName(
  naming: Naming,
  { first, last }: { readonly first: number; readonly last: number },
): string {
  if (first === 1 && last === naming.positions) return positionLetter;
  const [from, to] = [first, last].map((at) => positionName(naming, { at }));
  return `${positionLetter} = ${from ?? ''} … ${to ?? ''}`;
}
