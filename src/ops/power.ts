import { elementwise } from './elementwise.ts';

// da = dy · b · a^(b−1), db = dy · y · log a, and 0 where a = 0. The exponent's cotangent is built only if it is wanted, so that a
// negative base with a constant exponent never reaches the logarithm.
export const power = elementwise(
  'y = a^b',
  'power',
  2,
  ({ emit, inputs: [a, b], output, cotangent, wanted }) => {
    if (!a || !b) return [];
    const constant = b.operation === 'constant' ? b.attributes['value'] : undefined;
    const towardsBase = () => {
      if (constant === 0) return undefined;
      if (typeof constant !== 'number')
        return emit.multiply(cotangent, emit.multiply(emit.power(a, emit.subtract(b, 1)), b));
      return emit.multiply(cotangent, emit.multiply(emit.power(a, constant - 1), constant));
    };
    const towardsExponent = () => {
      const safe = emit.select(emit.equal(a, 0), 1, a);
      return emit.multiply(cotangent, emit.multiply(output, emit.log(safe)));
    };
    return [wanted(0) ? towardsBase() : undefined, wanted(1) ? towardsExponent() : undefined];
  },
  {
    range: [
      [0.5, 2],
      [-2, 2],
    ],
  },
);
