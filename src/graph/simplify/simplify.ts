// Simplifies a graph to an equal, smaller or cheaper one: dead code removed, common subexpressions merged, the rules of this folder
// applied. One bottom-up pass: every node is rebuilt from rebuilt inputs, and what a rule builds goes through the rules too, so that no
// node of the result matches a rule. Values change by rounding only; a name stays with the value it named.
import type { Attributes, AttributeValue, Graph, Node, NodeId, Phase } from '../../ir/graph/type.ts';
import { GraphBuilder } from '../builder.ts';
import { arithmeticRules } from './arithmetic.ts';
import { contractionRules } from './contractions.ts';
import { reductionRules } from './reductions.ts';
import { viewRules } from './views.ts';
import { windowRules } from './windows.ts';
import type { Rule, RuleEmit, RuleTable } from './rule.ts';

const rules: ReadonlyMap<string, readonly Rule[]> = mergeTables([
  arithmeticRules,
  viewRules,
  windowRules,
  reductionRules,
  contractionRules,
]);

/** For printing: windows stay as written in the text. */
const readableRules = mergeTables([arithmeticRules, viewRules, reductionRules, contractionRules]);

export interface Simplified {
  readonly graph: Graph;
  /** Of each kept node, the node of the new graph with its value. */
  readonly ids: ReadonlyMap<NodeId, NodeId>;
}

export function simplify(graph: Graph): Graph {
  return simplifyKeeping(graph, []).graph;
}

export interface SimplifyOptions {
  /** Whether the result is for people to read rather than for computing. */
  readonly readable?: boolean;
}

/**
 * Keeps further nodes than outputs and updates alive, and maps them to the new graph: a loss and its parameters, where the graph is still
 * to be differentiated. A stable form (log_softmax) has a stable gradient only if it is introduced before that.
 */
export function simplifyKeeping(
  graph: Graph,
  kept: readonly NodeId[],
  { readable = false }: SimplifyOptions = {},
): Simplified {
  const users = countUsers(graph, kept);
  const rebuilt = new Map<NodeId, Node>();
  const simplifier = new Simplifier(graph.name, readable ? readableRules : rules);
  for (const node of graph.nodes) {
    const count = users.get(node.id);
    if (count === undefined) continue;
    rebuilt.set(node.id, simplifier.rebuild(node, valuesOf(rebuilt, node.inputs), count));
  }
  for (const { name, value } of graph.outputs) simplifier.output(name, valueOf(rebuilt, value));
  for (const { leaf, value } of graph.updates) {
    simplifier.update(valueOf(rebuilt, leaf), valueOf(rebuilt, value));
  }
  const found = kept.map((id) => [id, valueOf(rebuilt, id).id] as const);
  const renumbered = renumber(
    simplifier.finish(),
    found.map(([, id]) => id),
  );
  return {
    graph: renumbered.graph,
    ids: new Map(found.map(([id, between]) => [id, renumbered.ids.get(between) ?? between])),
  };
}

const phaseOrder: Readonly<Record<Phase, number>> = { forward: 0, backward: 1, update: 2 };

/** Builds nodes through the rules, each distinct node once. */
class Simplifier extends GraphBuilder implements RuleEmit {
  constructor(
    name: string,
    private readonly rules: ReadonlyMap<string, readonly Rule[]>,
  ) {
    super(name);
  }

  private readonly values = new Map<string, NodeId>();
  private readonly users = new Map<NodeId, number>();

  rebuild(node: Node, inputs: readonly Node[], users: number): Node {
    const { name, ...origin } = node.origin;
    this.origin = origin;
    this.phase = node.phase;
    const result = this.node(this.apply(node.operation, inputs, node.attributes).id);
    this.users.set(result.id, (this.users.get(result.id) ?? 0) + users);
    if (name === undefined || result.origin.name !== undefined || result.phase !== node.phase) return result;
    return this.replace(result, { origin: node.origin });
  }

