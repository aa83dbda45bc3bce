// Inverts the graph of a forward pass: computes its inputs from its outputs, or reports the nodes where the inversion fails. Known values
// propagate forwards, where all inputs of a node are known; backwards, where its value and all inputs but one are known and its primitive
// is invertible; and through the inverses that layers declare.
import type { Graph, Node, NodeId } from '../ir/graph/type.ts';
import { scalarRow } from '../ir/scalar.ts';
import type { UnaryFunction } from '../runtime/unary-functions.ts';
import { GraphBuilder } from './builder.ts';
import type { Span } from '../diagnostics/source.ts';

/** One application of a layer that declares its inverse. */
export interface InverseRecord {
  /** The instance's path. */
  readonly path: string;
  readonly layer: string;
  /** Source location of the inverse. */
  readonly span: Span;
  readonly input: NodeId;
  readonly output: NodeId;
  /** A graph input in place of the output. */
  readonly placeholder: NodeId;
  /** The inverse applied to the placeholder: it equals the input. */
  readonly result: NodeId;
}

type Inverse = (builder: GraphBuilder, y: Node) => Node;

/** The inverse of each unary function, or the reason that there is none; undefined where neither is declared. */
const inverses: { readonly [F in UnaryFunction]: Inverse | string | undefined } = {
  negate: (builder, y) => builder.negate(y),
  exp: (builder, y) => builder.log(y),
  log: (builder, y) => builder.exp(y),
  sqrt: undefined,
  tanh: (builder, y) =>
    builder.multiply(builder.log(builder.divide(builder.add(y, 1), builder.subtract(1, y))), 0.5),
  sigmoid: (builder, y) => builder.log(builder.divide(y, builder.subtract(1, y))),
  softplus: (builder, y) => builder.log(builder.apply('expm1', [y])),
  erf: undefined,
  sin: undefined,
  cos: undefined,
  abs: 'abs loses the sign',
  sign: undefined,
  floor: 'floor loses the fraction',
  atan: undefined,
  sinh: undefined,
  cosh: 'cosh loses the sign',
  log1p: (builder, y) => builder.apply('expm1', [y]),
  expm1: (builder, y) => builder.apply('log1p', [y]),
  round: 'round loses the fraction',
};

function inverseOf(operation: string): Inverse | undefined {
  const found = Object.hasOwn(inverses, operation) ? inverses[operation as UnaryFunction] : undefined;
  return typeof found === 'function' ? found : undefined;
}

/** The reason that a unary function is not invertible. */
export function reasonAgainst(operation: string): string | undefined {
  const found = Object.hasOwn(inverses, operation) ? inverses[operation as UnaryFunction] : undefined;
  return typeof found === 'string' ? found : undefined;
}

export interface InvertOptions {
  /** The known values, and the names of the new graph's inputs. */
  readonly known: readonly { readonly name: string; readonly value: NodeId }[];
  /** The wanted values, and the names of the new graph's outputs. */
  readonly wanted: readonly { readonly name: string; readonly value: NodeId }[];
  readonly inverses: readonly InverseRecord[];
}

export interface Inverted {
  readonly graph: Graph;
  /** Nodes at which the inversion fails, last first; empty when everything wanted was found. */
  readonly obstacles: readonly Node[];
}

export function invert(graph: Graph, options: InvertOptions): Inverted {
  return new Inverter(graph, options).run();
}

class Inverter {
  private readonly builder: GraphBuilder;
  private readonly found = new Map<NodeId, Node>();
  private readonly placeholders: ReadonlySet<NodeId>;

  constructor(
    private readonly graph: Graph,
    private readonly options: InvertOptions,
  ) {
    this.builder = new GraphBuilder(graph.name);
    this.placeholders = new Set(options.inverses.map(({ placeholder }) => placeholder));
  }

