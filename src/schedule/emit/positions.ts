// Sums of positions such as 2·⌊l / 2⌋ − m + 3 as one number, constant-folded lane by lane: what is equal across lanes, or invariant in
// the inner loop, costs nothing there. An element's offset in its window, m − 2·⌊m / 2⌋, becomes a constant.
import { constantItem, type Item } from './builder.ts';
import { asQuotient, axisPosition, combine, plus, termsOf, zero } from '../../ir/linear/position.ts';
import type { Formula, Position } from '../../ir/linear/type.ts';
import type { EmitContext } from './context.ts';
import { constantOf, convert, floorDivide, integerOf, laneOffsets, stepOf } from './indices.ts';
import type { Value } from '../../ir/loops/type.ts';

/** factor · ⌊sum / divisor⌋ */
interface Term {
  readonly sum: Position;
  readonly divisor: number;
  readonly factor: number;
}

/** The value of a sum of several positions; undefined where the formula is none, or is not a scalar plus a constant per lane. */
export function emitPositions(context: EmitContext, formula: Formula): Item | undefined {
  if (formula.kind !== 'apply') return undefined;
  const terms = termsIn(formula, 1);
  if (!terms || terms.length < 2) return undefined;
  const { builder } = context;
  const offsets = laneOffsets(context, 0);
  const addToLanes = (step: number, at: (offset: number) => number) =>
    laneOffsets(context, step).forEach((offset, lane) => (offsets[lane] = (offsets[lane] ?? 0) + at(offset)));
  // The affine terms with their factors, and the sum of the scalars that are not affine.
  const sums: (readonly [Position, number])[] = [];
  let scalar = constantItem(0);
  const add = (item: Item) => (scalar = builder.arithmetic('add', scalar, item));
  for (const { sum, divisor, factor } of terms) {
    const step = stepOf(context, sum);
    const axes = termsOf(sum, 'axis');
    if (divisor === 1) {
      sums.push([sum, factor]);
      addToLanes(step, (offset) => factor * offset);
      continue;
    }
    const place = constantOf(context, sum);
    if (axes.every(({ atom }) => builder.axis(atom.axis).value.kind === 'integer')) {
      addToLanes(step, (offset) => factor * Math.floor((place + offset) / divisor));
      continue;
    }
    const [only, ...others] = axes;
    const exact =
      only?.factor === 1 && others.length === 0 && builder.axis(only.atom.axis).multiple % divisor === 0;
    if (exact) {
      // The axis is a multiple of the divisor here: factor · ⌊axis / divisor⌋ = (factor / divisor) · axis.
      const share = factor / divisor;
      if (!Number.isInteger(share)) return undefined;
      sums.push([axisPosition(only.atom.axis), share]);
      addToLanes(step, (offset) => factor * Math.floor((sum.constant + offset) / divisor));
    } else if (step === 0) {
      add(builder.arithmetic('multiply', floorDivide(context, sum, divisor), constantItem(factor)));
    } else return undefined;
  }
  // Constants go into the lanes' offsets, so that neighboring positions share the scalar.
  const total = combine(sums);
  const known = constantOf(context, total);
  add(integerOf(context, plus(total, -known)));
  const steps = offsets.map((offset) => offset + known);
  const spread: Value = { kind: 'splat', integer: scalar.value };
  const stepped = steps.some((step) => step !== 0);
  const integers: Value = stepped
    ? { kind: 'lanewise', operator: 'add', left: spread, right: { kind: 'sequence', values: steps } }
    : spread;
  return builder.let(convert({ value: integers, depth: scalar.depth }), 'position');
}

/** The formula as a sum of positions with integer factors. */
function termsIn(formula: Formula, factor: number): readonly Term[] | undefined {
  switch (formula.kind) {
    case 'number':
      return Number.isInteger(formula.value)
        ? [{ sum: plus(zero, formula.value), divisor: 1, factor }]
        : undefined;
    case 'position': {
      const { of: sum, divisor } = asQuotient(formula.position);
      return [{ sum, divisor, factor }];
    }
    case 'apply': {
      const [a, b] = formula.operands;
      if (!a || !b) return undefined;
      if (formula.function === 'multiply') {
        const [scale, other] = a.kind === 'number' ? [a, b] : [b, a];
        if (scale.kind !== 'number' || !Number.isInteger(scale.value) || other.kind === 'number')
          return undefined;
        return termsIn(other, factor * scale.value);
      }
      if (formula.function !== 'add' && formula.function !== 'subtract') return undefined;
      const [left, right] = [termsIn(a, factor), termsIn(b, formula.function === 'add' ? factor : -factor)];
      return left && right && [...left, ...right];
    }
    default:
      return undefined;
  }
}
