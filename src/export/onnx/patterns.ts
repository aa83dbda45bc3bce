// The interface of recognizers. A recognizer receives a node and can follow its inputs; if a group of nodes is one operator of ONNX, it
// returns the operator's inputs and a function that writes it. Nodes inside the group must have no other reader: they would be computed
// twice.
import type { Node, NodeId } from '../../ir/graph/type.ts';
import type { WindowGeometry } from '../../ops/windows.ts';
import type { Extent } from './extent.ts';
import type { OnnxGraph, Value } from './onnx-graph.ts';

export interface Surroundings {
  node(id: NodeId | undefined): Node | undefined;
  /** The number of live nodes and outputs that read a node. */
  uses(id: NodeId): number;
}

export interface Writing {
  readonly graph: OnnxGraph;
  extents(node: Node): readonly Extent[];
  /** A value with all its axes and sizes, broadcast. */
  full(node: Node): string;
}

export interface Match {
  /** The nodes whose values the operator takes. */
  readonly operands: readonly Node[];
  write(writing: Writing): Value;
}

export type Recognizer = (node: Node, around: Surroundings) => Match | undefined;

/** A list attribute of a node. */
export function numbersOf(node: Node, name: string): readonly number[] {
  const value = node.attributes[name];
  return Array.isArray(value) ? (value as readonly number[]) : [];
}

/** The axes and geometry of the windows of a `windows` or `unwindows` node. */
export function windowGeometry(node: Node): WindowGeometry {
  const [axes, sizes, strides, dilations, low, high] = [
    numbersOf(node, 'axes'),
    numbersOf(node, 'sizes'),
    numbersOf(node, 'strides'),
    numbersOf(node, 'dilations'),
    numbersOf(node, 'low'),
    numbersOf(node, 'high'),
  ];
  return { axes, sizes, strides, dilations, low, high };
}

/** Whether the node has a single reader. */
export function isPrivate(node: Node, around: Surroundings): boolean {
  return around.uses(node.id) === 1;
}

/** The vector added along one axis of a sum's other operand: a bias. */
export function biasOf(
  node: Node,
  around: Surroundings,
): { readonly product: Node; readonly bias: Node; readonly axis: number } | undefined {
  if (node.operation !== 'add') return undefined;
  const [left, right] = node.inputs.map((id) => around.node(id));
  for (const [product, spread] of [
    [left, right],
    [right, left],
  ]) {
    if (product?.operation !== 'contraction' || spread?.operation !== 'broadcast') continue;
    const bias = around.node(spread.inputs[0]);
    const [axis] = numbersOf(spread, 'axes');
    if (bias?.shape.length === 1 && axis !== undefined && isPrivate(product, around))
      return { product, bias, axis };
  }
  return undefined;
}
