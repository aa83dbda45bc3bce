// Sums of positions as one number: 2·⌊l / 2⌋ − m + 3 and the like are added up as integers when the code is written, lane by lane, so
// that what stays the same from lane to lane, or from turn to turn of the inner loop, costs nothing there. A window's place of an
// element, m − 2·⌊m / 2⌋, becomes a constant.
import { constantItem, type Item } from './builder.ts';
import type { Formula, Sum } from '../../ir/formula.ts';
import type { EmitContext } from './context.ts';
import { constantOf, convert, floorDivide, integerOf, laneOffsets } from './indices.ts';
import type { Value } from '../../ir/loops/type.ts';

/** factor · ⌊sum / divisor⌋ */
interface Term {
  readonly sum: Sum;
  readonly divisor: number;
  readonly factor: number;
}

/** The value of a sum of several positions; nothing where the formula is none, or has no form of a number and a step for each lane. */
export function emitPositions(context: EmitContext, formula: Formula): Item | undefined {
  if (formula.kind !== 'apply') return undefined;
  const terms = termsOf(formula, 1);
  if (!terms || terms.length < 2) return undefined;
  const { builder, along } = context;
  const offsets = laneOffsets(context, 0);
  // What each axis counts as long as it is alone, and the scalar that is left.
  const factors = new Map<string, number>();
  let constant = 0;
  let scalar = constantItem(0);
  const add = (item: Item) => (scalar = builder.arithmetic('add', scalar, item));
  for (const { sum, divisor, factor } of terms) {
    const step = along === undefined ? 0 : (sum.terms.get(along) ?? 0);
    if (divisor === 1) {
      constant += factor * sum.constant;
      for (const [axis, each] of sum.terms) factors.set(axis, (factors.get(axis) ?? 0) + factor * each);
      laneOffsets(context, step).forEach(
        (offset, lane) => (offsets[lane] = (offsets[lane] ?? 0) + factor * offset),
      );
      continue;
    }
    const place = constantOf(context, sum);
    if ([...sum.terms.keys()].every((axis) => builder.axis(axis).value.kind === 'integer')) {
      laneOffsets(context, step).forEach((offset, lane) => {
        offsets[lane] = (offsets[lane] ?? 0) + factor * Math.floor((place + offset) / divisor);
      });
      continue;
    }
    const [only, ...others] = sum.terms.keys();
    const bound = only === undefined ? undefined : builder.axis(only);
    const exact =
      bound && others.length === 0 && sum.terms.get(only ?? '') === 1 && bound.multiple % divisor === 0;
    if (exact && only !== undefined) {
      // The axis is a multiple of the divisor here, so that its share is a whole number of times itself.
      const share = factor / divisor;
      if (!Number.isInteger(share)) return undefined;
      factors.set(only, (factors.get(only) ?? 0) + share);
      laneOffsets(context, step).forEach((offset, lane) => {
        offsets[lane] = (offsets[lane] ?? 0) + factor * Math.floor((sum.constant + offset) / divisor);
      });
    } else if (step === 0) {
      add(builder.arithmetic('multiply', floorDivide(context, sum, divisor), constantItem(factor)));
    } else return undefined;
  }
  const left = [...factors].filter(([, factor]) => factor !== 0);
  // What is known goes to the lanes, so that neighbors share the rest.
  const total = { constant, terms: new Map(left) };
  const known = constantOf(context, total);
  add(integerOf(context, { ...total, constant: constant - known }));
  const steps = offsets.map((offset) => offset + known);
  const spread: Value = { kind: 'spread', integer: scalar.value };
  const stepped = steps.some((step) => step !== 0);
  const integers: Value = stepped
    ? { kind: 'plus', left: spread, right: { kind: 'sequence', values: steps } }
    : spread;
  return builder.let(convert({ value: integers, depth: scalar.depth }), 'position');
}

/** The formula as a sum of positions with whole factors. */
function termsOf(formula: Formula, factor: number): readonly Term[] | undefined {
  switch (formula.kind) {
    case 'number':
      return Number.isInteger(formula.value)
        ? [{ sum: { constant: formula.value, terms: new Map() }, divisor: 1, factor }]
        : undefined;
    case 'position':
      return [{ sum: formula.sum, divisor: formula.divisor, factor }];
    case 'apply': {
      const [a, b] = formula.operands;
      if (!a || !b) return undefined;
      if (formula.function === 'multiply') {
        const [scale, other] = a.kind === 'number' ? [a, b] : [b, a];
        if (scale.kind !== 'number' || !Number.isInteger(scale.value) || other.kind === 'number')
          return undefined;
        return termsOf(other, factor * scale.value);
      }
      if (formula.function !== 'add' && formula.function !== 'subtract') return undefined;
      const [left, right] = [termsOf(a, factor), termsOf(b, formula.function === 'add' ? factor : -factor)];
      return left && right && [...left, ...right];
    }
    default:
      return undefined;
  }
}
