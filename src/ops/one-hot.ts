import { apply, at, position } from './expressions.ts';
import type { Operation } from './operation.ts';
import { checkSizes } from './shapes.ts';

export type OneHotAttributes = { readonly size: number };

/** An id out of range gives a row of zeros. */
export const oneHot: Operation<OneHotAttributes> = {
  formula: 'y[…, k] = 1 where x = k, else 0',

  shape: ([ids = []], { size }) => checkSizes([...ids, size]),

  // dx = 0
  gradient: () => [undefined],

  lower({ inputs: [ids], result }) {
    if (!ids) return;
    result((axes) => {
      const [k] = axes.slice(-1);
      if (!k) throw new Error('one_hot: an axis is missing');
      return apply('equal', ids(axes.slice(0, -1).map(at)), position(at(k)));
    });
  },

  samples: [
    { shapes: [[4]], attributes: { size: 3 }, integers: { 0: 3 } },
    { shapes: [[2, 3]], attributes: { size: 5 }, integers: { 0: 5 } },
    { shapes: [[]], attributes: { size: 2 }, integers: { 0: 2 } },
  ],
};
