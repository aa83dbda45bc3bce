// The program from a model's outputs to its inputs, or the reasons why there is none.
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Graph, Node } from '../ir/graph/type.ts';
import type { ElaboratedModel } from './model/model.ts';
import { invert, reasonAgainst } from '../graph/invert.ts';

export interface InverseProgram {
  readonly graph: Graph;
  /** Why there is no inverse. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Builds it from a model elaborated for the program `inverse`. */
export function inverseProgram(elaborated: ElaboratedModel): InverseProgram {
  const { graph, inputs, inverses } = elaborated;
  const known = graph.outputs.flatMap(({ name, value }) =>
    name.startsWith('output.') ? [{ name: name.slice('output.'.length), value }] : [],
  );
  const wanted = inputs.flatMap(({ name }) => {
    const node = graph.nodes.find(
      ({ operation, attributes }) => operation === 'input' && attributes['name'] === name,
    );
    return node ? [{ name: `input.${name}`, value: node.id }] : [];
  });
  const inverted = invert(graph, { known, wanted, inverses });
  const [first] = inverted.obstacles;
  if (inverted.graph.outputs.length === wanted.length) return { graph: inverted.graph, diagnostics: [] };
  const related = inverted.obstacles
    .slice(1, 4)
    .flatMap(({ origin: { span }, operation }) =>
      span ? [{ span, message: `nor is there a way back through ${operation} here` }] : [],
    );
  const args = { model: graph.name, reason: first ? reasonOf(first) : 'nothing of them is known' };
  return {
    graph: inverted.graph,
    diagnostics: [diagnostic('inverse.none', first?.origin.span, args, { related })],
  };
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['relu', 'relu gives 0 for everything below it'],
  ['maximum', 'a maximum loses the smaller value'],
  ['minimum', 'a minimum loses the larger value'],
  ['max', 'a maximum keeps one value of many'],
  ['sum', 'a sum loses its terms'],
  ['contraction', 'a product with a weight may lose what it is given'],
  ['multiply', 'the factor may be zero'],
  ['softmax', 'softmax is the same for all inputs that differ by a number'],
  ['log_softmax', 'log_softmax is the same for all inputs that differ by a number'],
  ['add', 'both terms of a sum are unknown'],
  ['subtract', 'both terms of a difference are unknown'],
]);

function reasonOf(node: Node): string {
  const path = node.origin.path === '' ? '' : ` (in ${node.origin.path})`;
  const reason = reasons.get(node.operation) ?? reasonAgainst(node.operation);
  return (reason ?? `there is no way back through ${node.operation}`) + path;
}
