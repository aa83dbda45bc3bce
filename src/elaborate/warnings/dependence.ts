// What the values of a graph depend on, for the warnings of models that are legal and probably not meant.
import type { Graph, Node, NodeId } from '../../ir/graph/type.ts';

/** The leaves that a value depends on. */
export interface Dependence {
  /** The model's own inputs. */
  readonly inputs: boolean;
  readonly parameters: boolean;
  /** The names of targets. */
  readonly targets: ReadonlySet<string>;
}

const nothing: Dependence = { inputs: false, parameters: false, targets: new Set() };

/** The dependence of every node, in the order of their ids. */
export function dependences({ nodes }: Graph): readonly Dependence[] {
  const found: Dependence[] = [];
  for (const node of nodes) found.push(ofLeaf(node) ?? ofInputs(node, found));
  return found;
}

function ofLeaf({ operation, attributes }: Node): Dependence | undefined {
  if (operation === 'stored') return { ...nothing, parameters: attributes['storage'] === 'parameter' };
  if (operation === 'random') return { ...nothing, inputs: true };
  if (operation !== 'input') return undefined;
  return attributes['role'] === 'target'
    ? { ...nothing, targets: new Set([String(attributes['name'])]) }
    : { ...nothing, inputs: true };
}

function ofInputs({ inputs }: Node, known: readonly Dependence[]): Dependence {
  const all = inputs.map((id) => known[id] ?? nothing);
  const [only] = all;
  if (all.length === 1 && only) return only;
  const targets = all.filter(({ targets: names }) => names.size > 0);
  return {
    inputs: all.some((each) => each.inputs),
    parameters: all.some((each) => each.parameters),
    targets:
      targets.length === 0 ? nothing.targets : new Set(targets.flatMap(({ targets: names }) => [...names])),
  };
}

/** The nodes that read each node. */
export function usersOf({ nodes }: Graph): ReadonlyMap<NodeId, readonly Node[]> {
  const users = new Map<NodeId, Node[]>();
  for (const node of nodes)
    for (const id of new Set(node.inputs)) {
      const known = users.get(id);
      if (known) known.push(node);
      else users.set(id, [node]);
    }
  return users;
}

/** The nodes that a value is computed from, itself included; `passes` says whether an edge to an input counts. */
export function ancestorsOf(
  { nodes }: Graph,
  values: Iterable<NodeId>,
  passes: (node: Node, input: number) => boolean = () => true,
): ReadonlySet<NodeId> {
  const reached = new Set<NodeId>(values);
  for (const node of nodes.toReversed()) {
    if (!reached.has(node.id)) continue;
    node.inputs.forEach((id, i) => {
      if (passes(node, i)) reached.add(id);
    });
  }
  return reached;
}
