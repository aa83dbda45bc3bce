// Gemm and the poolings.
import type { Node } from '../../ir/graph/type.ts';
import { geometryOf, windowAlong, type WindowGeometry } from '../../ops/windows.ts';
import { biasOf, isPrivate, numbersOf, type Match, type Recognizer, type Surroundings } from './patterns.ts';
import { windowAttributes } from './recognize-convolution.ts';

/** A product of two matrices, each perhaps transposed, with a bias for each column where there is one. */
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
    write: ({ graph, extents, whole }) => ({
      name: graph.apply(
        'Gemm',
        [whole(rows.node), whole(columns.node), ...(biased ? [whole(biased.bias)] : [])],
        { transA: rows.labels[0] === m ? 0 : 1, transB: columns.labels[0] === k ? 0 : 1 },
      ),
      extents: extents(node),
    }),
  };
};

/** The operand, or what it is the transpose of. */
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
  return pooling(node, node, 'MaxPool', {}, around);
};

/** A sum over windows, divided by how many elements they have. */
export const meanPooling: Recognizer = (node, around) => {
  if (node.operation !== 'divide') return undefined;
  const [sum, count] = node.inputs.map((id) => around.node(id));
  if (sum?.operation !== 'sum' || !isPrivate(sum, around) || count?.operation !== 'constant')
    return undefined;
  const windows = around.node(sum.inputs[0]);
  if (windows?.operation !== 'windows' || windows.attributes['value'] !== 0) return undefined;
  const elements = numbersOf(windows, 'sizes').reduce((product, size) => product * size, 1);
  if (count.attributes['value'] !== elements || numbersOf(windows, 'dilations').some((gap) => gap > 1))
    return undefined;
  return pooling(node, sum, 'AveragePool', { count_include_pad: 1 }, around);
};

function pooling(
  node: Node,
  reduction: Node,
  operator: 'MaxPool' | 'AveragePool',
  more: { readonly [name: string]: number },
  around: Surroundings,
): Match | undefined {
  const windows = around.node(reduction.inputs[0]);
  const input = windows && around.node(windows.inputs[0]);
  if (windows?.operation !== 'windows' || !input || !isPrivate(windows, around)) return undefined;
  const geometry = geometryOf(windows.attributes as unknown as WindowGeometry);
  const rank = input.shape.length;
  const places = geometry.axes.map((_, k) => rank + k);
  if (
    numbersOf(reduction, 'axes')
      .toSorted((a, b) => a - b)
      .join() !== places.join()
  )
    return undefined;
  const others = input.shape.map((_, axis) => axis).filter((axis) => !geometry.axes.includes(axis));
  if (others.length !== 2 || geometry.axes.length > 3) return undefined;
  // No window may lie in the padding alone.
  const narrow = geometry.axes.some((_, k) => {
    const { size, low, high } = windowAlong(geometry, k);
    return low >= size || high >= size;
  });
  if (narrow) return undefined;
  const order = [...others, ...geometry.axes];
  const { dilations, ...plain } = windowAttributes(geometry);
  return {
    operands: [input],
    write({ graph, extents, whole }) {
      const x = graph.transpose(whole(input), order);
      const attributes = operator === 'MaxPool' ? { ...plain, dilations, ...more } : { ...plain, ...more };
      const y = graph.apply(operator, [x], attributes);
      const back = order.map((_, axis) => order.indexOf(axis));
      return { name: graph.transpose(y, back), extents: extents(node) };
    },
  };
}
