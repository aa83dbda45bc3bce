// Warns of two linear maps with nothing between: B (A x + a) + b is one map, C x + c, that could be learned with fewer weights. A narrow
// place in between is meant: where the inner size is below both others, the pair is a map of low rank. So is a weight that is used
// elsewhere, and a value in between that is.
import { diagnostic, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Graph, Node, NodeId } from '../../ir/graph/type.ts';
import { elementCount } from '../../runtime/tensor.ts';
import { dependences, usersOf, type Dependence } from './dependence.ts';

/** @param results values that leave the model: what is one of them is used, whatever follows */
export function linearPairs(graph: Graph, results: ReadonlySet<NodeId>): Diagnostic[] {
  const view = { graph, results, known: dependences(graph), users: usersOf(graph) };
  return graph.nodes.flatMap((node) => {
    const second = linearMap(view, node);
    const first = second && mapBehind(view, second.data);
    if (!first || second.inner < Math.min(first.inner, second.outer)) return [];
    const { span } = node.origin;
    const place = first.node.origin.span;
    // both from one place: a formula that means what it says
    if (!span || !place || (span.start === place.start && span.source === place.source)) return [];
    const related = [{ span: place, message: 'the first of the two' }];
    return [diagnostic('linear.pair', span, {}, { related })];
  });
}

interface View {
  readonly graph: Graph;
  readonly known: readonly Dependence[];
  readonly users: ReadonlyMap<NodeId, readonly Node[]>;
  readonly results: ReadonlySet<NodeId>;
}

interface LinearMap {
  readonly node: Node;
  /** The operand that depends on the inputs. */
  readonly data: Node;
  /** Sizes of what it takes and what it gives. */
  readonly inner: number;
  readonly outer: number;
}

/** A product of a value that depends on the inputs and learned weights that are used nowhere else. */
function linearMap({ graph, known, users }: View, node: Node): LinearMap | undefined {
  if (node.operation !== 'contraction') return undefined;
  const operands = node.inputs.map((id) => graph.nodes[id]);
  const depends = (each: Node | undefined) => each !== undefined && known[each.id]?.inputs === true;
  const at = operands.findIndex(depends);
  const [data, weight] = [operands[at], operands[1 - at]];
  if (!data || !weight || depends(weight) || data.operation === 'windows') return undefined;
  const leaf = leafBehind(graph, weight);
  if (leaf?.attributes['storage'] !== 'parameter' || (users.get(leaf.id) ?? []).length > 1) return undefined;
  const labels = (side: 'left' | 'right' | 'output') => node.attributes[side] as readonly number[];
  const [own, others] = at === 0 ? [labels('left'), labels('right')] : [labels('right'), labels('left')];
  const output = labels('output');
  const sizes = (list: readonly number[], shape: readonly number[], wanted: (label: number) => boolean) =>
    elementCount(shape.filter((_, axis) => wanted(list[axis] ?? -1)));
  return {
    node,
    data,
    inner: sizes(own, data.shape, (label) => !output.includes(label)),
    outer: sizes(others, weight.shape, (label) => output.includes(label) && !own.includes(label)),
  };
}

/** The stored tensor behind steps that rearrange it. */
function leafBehind(graph: Graph, node: Node): Node | undefined {
  let leaf: Node | undefined = node;
  while (leaf && (leaf.operation === 'reshape' || leaf.operation === 'transpose'))
    leaf = graph.nodes[leaf.inputs[0] ?? -1];
  return leaf?.operation === 'stored' ? leaf : undefined;
}

/** The linear map whose value this is, but for a bias and the order of elements, if nothing else uses it. */
function mapBehind(view: View, value: Node): LinearMap | undefined {
  const { graph, known, users, results } = view;
  let node: Node | undefined = value;
  while (node && (users.get(node.id) ?? []).length === 1 && !results.has(node.id)) {
    const map = linearMap(view, node);
    if (map) return map;
    const varying: readonly NodeId[] = node.inputs.filter((id) => known[id]?.inputs === true);
    const [only] = varying;
    if (!linearSteps.has(node.operation) || only === undefined || varying.length > 1) return undefined;
    node = graph.nodes[only];
  }
  return undefined;
}

/** Linear in one operand where the others do not vary with the inputs. */
const linearSteps: ReadonlySet<string> = new Set(['reshape', 'transpose', 'negate', 'add', 'subtract']);
