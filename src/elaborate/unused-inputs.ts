// Warns of each input and target of a model that no result of its programs depends on.
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Graph, NodeId } from '../ir/graph/type.ts';

export function unusedInputs(graphs: readonly Graph[]): Diagnostic[] {
  const used = new Set(graphs.flatMap(usedInputs));
  const [first] = graphs;
  return (first?.nodes ?? []).flatMap(({ operation, attributes, origin }) => {
    const { name, role } = attributes;
    if (operation !== 'input' || typeof name !== 'string' || used.has(name)) return [];
    if (role !== 'input' && role !== 'target') return [];
    return [diagnostic('input.unused', origin.span, { name, role })];
  });
}

function usedInputs({ nodes, outputs, updates }: Graph): string[] {
  const reached = new Set<NodeId>([
    ...outputs.map(({ value }) => value),
    ...updates.map(({ value }) => value),
  ]);
  const names: string[] = [];
  for (const node of nodes.toReversed()) {
    if (!reached.has(node.id)) continue;
    for (const id of node.inputs) reached.add(id);
    if (node.operation === 'input') names.push(String(node.attributes['name']));
  }
  return names;
}
