import type { Shape } from '../ir/graph/type.ts';
import { flatten } from './expressions.ts';
import { ShapeError, type Operation } from './operation.ts';
import { checkSizes, showShape } from './shapes.ts';
import { elementCount } from '../runtime/tensor.ts';

export type RandomAttributes = {
  /** Distinguishes the random tensors of a program: equal sites draw equal numbers. */
  readonly site: number;
  readonly shape: Shape;
};

/** src/runtime/random.ts defines the numbers; they would repeat past 2^24 elements, so that larger tensors are refused. */
export const random: Operation<RandomAttributes> = {
  formula: 'y = uniform in [0, 1)',

  shape(_, { shape }) {
    if (elementCount(shape) > 2 ** 24)
      throw new ShapeError(`${showShape(shape)} has more than 2^24 random numbers`);
    return checkSizes(shape);
  },

  gradient: 'none',

  lower({ attributes: { site }, randomKey, result }) {
    const key = randomKey();
    result((axes) => ({ kind: 'random', key, site, index: flatten(axes) }));
  },

  samples: [
    { shapes: [], attributes: { site: 3, shape: [2, 5] } },
    { shapes: [], attributes: { site: 0, shape: [] } },
  ],
};