  run(): Inverted {
    const { builder, options, found } = this;
    for (const node of this.graph.nodes) {
      builder.origin = node.origin;
      const free = ['stored', 'constant', 'iota'].includes(node.operation);
      if (free) found.set(node.id, builder.apply(node.operation, [], node.attributes));
    }
    for (const { name, value } of options.known) {
      const node = this.nodeOf(value);
      builder.origin = { path: '', name };
      found.set(value, builder.input(name, 'input', node.shape));
    }
    let before = -1;
    while (before < found.size && !options.wanted.every(({ value }) => found.has(value))) {
      before = found.size;
      for (const record of options.inverses) this.applyStated(record);
      for (const node of this.graph.nodes.toReversed()) this.undo(node);
      for (const node of this.graph.nodes) this.compute(node);
    }
    for (const { name, value } of options.wanted) {
      const node = found.get(value);
      if (node) builder.output(name, node);
    }
    const complete = options.wanted.every(({ value }) => found.has(value));
    return { graph: builder.finish(), obstacles: complete ? [] : this.obstacles() };
  }

  private nodeOf(id: NodeId): Node {
    const node = this.graph.nodes[id];
    if (!node) throw new Error(`no node ${id}`);
    return node;
  }

  private learn(id: NodeId, value: Node): void {
    if (!this.found.has(id)) this.found.set(id, value);
  }

  private applyStated({ input, output, placeholder, result }: InverseRecord): void {
    const value = this.found.get(output);
    if (!value || this.found.has(input)) return;
    this.found.set(placeholder, value);
    for (const node of this.graph.nodes.slice(placeholder, result + 1)) this.compute(node);
    const back = this.found.get(result);
    if (back) this.learn(input, back);
  }

  private compute(node: Node): void {
    if (this.found.has(node.id) || node.inputs.length === 0 || this.placeholders.has(node.id)) return;
    const inputs = node.inputs.map((id) => this.found.get(id));
    const known = inputs.filter((input) => input !== undefined);
    if (known.length < inputs.length) return;
    this.builder.origin = node.origin;
    this.learn(node.id, this.builder.apply(node.operation, known, node.attributes));
  }

  /** Derives an input of a node from its value. */
  private undo(node: Node): void {
    const value = this.found.get(node.id);
    if (!value) {
      this.joinSlices(node);
      return;
    }
    const unknown = node.inputs.filter((id) => !this.found.has(id));
    const [target] = unknown;
    if (target === undefined) return;
    this.builder.origin = node.origin;
    if (node.operation === 'concat') {
      this.unconcat(node, value);
      return;
    }
    if (unknown.length !== 1) return;
    const at = node.inputs.indexOf(target);
    const other = this.found.get(node.inputs[1 - at] ?? -1);
    const back = this.solve(node, value, at, other);
    if (back) this.learn(target, back);
  }

  /** Solves for the input at a position, given the value and the other input. */
  private solve(node: Node, value: Node, at: number, other: Node | undefined): Node | undefined {
    const { builder } = this;
    const input = this.nodeOf(node.inputs[at] ?? -1);
    switch (node.operation) {
      case 'add':
        return other && builder.subtract(value, other);
      case 'subtract':
        return other && (at === 0 ? builder.add(value, other) : builder.subtract(other, value));
      case 'multiply':
        return other && this.isNonzero(other) ? builder.divide(value, other) : undefined;
      case 'divide':
        return other && at === 0 ? builder.multiply(value, other) : undefined;
      case 'reshape':
        return builder.reshape(value, input.shape);
      case 'transpose': {
        const permutation = node.attributes['permutation'];
        if (!Array.isArray(permutation)) return undefined;
        const axes = permutation as readonly number[];
        return builder.transpose(
          value,
          axes.map((_, axis) => axes.indexOf(axis)),
        );
      }
      case 'reverse':
        return builder.apply('reverse', [value], node.attributes);
      case 'broadcast':
        return this.unbroadcast(node, value, input);
      default:
        return inverseOf(node.operation)?.(builder, value);
    }
  }

