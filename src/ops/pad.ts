import { affine, divisible, guard, inside, quotient } from './expressions.ts';
import type { Condition, Operation } from './operation.ts';
import { checkSettings } from './shapes.ts';

/** One number per axis: `low` elements before, `high` after, and `interior` between every two elements. */
export type PadAttributes = {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly interior: readonly number[];
  readonly value: number;
};

export const pad: Operation<PadAttributes> = {
  formula: 'y[low + (interior + 1) · i] = x[i], value elsewhere',

  shape([x = []], { low, high, interior }) {
    checkSettings('low', low, x.length, 0);
    checkSettings('high', high, x.length, 0);
    checkSettings('interior', interior, x.length, 0);
    return x.map(
      (size, axis) => (low[axis] ?? 0) + (high[axis] ?? 0) + size + (size - 1) * (interior[axis] ?? 0),
    );
  },

  // dx = dy at the positions of x's elements
  gradient({ emit, inputs: [x], cotangent, attributes: { low, interior } }) {
    const limits = low.map(
      (start, axis) => start + ((x?.shape[axis] ?? 1) - 1) * ((interior[axis] ?? 0) + 1) + 1,
    );
    return [
      emit.apply('slice', [cotangent], { starts: low, limits, strides: interior.map((gap) => gap + 1) }),
    ];
  },

  lower({ inputs: [x], inputShapes: [inner = []], attributes: { low, high, interior, value }, result }) {
    if (!x) return;
    result((axes) => {
      const conditions: Condition[] = [];
      const index = axes.map((axis, i) => {
        const stride = (interior[i] ?? 0) + 1;
        const place = affine(-(low[i] ?? 0), [axis, 1]);
        if (low[i] || high[i]) conditions.push(inside(place, ((inner[i] ?? 1) - 1) * stride + 1));
        if (stride > 1) conditions.push(divisible(place, stride));
        return quotient(place, stride);
      });
      return guard(conditions, x(index), value);
    });
  },

  samples: [
    { shapes: [[3]], attributes: { low: [1], high: [2], interior: [0], value: 0 } },
    { shapes: [[2, 3]], attributes: { low: [0, 1], high: [1, 0], interior: [2, 1], value: -1.5 } },
    { shapes: [[2, 2]], attributes: { low: [0, 0], high: [0, 0], interior: [1, 0], value: 0 } },
  ],
};
