import { at } from './expressions.ts';
import { ShapeError, type Operation } from './operation.ts';

export type GatherAttributes = Record<string, never>;

/** Inputs: a table [V, D…] and integer ids [I…]. An id out of range is clamped to the nearest row. */
export const gather: Operation<GatherAttributes> = {
  formula: 'y[i…, d…] = table[ids[i…], d…]',

  shape([table = [], ids = []]) {
    if (table.length === 0) throw new ShapeError('a table needs at least one axis');
    return [...ids, ...table.slice(1)];
  },

  // dtable = dy scatter-added by id; no cotangent for the ids
  gradient({ emit, inputs: [table, ids], cotangent, wanted }) {
    if (!table || !ids || !wanted(0)) return [undefined, undefined];
    return [emit.apply('scatter_add', [ids, cotangent], { size: table.shape[0] }), undefined];
  },

  lower({ inputs: [table, ids], inputShapes: [, { length: rank } = []], result }) {
    if (!table || !ids) return;
    result((axes) => table([ids(axes.slice(0, rank).map(at)), ...axes.slice(rank).map(at)]));
  },

  samples: [
    { shapes: [[4, 3], [5]], attributes: {}, integers: { 1: 4 } },
    {
      shapes: [
        [3, 2, 2],
        [2, 3],
      ],
      attributes: {},
      integers: { 1: 3 },
    },
    { shapes: [[5], []], attributes: {}, integers: { 1: 5 } },
  ],
};