  /** Inverse of a broadcast: any of the copies. */
  private unbroadcast(node: Node, value: Node, input: Node): Node | undefined {
    const axes = node.attributes['axes'];
    if (!Array.isArray(axes)) return undefined;
    const kept = axes as readonly number[];
    const limits = value.shape.map((size, axis) => (kept.includes(axis) ? size : 1));
    const first = this.builder.apply('slice', [value], {
      starts: value.shape.map(() => 0),
      limits,
      strides: value.shape.map(() => 1),
    });
    const ascending = kept.toSorted((a, b) => a - b);
    if (ascending.some((axis, i) => axis !== kept[i])) return undefined;
    return this.builder.reshape(first, input.shape);
  }

  /** Whether a value is provably nonzero everywhere: a nonzero number, an exponential, a product of such. */
  private isNonzero(node: Node): boolean {
    const inputs = node.inputs.map((id) => this.builder.node(id));
    switch (node.operation) {
      case 'constant':
        return node.attributes['value'] !== 0;
      case 'multiply':
      case 'divide':
      case 'negate':
      case 'broadcast':
      case 'reshape':
      case 'transpose':
      case 'slice':
        return inputs.every((input) => this.isNonzero(input));
      default:
        return scalarRow(node.operation)?.nonzero === true;
    }
  }

  /** Inverse of a concat: its parts are slices of the value. */
  private unconcat(node: Node, value: Node): void {
    const axis = Number(node.attributes['axis']);
    let start = 0;
    for (const id of node.inputs) {
      const { shape } = this.nodeOf(id);
      const end = start + (shape[axis] ?? 0);
      const slice = this.builder.apply('slice', [value], {
        starts: shape.map((_, i) => (i === axis ? start : 0)),
        limits: shape.map((size, i) => (i === axis ? end : size)),
        strides: shape.map(() => 1),
      });
      this.learn(id, slice);
      start = end;
    }
  }

  /** A value is known when known slices of it cover one of its axes. */
  private joinSlices(node: Node): void {
    const slices = this.graph.nodes.filter(
      ({ id, operation, inputs }) => operation === 'slice' && inputs[0] === node.id && this.found.has(id),
    );
    if (slices.length < 2) return;
    for (const axis of node.shape.keys()) {
      const parts = slices
        .filter((slice) => slice.shape.every((size, i) => i === axis || size === node.shape[i]))
        .map((slice) => ({ slice, start: startOf(slice, axis) }))
        .filter(({ start }) => start !== undefined)
        .sort((a, b) => (a.start ?? 0) - (b.start ?? 0));
      let end = 0;
      const chosen: Node[] = [];
      for (const { slice, start } of parts) {
        const value = this.found.get(slice.id);
        if (start !== end || !value) continue;
        chosen.push(value);
        end += slice.shape[axis] ?? 0;
      }
      if (end !== node.shape[axis] || chosen.length < 2) continue;
      this.builder.origin = node.origin;
      this.learn(node.id, this.builder.apply('concat', chosen, { axis }));
      return;
    }
  }

  private obstacles(): Node[] {
    const stated = new Set<NodeId>();
    for (const { placeholder, result } of this.options.inverses)
      for (let id = placeholder; id <= result; id++) stated.add(id);
    return this.graph.nodes
      .filter(
        ({ id, inputs }) =>
          !stated.has(id) && this.found.has(id) && inputs.some((input) => !this.found.has(input)),
      )
      .reverse();
  }
}

/** The start of a slice along an axis; undefined where its strides skip elements. */
function startOf(slice: Node, axis: number): number | undefined {
  const read = (name: string): readonly number[] => {
    const value = slice.attributes[name];
    return Array.isArray(value) ? (value as readonly number[]) : [];
  };
  return read('strides').every((stride) => stride === 1) ? read('starts')[axis] : undefined;
}
