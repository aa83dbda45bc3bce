// Windows outside of convolutions and poolings, for which ONNX has no operator: `windows` gathers along each axis, and `unwindows` is a
// product with 0/1 matrices that scatter each window's places.
import type { Node } from '../../ir/graph/type.ts';
import { windowAlong, type WindowGeometry } from '../../ops/windows.ts';
import { fixed, full, type Conversion } from './converter.ts';
import { isBatch } from './extent.ts';
import { Unsupported } from './converter.ts';
import type { Value } from './onnx-graph.ts';

export function convertWindows(conversion: Conversion<'windows'>): Value {
  const { graph, node, attributes, inputShapes, shape } = conversion;
  const rank = inputShapes[0]?.length ?? 0;
  const { axes, low, high, value } = attributes;
  refuseBatch(node, axes, inputShapes[0] ?? []);
  let name = full(conversion, 0);
  if ([...low, ...high].some((count) => count > 0)) {
    const pads = (list: readonly number[]) =>
      Array.from({ length: rank }, (_, axis) => list[axes.indexOf(axis)] ?? 0);
    name = graph.apply('Pad', [name, graph.ints([...pads(low), ...pads(high)]), graph.float(value)]);
  }
  /** For each present axis, its axis in the result. */
  let places = Array.from({ length: rank }, (_, axis) => axis);
  for (const [k, axis] of axes.entries()) {
    const { size, stride, dilation } = windowAlong(attributes, k);
    const count = fixed(node, shape[axis], 'the number of windows');
    const indices = Array.from({ length: count * size }, (_, i) => {
      const [position, place] = [Math.floor(i / size), i % size];
      return position * stride + place * dilation;
    });
    const at = places.indexOf(axis);
    name = graph.apply('Gather', [name, graph.intTensor([count, size], indices)], { axis: at });
    places = places.toSpliced(at + 1, 0, rank + k);
  }
  const permutation = shape.map((_, axis) => places.indexOf(axis));
  return { name: graph.transpose(name, permutation), extents: shape };
}

export function convertUnwindows(conversion: Conversion<'unwindows'>): Value {
  const { graph, node, attributes, inputShapes, shape } = conversion;
  const { axes } = attributes;
  const rank = shape.length;
  refuseBatch(node, axes, shape);
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const letter = (i: number) => letters[i] ?? '';
  const from = (inputShapes[0] ?? []).map((_, i) => letter(i)).join('');
  const whole_ = shape.map((_, i) => (axes.includes(i) ? letter(2 * rank + axes.indexOf(i)) : letter(i)));
  const matrices = axes.map((axis, k) => {
    const count = fixed(node, inputShapes[0]?.[axis], 'the number of windows');
    const size = fixed(node, shape[axis], 'the size of an axis');
    return graph.floats([count, attributes.sizes[k] ?? 1, size], placesOf(attributes, k, count, size));
  });
  const terms = axes.map((axis, k) => `${letter(axis)}${letter(rank + k)}${letter(2 * rank + k)}`);
  const equation = `${[from, ...terms].join(',')}->${whole_.join('')}`;
  return { name: graph.apply('Einsum', [full(conversion, 0), ...matrices], { equation }), extents: shape };
}

/** [positions, window, size]: 1 where that place of the window reads that element. */
function placesOf(geometry: WindowGeometry, k: number, count: number, size: number): Float32Array {
  const { size: length, stride, dilation, low } = windowAlong(geometry, k);
  const places = new Float32Array(count * length * size);
  for (let position = 0; position < count; position++)
    for (let place = 0; place < length; place++) {
      const at = position * stride + place * dilation - low;
      if (at >= 0 && at < size) places[(position * length + place) * size + at] = 1;
    }
  return places;
}

function refuseBatch(node: Node, axes: readonly number[], shape: Conversion<'windows'>['shape']): void {
  if (axes.some((axis) => isBatch(shape[axis])))
    throw new Unsupported(node, 'a window slides along the batch');
}
