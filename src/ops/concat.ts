import { affine, apply, at, guard, inside, number } from './expressions.ts';
import { ShapeError, type Operation } from './operation.ts';
import { checkAxes, equalShapes, showShape, withoutAxes } from './shapes.ts';

export type ConcatAttributes = { readonly axis: number };

export const concat: Operation<ConcatAttributes> = {
  formula: 'y = the inputs one behind the other along an axis',

  shape(inputs, { axis }) {
    const [first = []] = inputs;
    checkAxes(first, [axis]);
    for (const other of inputs) {
      if (
        other.length !== first.length ||
        !equalShapes(withoutAxes(first, [axis]), withoutAxes(other, [axis]))
      ) {
        throw new ShapeError(`${showShape(first)} and ${showShape(other)} differ off axis ${axis}`);
      }
    }
    const joined = inputs.reduce((total, shape) => total + (shape[axis] ?? 0), 0);
    return first.map((size, i) => (i === axis ? joined : size));
  },

  // dxₖ = the slice of dy that holds xₖ
  gradient({ emit, inputs, cotangent, attributes: { axis }, wanted }) {
    let start = 0;
    return inputs.map((input, k) => {
      const from = start;
      start += input.shape[axis] ?? 0;
      if (!wanted(k)) return undefined;
      return emit.apply('slice', [cotangent], {
        starts: input.shape.map((_, i) => (i === axis ? from : 0)),
        limits: input.shape.map((size, i) => (i === axis ? from + size : size)),
        strides: input.shape.map(() => 1),
      });
    });
  },

  // Each part is zero outside its own slice, so that the sum of all parts is the result.
  lower({ inputs, inputShapes, attributes, result }) {
    result((axes) => {
      let start = 0;
      const parts = inputs.map((read, k) => {
        const size = inputShapes[k]?.[attributes.axis] ?? 0;
        const index = axes.map((axis, i) => (i === attributes.axis ? affine(-start, [axis, 1]) : at(axis)));
        start += size;
        const along = index[attributes.axis];
        return guard(along && inputs.length > 1 ? [inside(along, size)] : [], read(index));
      });
      const [first = number(0), ...others] = parts;
      return others.reduce((total, part) => apply('add', total, part), first);
    });
  },

  samples: [
    {
      shapes: [
        [2, 3],
        [4, 3],
      ],
      attributes: { axis: 0 },
    },
    {
      shapes: [
        [2, 1],
        [2, 3],
        [2, 2],
      ],
      attributes: { axis: 1 },
    },
    { shapes: [[3]], attributes: { axis: 0 } },
  ],
};
