// Converts a contraction to MatMul, where possible, else to Einsum. It is a MatMul if one operand ends in the contracted axis, and the
// other has that axis and at most one of its own; transposes put the axes in place.
import type { Node } from '../../ir/graph/type.ts';
import { full, Unsupported, type Conversion } from './converter.ts';
import type { OnnxGraph, Value } from './onnx-graph.ts';

export interface Operand {
  readonly name: string;
  readonly labels: readonly number[];
}

export function convertContraction(conversion: Conversion<'contraction'>): Value {
  const { graph, node, attributes, shape } = conversion;
  const a = { name: full(conversion, 0), labels: attributes.left };
  const b = { name: full(conversion, 1), labels: attributes.right };
  const { output } = attributes;
  const name =
    matrixProduct(graph, a, b, output, true) ??
    matrixProduct(graph, b, a, output, true) ??
    matrixProduct(graph, a, b, output, false) ??
    matrixProduct(graph, b, a, output, false) ??
    einsum(graph, node, a, b, output);
  return { name, extents: shape };
}

/** @param exact refuses to transpose the result */
function matrixProduct(
  graph: OnnxGraph,
  left: Operand,
  right: Operand,
  output: readonly number[],
  exact: boolean,
): string | undefined {
  const inLeft = new Set(left.labels);
  const inRight = new Set(right.labels);
  const kept = output.filter((label) => inLeft.has(label) && inRight.has(label));
  const rows = output.filter((label) => inLeft.has(label) && !inRight.has(label));
  const columns = output.filter((label) => !inLeft.has(label) && inRight.has(label));
  const summed = left.labels.filter((label) => inRight.has(label) && !output.includes(label));
  const alone = [...left.labels, ...right.labels].filter(
    (label) => !output.includes(label) && inLeft.has(label) !== inRight.has(label),
  );
  if (alone.length > 0 || summed.length !== 1 || columns.length > 1 || rows.length === 0) return undefined;
  if (kept.length > 0 && rows.length !== 1) return undefined;
  const made = [...kept, ...rows, ...columns];
  if (exact && output.join() !== made.join()) return undefined;
  const first = arrange(graph, left, [...kept, ...rows, ...summed]);
  const second = arrange(graph, right, [...kept, ...summed, ...columns]);
  if (columns.length === 1 || kept.length === 0) {
    const name = graph.apply('MatMul', [first, second]);
    return arrange(graph, { name, labels: made }, output);
  }
  // a vector per example: a matrix with one column
  const last = graph.ints([kept.length + 1]);
  const column = graph.apply('Unsqueeze', [second, last]);
  const name = graph.apply('Squeeze', [graph.apply('MatMul', [first, column]), last]);
  return arrange(graph, { name, labels: made }, output);
}

/** The operand with its axes in the given order. */
export function arrange(graph: OnnxGraph, { name, labels }: Operand, order: readonly number[]): string {
  return graph.transpose(
    name,
    order.map((label) => labels.indexOf(label)),
  );
}

function einsum(graph: OnnxGraph, node: Node, a: Operand, b: Operand, output: readonly number[]): string {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const labels = [...new Set([...a.labels, ...b.labels])];
  if (labels.length > letters.length) throw new Unsupported(node, `it has ${labels.length} axes`);
  const text = (given: readonly number[]) => given.map((label) => letters[labels.indexOf(label)]).join('');
  const equation = `${text(a.labels)},${text(b.labels)}->${text(output)}`;
  return graph.apply('Einsum', [a.name, b.name], { equation });
}
