// Lowers a graph to a kernel program: one kernel (or alias) per node, and more where a primitive needs intermediate values. Every output
// and every update's value is a temporary or an alias of one: where the graph returns an input or a stored tensor unchanged, it is
// copied, so that no later stage must consider what a stored tensor held before its update.
import type { Attributes, Graph, Node, NodeId, Origin, Phase, Shape } from '../ir/graph/type.ts';
import type {
  Axis,
  Buffer,
  BufferId,
  BufferRole,
  InputRole,
  Kernel,
  KernelProgram,
} from '../ir/stages/type.ts';
import { at } from '../ops/expressions.ts';
import type { InputAttributes, StoredAttributes } from '../ops/leaves.ts';
import type { Expression, LowerContext, Reader } from '../ops/operation.ts';
import { operationOf } from '../ops/table.ts';
import { UniqueNames, wantedNames } from './buffer-names.ts';
import { canonicalAxes } from './canonical-axes.ts';

export function lower(graph: Graph): KernelProgram {
  const lowering = new Lowering();
  // Inputs come first, so that they keep their exact names.
  for (const node of graph.nodes) lowering.input(node);
  for (const node of graph.nodes) lowering.stored(node);
  const names = wantedNames(graph);
  for (const node of graph.nodes) lowering.node(node, names.get(node.id) ?? node.operation);
  return lowering.finish(graph);
}

const randomKey = 'random_key';

interface Source {
  readonly origin: Origin;
  readonly phase: Phase;
}

class Lowering {
  private readonly buffers: Buffer[] = [];
  private readonly kernels: Kernel[] = [];
  private readonly nodes = new Map<NodeId, Node>();
  private readonly values = new Map<NodeId, BufferId>();
  private readonly inputs = new Map<string, BufferId>();
  private readonly names = new UniqueNames();

  constructor() {
    this.names.take(randomKey);
  }

  input(node: Node): void {
    this.nodes.set(node.id, node);
    if (node.operation !== 'input') return;
    const { name, role } = node.attributes as InputAttributes;
    this.values.set(node.id, this.given(name, role, node.shape));
  }

  stored(node: Node): void {
    if (node.operation !== 'stored') return;
    const { path, storage, initial } = node.attributes as StoredAttributes;
    this.values.set(node.id, this.buffer(path, node.shape, { kind: 'stored', storage, path, initial }));
  }

  node(node: Node, name: string): void {
    const { lower: lowering } = operationOf(node.operation);
    if (lowering === 'leaf') return;
    const inputBuffers = node.inputs.map((input) => this.value(input));
    const newAxis = axisMaker();
    const kernel = (wanted: string, shape: Shape, body: (axes: readonly Axis[]) => Expression) =>
      this.map(wanted, shape, node, newAxis, body);
    const inputBuffer = (position: number) => known(inputBuffers[position], `input ${position} of ${name}`);
    const context: LowerContext<Attributes> = {
      inputs: inputBuffers.map(readerOf),
      inputShapes: inputBuffers.map((buffer) => this.bufferAt(buffer).shape),
      inputBuffers,
      shape: node.shape,
      attributes: node.attributes,
      randomKey: () => this.given(randomKey, 'random_key', [6]),
      axis: newAxis,
      intermediate: (suffix, shape, body) => readerOf(kernel(`${name}.${suffix}`, shape, body)),
      result: (body) => this.values.set(node.id, kernel(name, node.shape, body)),
      alias: (input) => this.values.set(node.id, this.alias(name, node.shape, inputBuffer(input))),
      scatterAdd: (ids, values) =>
        this.values.set(node.id, this.scatter(name, node, inputBuffer(ids), inputBuffer(values))),
    };
    lowering(context);
  }

  finish(graph: Graph): KernelProgram {
    const outputs = graph.outputs.map(({ name, value }) => {
      return { name, buffer: this.materialized(name, this.value(value), this.nodeAt(value)) };
    });
    const updates = graph.updates
      .filter(({ leaf, value }) => this.value(leaf) !== this.value(value))
      .map(({ leaf, value }) => {
        const stored = this.bufferAt(this.value(leaf));
        return {
          stored: stored.id,
          value: this.materialized(`${stored.name}.new`, this.value(value), this.nodeAt(leaf)),
        };
      });
    return { name: graph.name, buffers: this.buffers, kernels: this.kernels, outputs, updates };
  }

  /** The buffer, or a copy of it where it is not a temporary. */
  private materialized(name: string, buffer: BufferId, source: Source): BufferId {
    const { alias, shape } = this.bufferAt(buffer);
    if (this.bufferAt(alias ?? buffer).role.kind === 'temporary') return buffer;
    return this.map(name, shape, source, axisMaker(), (axes) => readerOf(buffer)(axes.map(at)));
  }

  private map(
    wanted: string,
    shape: Shape,
    { origin, phase }: Source,
    newAxis: (size: number) => Axis,
    body: (axes: readonly Axis[]) => Expression,
  ): BufferId {
    const axes = shape.map((size) => newAxis(size));
    const expression = body(axes);
    const output = this.buffer(wanted, shape, { kind: 'temporary' });
    const { name } = this.bufferAt(output);
    this.kernels.push(
      canonicalAxes({ kind: 'map', name, output, axes, body: expression, origin, phase, fused: [] }),
    );
    return output;
  }

  private scatter(wanted: string, { shape, origin, phase }: Node, ids: BufferId, values: BufferId): BufferId {
    const output = this.buffer(wanted, shape, { kind: 'temporary' });
    const { name } = this.bufferAt(output);
    this.kernels.push({ kind: 'scatter_add', name, output, ids, values, origin, phase, fused: [] });
    return output;
  }

  private alias(wanted: string, shape: Shape, of: BufferId): BufferId {
    const { alias, role } = this.bufferAt(of);
    return this.buffer(wanted, shape, role, alias ?? of);
  }

  /** One buffer per input, however many leaves name it. */
  private given(name: string, role: InputRole, shape: Shape): BufferId {
    const known = this.inputs.get(name);
    if (known !== undefined) return known;
    const id = this.buffers.length;
    if (name !== randomKey) this.names.take(name);
    this.buffers.push({ id, name, shape, element: 'f32', role: { kind: 'input', input: role } });
    this.inputs.set(name, id);
    return id;
  }

  private buffer(wanted: string, shape: Shape, role: BufferRole, alias?: BufferId): BufferId {
    const id = this.buffers.length;
    const name = this.names.take(wanted);
    this.buffers.push({ id, name, shape, element: 'f32', role, ...(alias !== undefined && { alias }) });
    return id;
  }

  private bufferAt(id: BufferId): Buffer {
    return known(this.buffers[id], `buffer ${id}`);
  }

  private nodeAt(id: NodeId): Node {
    return known(this.nodes.get(id), `node ${id}`);
  }

  private value(node: NodeId): BufferId {
    return known(this.values.get(node), `the value of node ${node}`);
  }
}

function readerOf(buffer: BufferId): Reader {
  return (index) => ({ kind: 'read', buffer, index });
}

function axisMaker(): (size: number, hint?: string) => Axis {
  let count = 0;
  return (size, hint) => {
    const id = `axis${count++}`;
    return hint === undefined ? { id, size } : { id, size, hint };
  };
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`lowering: there is no ${what}`);
  return value;
}
