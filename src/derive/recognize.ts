// Recognizes a number of the graph as a person would write it: `2`, `1/N`, `2/D`, `1 − p`, `√dim`. A symbolic layer's sizes and
// hyper-parameters are chosen to be distinguishable.
import type { NamedNumber } from './symbolic-layer.ts';

/** A quotient of products of names, times a small fraction: the parts of a fraction as texts. */
export interface Recognized {
  readonly over: readonly string[];
  readonly under: readonly string[];
  /** Whether it is one positive number or name, without a denominator. */
  readonly plain: boolean;
}

interface Atom {
  /** The text: `(1 − p)`. */
  readonly text: string;
  readonly value: number;
}

const exponents = [1, -1, 2, -2, 0.5, -0.5] as const;

/** The text of a positive number. */
export function recognize(
  value: number,
  sizes: readonly NamedNumber[],
  numbers: readonly NamedNumber[],
): Recognized {
  const simple = asFraction(value, 4);
  if (simple) return simple;
  const atoms: Atom[] = [
    ...numbers.map(({ name, value: known }) => ({ text: name, value: known })),
    ...numbers.flatMap(({ name, value: known }) =>
      known < 1 ? [{ text: `(1 − ${name})`, value: 1 - known }] : [],
    ),
    ...sizes.map(({ name, value: known }) => ({ text: name === 'batch' ? 'N' : name, value: known })),
  ];
  const powers = atoms.flatMap((atom) => exponents.map((exponent) => ({ atom, exponent })));
  for (const one of powers) {
    const found = within(value, [one]);
    if (found) return found;
  }
  for (const [i, one] of powers.entries()) {
    for (const other of powers.slice(i + 1)) {
      if (one.atom === other.atom) continue;
      const found = within(value, [one, other]);
      if (found) return found;
    }
  }
  const whole = powers.filter(({ exponent }) => Math.abs(exponent) === 1);
  for (const one of whole)
    for (const other of whole)
      for (const third of whole) {
        if (new Set([one.atom, other.atom, third.atom]).size < 3) continue;
        const found = within(value, [one, other, third]);
        if (found) return found;
      }
  return { over: [showDecimal(value)], under: [], plain: true };
}

type Power = { readonly atom: Atom; readonly exponent: (typeof exponents)[number] };

function within(value: number, powers: readonly Power[]): Recognized | undefined {
  const rest = powers.reduce((left, { atom, exponent }) => left / atom.value ** exponent, value);
  const fraction = asFraction(rest, 4);
  if (!fraction) return undefined;
  const write = (wanted: (exponent: number) => boolean) =>
    powers.flatMap(({ atom, exponent }) =>
      wanted(exponent) ? [showPower(atom.text, Math.abs(exponent))] : [],
    );
  const over = [...fraction.over.filter((text) => text !== '1'), ...write((exponent) => exponent > 0)];
  const under = [...fraction.under, ...write((exponent) => exponent < 0)];
  return { over, under, plain: under.length === 0 && over.length === 1 };
}

function showPower(text: string, exponent: number): string {
  return exponent === 1 ? text : exponent === 2 ? `${text}²` : `√${text}`;
}

/** p/q with both at most `limit`, or a short decimal. */
function asFraction(value: number, limit: number): Recognized | undefined {
  if (!Number.isFinite(value)) return { over: [value > 0 ? '∞' : '−∞'], under: [], plain: true };
  for (let q = 1; q <= limit; q++) {
    const p = Math.round(value * q);
    if (p < 1 || p > limit || Math.abs(value * q - p) > 1e-9 * p) continue;
    return { over: [String(p)], under: q === 1 ? [] : [String(q)], plain: q === 1 };
  }
  return undefined;
}

function showDecimal(value: number): string {
  const short = Number(value.toPrecision(6));
  return Math.abs(short - value) <= 1e-12 * Math.abs(value) ? String(value) : String(short);
}
