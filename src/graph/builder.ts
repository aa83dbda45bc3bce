// Builds a graph node by node, with shapes checked by the primitives' rules. Elaboration, differentiation, the optimizers and
// simplification share it; `origin` and `phase` are set for the nodes built next.
import type {
  Attributes,
  Graph,
  Node,
  NodeId,
  Origin,
  Output,
  Phase,
  Shape,
  Update,
} from '../ir/graph/type.ts';
import type { InputRole } from '../ir/stages/type.ts';
import type { Initializer, Storage } from '../runtime/specification.ts';
import type { Emit } from '../ops/operation.ts';
import { operationOf } from '../ops/table.ts';

export class GraphBuilder implements Emit {
  origin: Origin = { path: '' };
  phase: Phase = 'forward';
  private readonly nodes: Node[];
  private readonly outputs: Output[];
  private readonly updates: Update[];

  /** An empty graph, or a continuation of `from`. */
  constructor(
    readonly name: string,
    from?: Graph,
  ) {
    this.nodes = [...(from?.nodes ?? [])];
    this.outputs = [...(from?.outputs ?? [])];
    this.updates = [...(from?.updates ?? [])];
  }

  /** Number of nodes: the id of the next one. */
  get size(): number {
    return this.nodes.length;
  }

  node(id: NodeId): Node {
    const found = this.nodes[id];
    if (!found) throw new Error(`no node ${id}`);
    return found;
  }

  input(name: string, role: InputRole, shape: Shape): Node {
    return this.apply('input', [], { name, role, shape });
  }

  stored(path: string, storage: Storage, shape: Shape, initial: Initializer): Node {
    return this.apply('stored', [], { path, storage, initial, shape });
  }

  output(name: string, value: Node): void {
    this.outputs.push({ name, value: value.id });
  }

  update(leaf: Node, value: Node): void {
    this.updates.push({ leaf: leaf.id, value: value.id });
  }

  /** Sets the readable name of a value. */
  rename(node: Node, name: string): Node {
    return this.replace(node, { origin: { ...this.node(node.id).origin, name } });
  }

  /** Changes a node's origin or phase; what it computes stays. */
  protected replace(node: Node, changes: Partial<Pick<Node, 'origin' | 'phase'>>): Node {
    const replaced = { ...this.node(node.id), ...changes };
    this.nodes[node.id] = replaced;
    return replaced;
  }

  /** A value of a later phase that an earlier phase reads moves to the earlier one: a buffer's new value, read after `<-`. */
  settlePhases(): void {
    const order: readonly Phase[] = ['forward', 'backward', 'update'];
    for (let user = this.nodes.length - 1; user >= 0; user--) {
      const { phase, inputs } = this.node(user);
      for (const id of inputs) {
        const input = this.node(id);
        if (order.indexOf(input.phase) > order.indexOf(phase)) this.nodes[id] = { ...input, phase };
      }
    }
  }

  finish(): Graph {
    return {
      name: this.name,
      nodes: [...this.nodes],
      outputs: [...this.outputs],
      updates: [...this.updates],
    };
  }

  apply(operation: string, inputs: readonly Node[], attributes: Attributes = {}): Node {
    const shape = operationOf(operation).shape(
      inputs.map((node) => node.shape),
      attributes,
    );
    const node: Node = {
      id: this.nodes.length,
      operation,
      inputs: inputs.map((input) => input.id),
      attributes,
      shape,
      origin: this.origin,
      phase: this.phase,
    };
    this.nodes.push(node);
    return node;
  }

  constant(value: number, shape: Shape): Node {
    return this.apply('constant', [], { value, shape });
  }

  add(a: Node, b: Node | number): Node {
    return isConstant(b, 0) ? a : isConstant(a, 0) && typeof b !== 'number' ? b : this.binary('add', a, b);
  }

  subtract(a: Node | number, b: Node | number): Node {
    return typeof a !== 'number' && isConstant(b, 0) ? a : this.binary('subtract', a, b);
  }

  multiply(a: Node, b: Node | number): Node {
    return isConstant(b, 1)
      ? a
      : isConstant(a, 1) && typeof b !== 'number'
        ? b
        : this.binary('multiply', a, b);
  }

  divide(a: Node | number, b: Node | number): Node {
    return typeof a !== 'number' && isConstant(b, 1) ? a : this.binary('divide', a, b);
  }

  power(a: Node, b: Node | number): Node {
    return isConstant(b, 1) ? a : this.binary('power', a, b);
  }

  maximum(a: Node, b: Node | number): Node {
    return this.binary('maximum', a, b);
  }

  minimum(a: Node, b: Node | number): Node {
    return this.binary('minimum', a, b);
  }

  less(a: Node | number, b: Node | number): Node {
    return this.binary('less', a, b);
  }

  lessEqual(a: Node | number, b: Node | number): Node {
    return this.binary('less_equal', a, b);
  }

  equal(a: Node, b: Node | number): Node {
    return this.binary('equal', a, b);
  }

  select(condition: Node, a: Node | number, b: Node | number): Node {
    return this.apply('select', [
      condition,
      this.filled(a, condition.shape),
      this.filled(b, condition.shape),
    ]);
  }

  negate(a: Node): Node {
    return this.apply('negate', [a]);
  }

  exp(a: Node): Node {
    return this.apply('exp', [a]);
  }

  log(a: Node): Node {
    return this.apply('log', [a]);
  }

  sqrt(a: Node): Node {
    return this.apply('sqrt', [a]);
  }

  sigmoid(a: Node): Node {
    return this.apply('sigmoid', [a]);
  }

  broadcast(a: Node, shape: Shape, axes: readonly number[]): Node {
    if (axes.length === shape.length && axes.every((axis, i) => axis === i)) return a;
    return this.apply('broadcast', [a], { shape, axes });
  }

  reshape(a: Node, shape: Shape): Node {
    if (shape.length === a.shape.length && shape.every((size, i) => size === a.shape[i])) return a;
    return this.apply('reshape', [a], { shape });
  }

  transpose(a: Node, permutation: readonly number[]): Node {
    return permutation.every((axis, i) => axis === i) ? a : this.apply('transpose', [a], { permutation });
  }

  sum(a: Node, axes: readonly number[]): Node {
    return axes.length === 0 ? a : this.apply('sum', [a], { axes });
  }

  contract(
    a: Node,
    left: readonly number[],
    b: Node,
    right: readonly number[],
    output: readonly number[],
  ): Node {
    return this.apply('contraction', [a, b], { left, right, output });
  }

  private filled(value: Node | number, shape: Shape): Node {
    return typeof value === 'number' ? this.constant(value, shape) : value;
  }

  private binary(operation: string, a: Node | number, b: Node | number): Node {
    const shape = typeof a !== 'number' ? a.shape : typeof b !== 'number' ? b.shape : [];
    return this.apply(operation, [this.filled(a, shape), this.filled(b, shape)]);
  }
}

function isConstant(value: Node | number, wanted: number): boolean {
  if (typeof value === 'number') return value === wanted;
  return value.operation === 'constant' && value.attributes['value'] === wanted;
}
