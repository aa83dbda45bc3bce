// Recognizes Gemm and the poolings.
import type { Node } from '../../ir/graph/type.ts';
import { windowAlong, type WindowGeometry } from '../../ops/windows.ts';
import { elementCount } from '../../runtime/tensor.ts';
import {
  biasOf,
  isPrivate,
  numbersOf,
  windowGeometry,
  type Match,
  type Recognizer,
  type Surroundings,
} from './patterns.ts';
import type { AttributeValues } from './onnx-graph.ts';
import { windowAttributes } from './recognize-convolution.ts';

/** A product of two matrices, possibly transposed, with an optional bias per column. */
export const matrixProduct: Recognizer = (node, around) => {
  const biased = biasOf(node, around);
  const product = biased?.product ?? node;
  if (product.operation !== 'contraction' || product.shape.length !== 2) return undefined;
  if (biased && biased.axis !== 1) return undefined;
  const [left, right] = product.inputs.map((id) => around.node(id));
  if (left?.shape.length !== 2 || right?.shape.length !== 2) return undefined;
  const output = numbersOf(product, 'output');
  const [a, b] = [
    matrix(left, numbersOf(product, 'left'), around),
    matrix(right, numbersOf(product, 'right'), around),
  ];
  const [rows, columns] = a.labels.includes(output[0] ?? -1) ? [a, b] : [b, a];
  const [m, n] = output;
  const k = rows.labels.find((label) => label !== m);
  if (m === undefined || n === undefined || k === undefined) return undefined;
  if (!columns.labels.includes(k) || !columns.labels.includes(n) || n === k || columns.labels.includes(m))
    return undefined;
  return {
    operands: [rows.node, columns.node, ...(biased ? [biased.bias] : [])],
    write: ({ graph, extents, full }) => ({
      name: graph.apply(
        'Gemm',
        [full(rows.node), full(columns.node), ...(biased ? [full(biased.bias)] : [])],
        { transA: rows.labels[0] === m ? 0 : 1, transB: columns.labels[0] === k ? 0 : 1 },
      ),
      extents: extents(node),
    }),
  };
};

/** The operand, or the matrix of which it is the transpose. */
function matrix(node: Node, labels: readonly number[], around: Surroundings) {
  const inner = node.operation === 'transpose' ? around.node(node.inputs[0]) : undefined;
  const swapped = numbersOf(node, 'permutation').join() === '1,0';
  return inner && swapped ? { node: inner, labels: labels.toReversed() } : { node, labels };
}

export const maxPooling: Recognizer = (node, around) => {
  if (node.operation !== 'max') return undefined;
  const windows = around.node(node.inputs[0]);
  const padded = [...numbersOf(windows ?? node, 'low'), ...numbersOf(windows ?? node, 'high')].some(
    (count) => count > 0,
  );
  if (padded && windows?.attributes['value'] !== -Infinity) return undefined;
  const pooled = poolingOf(node, around);
  return pooled && writePooling(node, pooled, 'MaxPool', { dilations: pooled.geometry.dilations });
};

/** A sum over windows, divided by their number of elements. */
export const meanPooling: Recognizer = (node, around) => {
  if (node.operation !== 'divide') return undefined;
  const [sum, count] = node.inputs.map((id) => around.node(id));
  if (sum?.operation !== 'sum' || !isPrivate(sum, around) || count?.operation !== 'constant')
    return undefined;
  const windows = around.node(sum.inputs[0]);
  if (windows?.operation !== 'windows' || windows.attributes['value'] !== 0) return undefined;
  const elements = elementCount(numbersOf(windows, 'sizes'));
  if (count.attributes['value'] !== elements || numbersOf(windows, 'dilations').some((gap) => gap > 1))
    return undefined;
  const pooled = poolingOf(sum, around);
  return pooled && writePooling(node, pooled, 'AveragePool', { count_include_pad: 1 });
};

interface Pooling {
  readonly input: Node;
  readonly geometry: WindowGeometry;
  /** The input's axes in ONNX's order: examples, channels, then those with windows. */
  readonly order: readonly number[];
}

/** A reduction over complete windows, if ONNX's poolings support it. */
function poolingOf(reduction: Node, around: Surroundings): Pooling | undefined {
  const windows = around.node(reduction.inputs[0]);
  const input = windows && around.node(windows.inputs[0]);
  if (windows?.operation !== 'windows' || !input || !isPrivate(windows, around)) return undefined;
  const geometry = windowGeometry(windows);
  const rank = input.shape.length;
  const reduced = numbersOf(reduction, 'axes').toSorted((a, b) => a - b);
  if (reduced.join() !== geometry.axes.map((_, k) => rank + k).join()) return undefined;
  const others = input.shape.map((_, axis) => axis).filter((axis) => !geometry.axes.includes(axis));
  if (others.length !== 2 || geometry.axes.length > 3) return undefined;
  // ONNX does not allow a window that is entirely padding.
  const inPadding = geometry.axes.some((_, k) => {
    const { size, low, high } = windowAlong(geometry, k);
    return low >= size || high >= size;
  });
  return inPadding ? undefined : { input, geometry, order: [...others, ...geometry.axes] };
}

function writePooling(
  node: Node,
  { input, geometry, order }: Pooling,
  operator: 'MaxPool' | 'AveragePool',
  more: AttributeValues,
): Match {
  const { kernel_shape, strides, pads } = windowAttributes(geometry);
  return {
    operands: [input],
    write({ graph, extents, full }) {
      const x = graph.transpose(full(input), order);
      const y = graph.apply(operator, [x], { kernel_shape, strides, pads, ...more });
      const back = order.map((_, axis) => order.indexOf(axis));
      return { name: graph.transpose(y, back), extents: extents(node) };
    },
  };
}