  override apply(operation: string, inputs: readonly Node[], attributes: Attributes = {}): Node {
    const key = nodeKey(operation, inputs, attributes);
    const known = this.values.get(key);
    if (known !== undefined) return this.advance(known);
    const result = this.rewrite(operation, inputs, attributes) ?? super.apply(operation, inputs, attributes);
    this.values.set(key, result.id);
    return result;
  }

  shared(node: Node): boolean {
    return (this.users.get(node.id) ?? 1) > 1;
  }

  known(operation: string, inputs: readonly Node[], attributes: Attributes): boolean {
    return this.values.has(nodeKey(operation, inputs, attributes));
  }

  private rewrite(operation: string, inputs: readonly Node[], attributes: Attributes): Node | undefined {
    for (const rule of this.rules.get(operation) ?? []) {
      const result = rule({ operation, inputs, attributes }, this);
      if (result) return result;
    }
    return undefined;
  }

  /** A node that an earlier phase needs too moves to that phase, with everything that it is computed from. */
  private advance(id: NodeId): Node {
    const pending = [id];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const node = this.node(next);
      if (phaseOrder[node.phase] <= phaseOrder[this.phase]) continue;
      this.replace(node, { phase: this.phase });
      pending.push(...node.inputs);
    }
    return this.node(id);
  }
}

/** The number of uses of every live node: those that an output, an update or a kept node needs. */
function countUsers(graph: Graph, kept: readonly NodeId[]): ReadonlyMap<NodeId, number> {
  const users = new Map<NodeId, number>();
  const use = (id: NodeId) => users.set(id, (users.get(id) ?? 0) + 1);
  for (const { value } of graph.outputs) use(value);
  for (const { leaf, value } of graph.updates) [leaf, value].forEach(use);
  kept.forEach(use);
  for (const node of graph.nodes.toReversed()) if (users.has(node.id)) node.inputs.forEach(use);
  return users;
}

/** Removes dead nodes and renumbers the others. */
function renumber(graph: Graph, kept: readonly NodeId[]): Simplified {
  const users = countUsers(graph, kept);
  const ids = new Map<NodeId, NodeId>();
  const idOf = (id: NodeId) => ids.get(id) ?? id;
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    if (!users.has(node.id)) continue;
    ids.set(node.id, nodes.length);
    nodes.push({ ...node, id: nodes.length, inputs: node.inputs.map(idOf) });
  }
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: idOf(value) }));
  const updates = graph.updates.map(({ leaf, value }) => ({ leaf: idOf(leaf), value: idOf(value) }));
  return { graph: { name: graph.name, nodes, outputs, updates }, ids };
}

const commutative: ReadonlySet<string> = new Set(['add', 'multiply', 'equal']);

/** Structural key: equal for nodes that compute the same. */
function nodeKey(operation: string, inputs: readonly Node[], attributes: Attributes): string {
  const ids = inputs.map((input) => input.id);
  if (commutative.has(operation)) ids.sort((a, b) => a - b);
  const settings = Object.keys(attributes)
    .sort()
    .map((name) => `${name}=${attributeKey(attributes[name])}`);
  return `${operation}(${ids.join(',')}){${settings.join(';')}}`;
}

function attributeKey(value: AttributeValue): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  return JSON.stringify(value);
}

function mergeTables(tables: readonly RuleTable[]): ReadonlyMap<string, readonly Rule[]> {
  const merged = new Map<string, readonly Rule[]>();
  for (const [operation, list] of tables.flatMap((table) => Object.entries(table))) {
    merged.set(operation, [...(merged.get(operation) ?? []), ...list]);
  }
  return merged;
}

function valueOf(rebuilt: ReadonlyMap<NodeId, Node>, id: NodeId): Node {
  const found = rebuilt.get(id);
  if (!found) throw new Error(`%${id} is used before it stands in the graph`);
  return found;
}

function valuesOf(rebuilt: ReadonlyMap<NodeId, Node>, ids: readonly NodeId[]): readonly Node[] {
  return ids.map((id) => valueOf(rebuilt, id));
}
