// The sliding windows over some axes of a tensor, as axes of their own (im2col as a view). A convolution is a contraction over them, a
// pooling a reduction; the transpose, for gradients and transposed convolutions, is `unwindows`.
import type { Shape } from '../ir/graph/type.ts';
import { affine, at, guard, inside } from './expressions.ts';
import { ShapeError, type Condition, type Operation } from './operation.ts';
import { checkAxes, checkSettings, showShape } from './shapes.ts';

/** One number for each of `axes`; the window axes are appended to the shape in the order of `axes`. */
export type WindowGeometry = {
  readonly axes: readonly number[];
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before and after. */
  readonly low: readonly number[];
  readonly high: readonly number[];
};

export type WindowsAttributes = WindowGeometry & {
  /** The padding value: 0, or −Infinity before a maximum. */
  readonly value: number;
};

export const windows: Operation<WindowsAttributes> = {
  formula: 'y[…p…, w] = x[stride · p + dilation · w − low]',

  shape: ([x = []], attributes) => windowsShape(x, attributes),

  // dx = unwindows(dy); no cotangent for the padding
  gradient({ emit, inputs: [x], cotangent, attributes }) {
    return [x && emit.apply('unwindows', [cotangent], { ...geometryOf(attributes), shape: x.shape })];
  },

  lower({ inputs: [x], inputShapes: [shape = []], shape: whole, attributes, result }) {
    if (!x) return;
    result((axes) => {
      const conditions: Condition[] = [];
      const index = shape.map((size, axis) => {
        const k = attributes.axes.indexOf(axis);
        const [position, window] = [axes[axis], axes[shape.length + k]];
        if (!position) throw new Error('windows: an axis is missing');
        if (k < 0 || !window) return at(position);
        const { stride, dilation, low, extent } = windowAlong(attributes, k);
        const place = affine(-low, [position, stride], [window, dilation]);
        const last = ((whole[axis] ?? 1) - 1) * stride + extent - 1 - low;
        if (low > 0 || last >= size) conditions.push(inside(place, size));
        return place;
      });
      return guard(conditions, x(index), attributes.value);
    });
  },

  samples: [
    {
      shapes: [[2, 5]],
      attributes: { axes: [1], sizes: [3], strides: [1], dilations: [1], low: [0], high: [0], value: 0 },
    },
    {
      shapes: [[2, 1, 4, 5]],
      attributes: {
        axes: [2, 3],
        sizes: [3, 2],
        strides: [2, 1],
        dilations: [1, 2],
        low: [1, 0],
        high: [1, 2],
        value: 0,
      },
    },
    {
      shapes: [[6]],
      attributes: { axes: [0], sizes: [2], strides: [3], dilations: [1], low: [1], high: [0], value: 0.5 },
    },
  ],
};

/** The shape of all windows over a tensor. */
export function windowsShape(shape: Shape, geometry: WindowGeometry): Shape {
  const { axes, sizes } = geometry;
  checkAxes(shape, axes);
  checkSettings('sizes', sizes, axes.length, 1);
  checkSettings('strides', geometry.strides, axes.length, 1);
  checkSettings('dilations', geometry.dilations, axes.length, 1);
  checkSettings('low', geometry.low, axes.length, 0);
  checkSettings('high', geometry.high, axes.length, 0);
  const positions = shape.map((size, axis) => {
    const k = axes.indexOf(axis);
    if (k < 0) return size;
    const { stride, low, high, extent } = windowAlong(geometry, k);
    const padded = size + low + high;
    if (extent > padded) {
      throw new ShapeError(
        `a window of ${extent} does not fit axis ${axis} of ${showShape(shape)}, padded to ${padded}`,
      );
    }
    return Math.floor((padded - extent) / stride) + 1;
  });
  return [...positions, ...sizes];
}

/** The geometry alone, without the operation's other attributes. */
export function geometryOf({ axes, sizes, strides, dilations, low, high }: WindowGeometry): WindowGeometry {
  return { axes, sizes, strides, dilations, low, high };
}

/** The geometry along one axis; `extent` is the span of a window, dilation included. */
export function windowAlong(geometry: WindowGeometry, k: number) {
  const [size = 1, stride = 1, dilation = 1] = [
    geometry.sizes[k],
    geometry.strides[k],
    geometry.dilations[k],
  ];
  const [low = 0, high = 0] = [geometry.low[k], geometry.high[k]];
  return { size, stride, dilation, low, high, extent: dilation * (size - 1) + 1 };
}
