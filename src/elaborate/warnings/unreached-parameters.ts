// Warns of parameters that no gradient reaches: nothing of the loss depends on them, or only through steps whose derivative is zero
// (`argmax`, a comparison, `floor`). What goes through `stop_gradient` is meant.
import { diagnostic, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { enumerate } from '../../diagnostics/enumerate.ts';
import type { Span } from '../../diagnostics/source.ts';
import type { Graph, Node, NodeId } from '../../ir/graph/type.ts';
import { ancestorsOf } from './dependence.ts';

export function unreachedParameters(graph: Graph, loss: NodeId, parameters: readonly NodeId[]): Diagnostic[] {
  const reached = ancestorsOf(graph, [loss], hasDerivative);
  const involved = ancestorsOf(graph, [loss]);
  const bySpan = new Map<Span | undefined, Node[]>();
  for (const id of parameters) {
    const node = graph.nodes[id];
    if (!node || reached.has(id)) continue;
    bySpan.set(node.origin.span, [...(bySpan.get(node.origin.span) ?? []), node]);
  }
  return [...bySpan].map(([span, nodes]) => {
    const names = nodes.map(({ attributes }) => `\`${String(attributes['path'])}\``);
    const [first] = nodes;
    const reason =
      first && involved.has(first.id)
        ? 'the loss depends on it only through steps without a derivative'
        : 'the loss does not depend on it';
    const plural = reason.replace(' it', ' them');
    return diagnostic('parameter.unreached', span, {
      names: enumerate(names, 'and'),
      verb: nodes.length === 1 ? 'is' : 'are',
      reason: nodes.length === 1 ? reason : plural,
    });
  });
}

/** Operations whose derivative is zero wherever it exists. */
const flat: ReadonlySet<string> = new Set([
  ...['argmax', 'one_hot', 'equal', 'less', 'less_equal', 'floor', 'sign', 'round'],
]);

function hasDerivative({ operation }: Node, input: number): boolean {
  if (flat.has(operation)) return false;
  if (operation === 'select') return input > 0;
  if (operation === 'gather') return input === 0;
  return operation !== 'scatter_add' || input === 1;
}
