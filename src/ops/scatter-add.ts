import { ShapeError, type Operation } from './operation.ts';
import { checkSizes, equalShapes, showShape } from './shapes.ts';

export type ScatterAddAttributes = { readonly size: number };

/** Inputs: integer ids [I…] and values [I…, D…]. */
export const scatterAdd: Operation<ScatterAddAttributes> = {
  formula: 'y[v, d…] = Σ values[i…, d…] over the i where ids[i…] = v',

  shape([ids = [], values = []], { size }) {
    if (!equalShapes(values.slice(0, ids.length), ids)) {
      throw new ShapeError(`${showShape(values)} does not begin with the ids' shape ${showShape(ids)}`);
    }
    return checkSizes([size, ...values.slice(ids.length)]);
  },

  // dvalues = dy gathered by id; no cotangent for the ids
  gradient: ({ emit, inputs: [ids], cotangent }) => [
    undefined,
    ids && emit.apply('gather', [cotangent, ids]),
  ],

  lower: ({ scatterAdd: emit }) => emit(0, 1),

  samples: [
    { shapes: [[5], [5, 3]], attributes: { size: 4 }, integers: { 0: 4 } },
    {
      shapes: [
        [2, 3],
        [2, 3, 2, 2],
      ],
      attributes: { size: 3 },
      integers: { 0: 3 },
    },
    { shapes: [[4], [4]], attributes: { size: 3 }, integers: { 0: 3 } },
  ],
};
