// Warns of cancellation in the program `metrics`: of each variance or covariance computed as a mean of products minus a product of means.
// The means are float32: if they are large, no digit of the difference is correct.
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Graph, Node, NodeId } from '../ir/graph/type.ts';

export function lostDigits({ nodes }: Graph): Diagnostic[] {
  const byId = new Map<NodeId, Node>(nodes.map((node) => [node.id, node]));
  const at = (node: Node, index: number) => byId.get(node.inputs[index] ?? node.id);
  const isMean = (node: Node | undefined) =>
    node?.operation === 'input' && String(node.attributes['name']).startsWith('statistic.');
  const isProduct = (node: Node | undefined) => {
    if (node?.operation === 'multiply') return isMean(at(node, 0)) && isMean(at(node, 1));
    if (node?.operation !== 'power') return false;
    const exponent = at(node, 1);
    return isMean(at(node, 0)) && exponent?.operation === 'constant' && exponent.attributes['value'] === 2;
  };
  return nodes.flatMap((node) =>
    node.operation === 'subtract' && isMean(at(node, 0)) && isProduct(at(node, 1))
      ? [diagnostic('overall.digits', node.origin.span, {})]
      : [],
  );
}
