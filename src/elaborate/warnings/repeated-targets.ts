// Warns of a loss in which a target and what is predicted have different shapes, so that one of them is repeated: `output - y` of [10, 1]
// and [10] compares every value with every other.
import { showShape } from '../../runtime/tensor.ts';
import { diagnostic, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Graph, Node, NodeId } from '../../ir/graph/type.ts';
import { elementCount } from '../../runtime/tensor.ts';
import { ancestorsOf, dependences, type Dependence } from './dependence.ts';

export function repeatedTargets(graph: Graph, loss: NodeId): Diagnostic[] {
  const known = dependences(graph);
  const involved = ancestorsOf(graph, [loss]);
  return graph.nodes.flatMap((node) => {
    if (!involved.has(node.id) || !comparing.has(node.operation)) return [];
    const operands = node.inputs.flatMap((id) => graph.nodes[id] ?? []);
    const target = operands.find((each) => isTarget(known[each.id]));
    const predicted = operands.find((each) => isPredicted(known[each.id]));
    if (!target || !predicted) return [];
    const [given, found] = [unspread(graph, target), unspread(graph, predicted)];
    // what was reduced over the batch is the same for all examples, and repeated on purpose
    if ([given, found].some(({ shape }) => shape[0] !== node.shape[0])) return [];
    const [all, wanted, predictions] = [node, given, found].map(({ shape }) => elementCount(shape));
    if (all === undefined || wanted === undefined || predictions === undefined) return [];
    if (all <= Math.min(wanted, predictions)) return [];
    const [name = ''] = known[target.id]?.targets ?? [];
    const shapes = { target: showShape(given.shape.slice(1)), found: showShape(found.shape.slice(1)) };
    const repeated =
      all > Math.max(wanted, predictions)
        ? 'both are'
        : wanted < predictions
          ? 'the target is'
          : 'the prediction is';
    return [diagnostic('target.repeated', node.origin.span, { name, repeated, ...shapes })];
  });
}

const comparing: ReadonlySet<string> = new Set([
  ...['add', 'subtract', 'multiply', 'divide', 'power', 'maximum', 'minimum', 'equal', 'less', 'less_equal'],
]);

const isTarget = (known: Dependence | undefined) =>
  known !== undefined && known.targets.size > 0 && !known.inputs && !known.parameters;
const isPredicted = (known: Dependence | undefined) =>
  known !== undefined && known.targets.size === 0 && known.inputs && known.parameters;

/** The value before it is repeated along further axes. */
function unspread(graph: Graph, node: Node): Node {
  const inner = node.operation === 'broadcast' ? graph.nodes[node.inputs[0] ?? -1] : undefined;
  return inner ?? node;
}
