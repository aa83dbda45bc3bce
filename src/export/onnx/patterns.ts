// What a recognizer works with: it looks at a node and the nodes behind it, and where together they are one operator of ONNX says
// which values that takes and how it is written. Nodes in between must have no other reader, or they would be computed twice.
import type { Node, NodeId } from '../../ir/graph/type.ts';
import type { Extent } from './extent.ts';
import type { OnnxGraph, Value } from './onnx-graph.ts';

export interface Surroundings {
  node(id: NodeId | undefined): Node | undefined;
  /** How many live nodes and outputs read a node. */
  uses(id: NodeId): number;
}

export interface Writing {
  readonly graph: OnnxGraph;
  extents(node: Node): readonly Extent[];
  /** A value with all its axes. */
  whole(node: Node): string;
}

export interface Match {
  /** The nodes whose values it takes. */
  readonly operands: readonly Node[];
  write(writing: Writing): Value;
}

export type Recognizer = (node: Node, around: Surroundings) => Match | undefined;

/** A list attribute of a node. */
export function numbersOf(node: Node, name: string): readonly number[] {
  const value = node.attributes[name];
  return Array.isArray(value) ? (value as readonly number[]) : [];
}

/** Whether the only reader of the node is the one that asks. */
export function isPrivate(node: Node, around: Surroundings): boolean {
  return around.uses(node.id) === 1;
}

/** The vector that is added along one axis of a sum's other operand: a bias. */
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
