// The type of a simplification rule, and the predicates that rules ask of nodes.
import type { Attributes, Node, NodeId } from '../../ir/graph/type.ts';
import type { Emit } from '../../ops/operation.ts';
import type { AttributesOf, OperationName } from '../../ops/table.ts';

/** A node that is about to be built. */
export interface Candidate {
  readonly operation: string;
  readonly inputs: readonly Node[];
  readonly attributes: Attributes;
}

/** Gives an equal value that is cheaper, or no more expensive and closer to where another rule applies. */
export type Rule = (candidate: Candidate, emit: RuleEmit) => Node | undefined;

/** The rules of each operation, tried in order. */
export type RuleTable = Readonly<Partial<Record<OperationName, readonly Rule[]>>>;

export interface RuleEmit extends Emit {
  node(id: NodeId): Node;
  /** Whether the node has users besides the candidate, so that its work is done anyway. */
  shared(node: Node): boolean;
  /** Whether the value has been built before, so that building it costs nothing. */
  known(operation: OperationName, inputs: readonly Node[], attributes: Attributes): boolean;
}

/** The node's attributes if it is of the operation. */
export function attributesOf<K extends OperationName>(
  node: Candidate | Node | undefined,
  operation: K,
): AttributesOf<K> | undefined {
  return node?.operation === operation ? (node.attributes as AttributesOf<K>) : undefined;
}

/** The candidate's attributes; the rule table's key has determined its operation. */
export function ownAttributes<K extends OperationName>(candidate: Candidate, operation: K): AttributesOf<K> {
  const attributes = attributesOf(candidate, operation);
  if (!attributes) throw new Error(`a rule of ${operation} was tried on ${candidate.operation}`);
  return attributes;
}

/** The number in every element, where it is known. */
export function constantOf(node: Node | undefined): number | undefined {
  return attributesOf(node, 'constant')?.value;
}

/** The operand of a node of the given operation. */
export function operandOf(
  emit: RuleEmit,
  node: Node | undefined,
  operation: OperationName,
): Node | undefined {
  const [first] = node?.operation === operation ? node.inputs : [];
  return first === undefined ? undefined : emit.node(first);
}

/** A product's constant factor and its other factor. */
export function scaledOf(
  emit: RuleEmit,
  node: Node | undefined,
): { readonly of: Node; readonly by: number } | undefined {
  if (node?.operation !== 'multiply') return undefined;
  const [a, b] = node.inputs.map((id) => emit.node(id));
  const [left, right] = [constantOf(a), constantOf(b)];
  if (a && right !== undefined) return { of: a, by: right };
  if (b && left !== undefined) return { of: b, by: left };
  return undefined;
}
