// A graph's value as one formula, for tests of rules: `multiply(sum(x, axes: [0]), 2)`.
import type { Graph, NodeId } from '../../src/ir/graph/type.ts';

export function outline(graph: Graph, id: NodeId): string {
  const node = graph.nodes[id];
  if (!node) throw new Error(`no node ${id}`);
  const { operation, attributes } = node;
  if (operation === 'input') return String(attributes['name']);
  if (operation === 'stored') return String(attributes['path']);
  if (operation === 'constant') return String(attributes['value']);
  const settings = Object.entries(attributes).map(([name, value]) => `${name}: ${show(value)}`);
  return `${operation}(${[...node.inputs.map((input) => outline(graph, input)), ...settings].join(', ')})`;
}

function show(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(' ')}]` : String(value);
}
