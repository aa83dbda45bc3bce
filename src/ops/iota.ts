import type { Shape } from '../ir/graph/type.ts';
import { at, position } from './expressions.ts';
import type { Operation } from './operation.ts';
import { checkAxes, checkSizes } from './shapes.ts';

export type IotaAttributes = { readonly shape: Shape; readonly axis: number };

export const iota: Operation<IotaAttributes> = {
  formula: 'y = the position along an axis: 0, 1, 2, …',

  shape(_, { shape, axis }) {
    checkAxes(shape, [axis]);
    return checkSizes(shape);
  },

  gradient: 'none',

  lower({ attributes, result }) {
    result((axes) => {
      const along = axes[attributes.axis];
      if (!along) throw new Error('iota: an axis is missing');
      return position(at(along));
    });
  },

  samples: [
    { shapes: [], attributes: { shape: [5], axis: 0 } },
    { shapes: [], attributes: { shape: [2, 3, 2], axis: 1 } },
  ],
};
