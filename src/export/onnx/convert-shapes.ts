// Primitives that move or reshape elements. A broadcast stays pending: its operand is aligned for ONNX's implicit broadcasting.
import type { Conversion } from './converter.ts';
import { fixed, Unsupported, full } from './converter.ts';
import { isBatch, sameExtent, type Extent } from './extent.ts';
import type { Value } from './onnx-graph.ts';

export function convertBroadcast({
  graph,
  inputs,
  inputShapes,
  attributes,
  shape,
}: Conversion<'broadcast'>): Value {
  const [given] = inputs;
  const rank = inputShapes[0]?.length ?? 0;
  if (!given || given.extents.length === 0) return given ?? { name: '', extents: [] };
  const value = graph.ranked(given, rank);
  const order = attributes.axes
    .map((_, i) => i)
    .sort((a, b) => (attributes.axes[a] ?? 0) - (attributes.axes[b] ?? 0));
  const name = graph.transpose(value.name, order);
  const sorted = order.map((i) => attributes.axes[i] ?? 0);
  const extents = order.map((i) => value.extents[i] ?? 1);
  // Leading axes need not be written.
  const first = sorted[0] ?? shape.length;
  const added = shape.map((_, axis) => axis).filter((axis) => axis > first && !sorted.includes(axis));
  if (added.length === 0) return { name, extents };
  const spread = shape.slice(first).map((_, i): Extent => extents[sorted.indexOf(first + i)] ?? 1);
  const axes = added.map((axis) => axis - first);
  return { name: graph.apply('Unsqueeze', [name, graph.ints(axes)]), extents: spread };
}

export function convertReshape(conversion: Conversion<'reshape'>): Value {
  const { graph, inputs, inputShapes, shape } = conversion;
  const [value] = inputs;
  if (value?.extents.length === 0) return value;
  return { name: graph.reshape(full(conversion, 0), inputShapes[0] ?? [], shape), extents: shape };
}

export function convertTranspose({ graph, inputs, attributes, shape }: Conversion<'transpose'>): Value {
  const [given] = inputs;
  if (!given || given.extents.length === 0) return given ?? { name: '', extents: [] };
  const value = graph.ranked(given, shape.length);
  const { permutation } = attributes;
  return {
    name: graph.transpose(value.name, permutation),
    extents: permutation.map((from) => value.extents[from] ?? 1),
  };
}

export function convertSlice(conversion: Conversion<'slice'>): Value {
  const { graph, node, inputs, inputShapes, attributes, shape } = conversion;
  const [given] = inputs;
  if (!given || given.extents.length === 0) return given ?? { name: '', extents: [] };
  const value = graph.ranked(given, shape.length);
  const axes = shape.flatMap((extent, axis) => {
    const before = inputShapes[0]?.[axis];
    if (sameExtent(extent, before)) return [];
    if (isBatch(before)) throw new Unsupported(node, 'a part of the batch is cut out');
    return value.extents[axis] === 1 ? [] : [axis];
  });
  if (axes.length === 0) return value;
  const pick = (list: readonly number[]) => graph.ints(axes.map((axis) => list[axis] ?? 0));
  const { starts, limits, strides } = attributes;
  const name = graph.apply('Slice', [
    value.name,
    pick(starts),
    pick(limits),
    graph.ints(axes),
    pick(strides),
  ]);
  return {
    name,
    extents: value.extents.map((extent, axis) => (axes.includes(axis) ? (shape[axis] ?? 1) : extent)),
  };
}

export function convertPad(conversion: Conversion<'pad'>): Value {
  const { graph, node, attributes, shape } = conversion;
  const { low, high, interior, value } = attributes;
  let name = full(conversion, 0);
  const extents = [...(conversion.inputShapes[0] ?? [])];
  for (const [axis, gap] of interior.entries()) {
    const size = extents[axis];
    if (gap === 0 || size === 1) continue;
    const count = fixed(node, size, 'a spread axis');
    // [n] → [n, 1] → [n, 1 + gap] → [n · (1 + gap)], without the last gap
    const split = graph.apply('Unsqueeze', [name, graph.ints([axis + 1])]);
    const behind = [...extents.map(() => 0), 0].map((_, at) => (at === axis + 1 ? gap : 0));
    const pads = graph.ints([...behind.map(() => 0), ...behind]);
    const spread = graph.apply('Pad', [split, pads, graph.float(value)]);
    const split2 = [...extents.slice(0, axis + 1), gap + 1, ...extents.slice(axis + 1)];
    const joined = extents.with(axis, count * (gap + 1));
    const flat = graph.reshape(spread, split2, joined);
    const last = count + (count - 1) * gap;
    name = graph.apply('Slice', [
      flat,
      graph.ints([0]),
      graph.ints([last]),
      graph.ints([axis]),
      graph.ints([1]),
    ]);
    extents[axis] = last;
  }
  if ([...low, ...high].some((count) => count > 0))
    name = graph.apply('Pad', [name, graph.ints([...low, ...high]), graph.float(value)]);
  return { name, extents: shape };
}

export function convertConcat(conversion: Conversion<'concat'>): Value {
  const { graph, attributes, inputs, shape } = conversion;
  if (isBatch(shape[attributes.axis]))
    throw new Unsupported(conversion.node, 'the batch is put together anew');
  const parts = inputs.map((_, i) => full(conversion, i));
  return { name: graph.apply('Concat', parts, { axis: attributes.axis }), extents: shape };
}

export function convertReverse({ graph, inputs, attributes, shape }: Conversion<'reverse'>): Value {
  const [given] = inputs;
  if (!given || given.extents.length === 0) return given ?? { name: '', extents: [] };
  const value = graph.ranked(given, shape.length);
  const { axes } = attributes;
  if (axes.length === 0) return value;
  const all = (number: number) => graph.ints(axes.map(() => number));
  const name = graph.apply('Slice', [value.name, all(-1), all(-(2 ** 40)), graph.ints(axes), all(-1)]);
  return { name, extents: value.extents };
}
