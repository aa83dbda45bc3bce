// Reverse-mode differentiation: appends the gradients of a scalar to its graph, in phase `backward`. Nodes are visited in reverse
// topological order; each passes its accumulated cotangent to its inputs by its primitive's rule. Existing nodes do not change, and only
// nodes on a path from `wrt` to the scalar are visited.
import type { Graph, Node, NodeId, Origin } from '../ir/graph/type.ts';
import { equalShapes, showShape } from '../ops/shapes.ts';
import { operationOf } from '../ops/table.ts';
import { GraphBuilder } from './builder.ts';

export interface Differentiated {
  readonly graph: Graph;
  /** The gradient of each node of `wrt`, of the same shape; zeros where the scalar does not depend on it. */
  readonly gradients: ReadonlyMap<NodeId, NodeId>;
}

export function differentiate(graph: Graph, of: NodeId, wrt: readonly NodeId[]): Differentiated {
  const builder = new GraphBuilder(graph.name, graph);
  builder.phase = 'backward';
  const scalar = builder.node(of);
  if (scalar.shape.length > 0) throw new Error(`%${of} is no scalar, but ${showShape(scalar.shape)}`);

  const path = nodesBetween(graph, of, wrt);
  const parts = new Map<NodeId, Node[]>();
  if (path.has(of)) {
    builder.origin = withoutName(scalar);
    parts.set(of, [builder.constant(1, [])]);
  }
  const cotangents = new Map<NodeId, Node>();
  for (const node of graph.nodes.slice(0, of + 1).reverse()) {
    const received = parts.get(node.id);
    if (!received) continue;
    builder.origin = withoutName(node);
    const cotangent = named(builder, graph, node, accumulate(builder, received));
    cotangents.set(node.id, cotangent);
    propagate(builder, node, cotangent, path, parts);
  }

  const gradients = new Map<NodeId, NodeId>();
  for (const id of wrt) {
    const node = builder.node(id);
    builder.origin = withoutName(node);
    gradients.set(id, (cotangents.get(id) ?? builder.constant(0, node.shape)).id);
  }
  return { graph: builder.finish(), gradients };
}

/** The nodes that depend on `wrt` through differentiable primitives and on which `of` depends. */
function nodesBetween(graph: Graph, of: NodeId, wrt: readonly NodeId[]): ReadonlySet<NodeId> {
  const dependent = new Set(wrt);
  for (const node of graph.nodes.slice(0, of + 1)) {
    const differentiable = operationOf(node.operation).gradient !== 'none';
    if (differentiable && node.inputs.some((input) => dependent.has(input))) dependent.add(node.id);
  }
  const between = new Set<NodeId>();
  const reached = new Set([of]);
  for (const node of graph.nodes.slice(0, of + 1).reverse()) {
    if (!reached.has(node.id) || !dependent.has(node.id)) continue;
    between.add(node.id);
    for (const input of node.inputs) reached.add(input);
  }
  return between;
}

function propagate(
  builder: GraphBuilder,
  node: Node,
  cotangent: Node,
  path: ReadonlySet<NodeId>,
  parts: Map<NodeId, Node[]>,
): void {
  const { gradient } = operationOf(node.operation);
  if (gradient === 'none') return;
  const wanted = (input: number) => path.has(node.inputs[input] ?? -1);
  if (!node.inputs.some((_, i) => wanted(i))) return;
  const inputs = node.inputs.map((id) => builder.node(id));
  const given = gradient({
    emit: builder,
    inputs,
    output: node,
    cotangent,
    attributes: node.attributes,
    wanted,
  });
  inputs.forEach((input, i) => {
    const part = given[i];
    if (!part || !wanted(i)) return;
    if (!equalShapes(part.shape, input.shape)) {
      const [wrong, right] = [showShape(part.shape), showShape(input.shape)];
      throw new Error(
        `the gradient of ${node.operation} towards input ${i} is ${wrong}, but the input is ${right}`,
      );
    }
    const received = parts.get(input.id);
    if (received) received.push(part);
    else parts.set(input.id, [part]);
  });
}

function accumulate(builder: GraphBuilder, [first, ...others]: readonly Node[]): Node {
  if (!first) throw new Error('a cotangent needs at least one part');
  return others.reduce((total, part) => builder.add(total, part), first);
}

/** Names the cotangent after its node, unless it is a number or an existing node (dy itself, a forward node). */
function named(builder: GraphBuilder, graph: Graph, node: Node, cotangent: Node): Node {
  const { name } = node.origin;
  const present = builder.node(cotangent.id);
  if (present.operation === 'constant') return present;
  if (name === undefined || present.origin.name !== undefined || present.id < graph.nodes.length)
    return present;
  return builder.rename(present, `d_${name}`);
}

function withoutName({ origin: { span, library, path } }: Node): Origin {
  return { ...(span && { span }), ...(library && { library }), path };
}
