// Checks the invariants of every stage: ids are positions, nodes are in topological order, shapes follow the primitives' rules, updates
// fit their leaves. A violation is a compiler bug.
import type { Graph, Node, NodeId } from '../ir/graph/type.ts';
import { equalShapes, showShape } from '../ops/shapes.ts';
import { operationOf } from '../ops/table.ts';

/** Throws an Error that names the node at fault. */
export function verifyGraph(graph: Graph): void {
  graph.nodes.forEach((node, position) => verifyNode(graph, node, position));
  verifyLeaves(graph);
  verifyOutputs(graph);
  verifyUpdates(graph);
}

function verifyNode(graph: Graph, node: Node, position: number): void {
  if (node.id !== position) throw fault(graph, node, `stands at position ${position}`);
  const inputs = node.inputs.map((id) => {
    const input = id < position ? graph.nodes[id] : undefined;
    if (!input) throw fault(graph, node, `reads %${id}, which does not stand before it`);
    if (phases[input.phase] > phases[node.phase]) {
      throw fault(graph, node, `is of phase ${node.phase}, but reads %${id} of phase ${input.phase}`);
    }
    return input.shape;
  });
  const expected = shapeOf(graph, node, inputs);
  if (!equalShapes(node.shape, expected)) {
    throw fault(graph, node, `has shape ${showShape(node.shape)}, but its rule gives ${showShape(expected)}`);
  }
}

const phases = { forward: 0, backward: 1, update: 2 };

function shapeOf(graph: Graph, node: Node, inputs: readonly (readonly number[])[]) {
  try {
    return operationOf(node.operation).shape(inputs, node.attributes);
  } catch (error) {
    throw fault(graph, node, `has no shape: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Inputs and stored tensors are unique. */
function verifyLeaves(graph: Graph): void {
  const seen = new Map<string, NodeId>();
  for (const node of graph.nodes) {
    if (node.operation !== 'input' && node.operation !== 'stored') continue;
    const key = `${node.operation} ${String(node.attributes[node.operation === 'input' ? 'name' : 'path'])}`;
    const other = seen.get(key);
    if (other !== undefined) throw fault(graph, node, `is the ${key}, as %${other} is`);
    seen.set(key, node.id);
  }
}

function verifyOutputs(graph: Graph): void {
  const names = new Set<string>();
  for (const { name, value } of graph.outputs) {
    if (!graph.nodes[value])
      throw new Error(`graph ${graph.name}: the output ${name} is %${value}, which does not exist`);
    if (names.has(name)) throw new Error(`graph ${graph.name}: two outputs are called ${name}`);
    names.add(name);
  }
}

function verifyUpdates(graph: Graph): void {
  const updated = new Set<NodeId>();
  for (const { leaf: leafId, value: valueId } of graph.updates) {
    const [leaf, value] = [graph.nodes[leafId], graph.nodes[valueId]];
    if (!leaf || !value)
      throw new Error(`graph ${graph.name}: an update of %${leafId} by %${valueId}, which does not exist`);
    if (leaf.operation !== 'stored') throw fault(graph, leaf, 'is updated, but is not stored');
    if (!equalShapes(leaf.shape, value.shape)) {
      throw fault(
        graph,
        leaf,
        `is ${showShape(leaf.shape)}, but its update %${valueId} is ${showShape(value.shape)}`,
      );
    }
    if (updated.has(leafId)) throw fault(graph, leaf, 'is updated twice');
    updated.add(leafId);
  }
}

function fault(graph: Graph, node: Node, what: string): Error {
  const name = node.origin.name ?? node.origin.path;
  return new Error(`graph ${graph.name}: %${node.id}${name && ` ${name}`} (${node.operation}) ${what}`);
}
