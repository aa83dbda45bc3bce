import type { Shape } from '../ir/graph/type.ts';
import { affine, at, divisible, guard, inside, quotient, reduce } from './expressions.ts';
import { ShapeError, type Axis, type Condition, type Operation } from './operation.ts';
import { checkSizes, equalShapes, showShape } from './shapes.ts';
import { geometryOf, windowAlong, windowsShape, type WindowGeometry } from './windows.ts';

export type UnwindowsAttributes = WindowGeometry & {
  /** The shape of the tensor that the windows were taken from. */
  readonly shape: Shape;
};

/** The transpose of `windows`: each element is the sum of its copies in all windows. */
export const unwindows: Operation<UnwindowsAttributes> = {
  formula: 'y[h] = Σ_w x[…(h + low − dilation · w) / stride…, w], where whole and inside',

  shape([x = []], { shape, ...geometry }) {
    const expected = windowsShape(checkSizes(shape), geometry);
    if (!equalShapes(x, expected)) {
      throw new ShapeError(
        `${showShape(x)} are not the windows ${showShape(expected)} of ${showShape(shape)}`,
      );
    }
    return shape;
  },

  // dx = windows(dy)
  gradient({ emit, cotangent, attributes }) {
    return [emit.apply('windows', [cotangent], { ...geometryOf(attributes), value: 0 })];
  },

  lower({ inputs: [x], inputShapes: [positions = []], attributes, axis: newAxis, result }) {
    if (!x) return;
    const window: readonly Axis[] = attributes.sizes.map((size) => newAxis(size, 'window'));
    result((axes) => {
      const conditions: Condition[] = [];
      const index = axes.map((axis, i) => {
        const k = attributes.axes.indexOf(i);
        const along = window[k];
        if (k < 0 || !along) return at(axis);
        const { stride, dilation, low, extent } = windowAlong(attributes, k);
        const place = affine(low, [axis, 1], [along, -dilation]);
        const last = ((positions[i] ?? 1) - 1) * stride;
        if (low + 1 < extent || axis.size - 1 + low > last) conditions.push(inside(place, last + 1));
        if (stride > 1) conditions.push(divisible(place, stride));
        return quotient(place, stride);
      });
      return reduce('sum', window, guard(conditions, x([...index, ...window.map(at)])));
    });
  },

  samples: [
    {
      shapes: [[2, 3, 3]],
      attributes: { axes: [1], sizes: [3], strides: [1], dilations: [1], low: [0], high: [0], shape: [2, 5] },
    },
    {
      shapes: [[2, 1, 2, 5, 3, 2]],
      attributes: {
        axes: [2, 3],
        sizes: [3, 2],
        strides: [2, 1],
        dilations: [1, 2],
        low: [1, 0],
        high: [1, 2],
        shape: [2, 1, 4, 5],
      },
    },
    {
      shapes: [[2, 2]],
      attributes: { axes: [0], sizes: [2], strides: [3], dilations: [1], low: [1], high: [0], shape: [6] },
    },
  ],
};
