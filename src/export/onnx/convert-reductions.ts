// Reductions, concatenations and lookups.
import { isBatch, productOf, type Extent } from './extent.ts';
import { fixed, Unsupported, full, clippedIndices, type Conversion } from './converter.ts';
import type { Value } from './onnx-graph.ts';

const float = 1;

export function convertSum(conversion: Conversion<'sum'>): Value {
  const { graph, attributes, shape } = conversion;
  const name = full(conversion, 0);
  if (attributes.axes.length === 0) return { name, extents: shape };
  return {
    name: graph.apply('ReduceSum', [name, graph.ints(attributes.axes)], { keepdims: 0 }),
    extents: shape,
  };
}

export function convertMax(conversion: Conversion<'max'>): Value {
  const { graph, attributes, shape } = conversion;
  const name = full(conversion, 0);
  if (attributes.axes.length === 0) return { name, extents: shape };
  return { name: graph.apply('ReduceMax', [name], { axes: attributes.axes, keepdims: 0 }), extents: shape };
}

/** The flat index of the first maximum: several axes are flattened first. */
export function convertArgmax(conversion: Conversion<'argmax'>): Value {
  const { graph, node, attributes, inputShapes, shape } = conversion;
  const { axes } = attributes;
  const given = inputShapes[0] ?? [];
  let name = full(conversion, 0);
  let [axis = 0] = axes;
  if (axes.length !== 1) {
    const kept = given.map((_, i) => i).filter((i) => !axes.includes(i));
    const length = productOf(axes.map((i) => given[i] ?? 1));
    const order = [...kept, ...axes];
    const count = fixed(node, length, 'the number of places');
    name = graph.reshape(
      graph.transpose(name, order),
      order.map((i) => given[i] ?? 1),
      [...shape, count],
    );
    axis = shape.length;
  }
  const found = graph.apply('ArgMax', [name], { axis, keepdims: 0 });
  return { name: graph.apply('Cast', [found], { to: float }), extents: shape, integer: found };
}

export function convertCumulativeSum(conversion: Conversion<'cumulative_sum'>): Value {
  const { graph, attributes, shape } = conversion;
  return { name: graph.apply('CumSum', [full(conversion, 0), graph.int(attributes.axis)]), extents: shape };
}

export function alongAxis<K extends 'softmax' | 'log_softmax'>(operator: string) {
  return (conversion: Conversion<K>): Value => ({
    name: conversion.graph.apply(operator, [full(conversion, 0)], {
      axis: Number(conversion.attributes.axis),
    }),
    extents: conversion.shape,
  });
}

export function convertOneHot(conversion: Conversion<'one_hot'>): Value {
  const { graph, attributes, shape } = conversion;
  const ids = full(conversion, 0);
  const places = Array.from({ length: attributes.size }, (_, i) => i);
  const column = graph.apply('Unsqueeze', [ids, graph.ints([shape.length - 1])]);
  const truth = graph.apply('Equal', [column, graph.floats([attributes.size], places)]);
  return { name: graph.apply('Cast', [truth], { to: float }), extents: shape, truth };
}

export function convertGather(conversion: Conversion<'gather'>): Value {
  const { graph, node, inputShapes, shape } = conversion;
  const rows = fixed(node, inputShapes[0]?.[0], 'the length of a table');
  const ids = clippedIndices(conversion, 1, rows);
  return { name: graph.apply('Gather', [full(conversion, 0), ids], { axis: 0 }), extents: shape };
}

export function convertScatterAdd(conversion: Conversion<'scatter_add'>): Value {
  const { graph, node, inputShapes, shape } = conversion;
  const rows = fixed(node, shape[0], 'the length of a table');
  const ids = clippedIndices(conversion, 0, rows);
  const places = graph.apply('Unsqueeze', [ids, graph.ints([inputShapes[0]?.length ?? 0])]);
  const zeros = graph.apply('Expand', [graph.float(0), graph.sizes(shape)]);
  const name = graph.apply('ScatterND', [zeros, places, full(conversion, 1)], { reduction: 'add' });
  return { name, extents: shape };
}

export function convertIota({ graph, attributes, shape }: Conversion<'iota'>): Value {
  const { axis } = attributes;
  const behind = shape.length - axis - 1;
  const extent = shape[axis] ?? 1;
  const extents: readonly Extent[] = [extent, ...Array.from({ length: behind }, () => 1)];
  if (!isBatch(extent)) {
    const places = Array.from({ length: extent }, (_, i) => i);
    return { name: graph.floats(extents.map(Number), places), extents };
  }
  const count = graph.apply('Squeeze', [graph.sizes([extent])]);
  const places = graph.apply('Range', [graph.int(0), count, graph.int(1)]);
  const line = graph.apply('Cast', [places], { to: float });
  return { name: graph.reshape(line, [extent], extents), extents };
}

export function refuseRandom({ node }: Conversion<'random'>): never {
  throw new Unsupported(
    node,
    'it draws random numbers, and ONNX has none that depend on a seed and a place alone',
  );
}
