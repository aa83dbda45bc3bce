// Exports a model's inference to ONNX. It uses the elaborated graph, not the simplified one: there a convolution still consists of
// windows and a contraction, which become one Conv. Nodes that match no recognizer are written primitive by primitive. Invariant: every
// node that an output depends on is written, or an error names it and its line.
import { fail } from '../../diagnostics/diagnostic.ts';
import type { ElaboratedModel } from '../../elaborate/model/model.ts';
import type { Graph, Node, NodeId } from '../../ir/graph/type.ts';
import { operationOf, type OperationName } from '../../ops/table.ts';
import type { Preparation } from '../../runtime/preparation/form.ts';
import type { Port } from '../../runtime/specification.ts';
import { converters } from './converters.ts';
import { Unsupported, type Conversion, type Converter } from './converter.ts';
import { dimensionsOf, freeShapes, isBatch, type Extent } from './extent.ts';
import { OnnxGraph, type Value } from './onnx-graph.ts';
import type { Match, Recognizer, Surroundings } from './patterns.ts';
import { convolution, transposedConvolution } from './recognize-convolution.ts';
import { matrixProduct, maxPooling, meanPooling } from './recognize-dense.ts';
import { notInGraph, prepareInGraph } from './prepare-values.ts';
import { encodeOnnx, type OnnxModel, type OnnxPort } from './schema.ts';

export interface OnnxRequest {
  readonly name: string;
  readonly model: ElaboratedModel;
  /** The same model with another batch size. Without it, or if the two differ in more than sizes, the batch is static. */
  readonly other?: ElaboratedModel;
  /** Values of the stored tensors, by path. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** How raw examples are prepared, which the graph then does; without it, it takes what the model does. */
  readonly preparation?: Preparation;
  /** For the model's metadata: classes, preprocessing. */
  readonly metadata?: ReadonlyMap<string, string>;
  readonly version: string;
}

export interface OnnxExport {
  readonly bytes: Uint8Array;
  readonly model: OnnxModel;
  /** Why the batch is static although `other` was given. */
  readonly fixedBatch?: string;
}

const recognizers: readonly Recognizer[] = [
  convolution,
  transposedConvolution,
  matrixProduct,
  maxPooling,
  meanPooling,
];

/** @throws DiagnosticError if a node has no form in ONNX */
export function exportOnnx(request: OnnxRequest): OnnxExport {
  const { model, other } = request;
  const free =
    other &&
    freeShapes(
      { graph: model.graph, batch: model.batch },
      { graph: other.graph, batch: other.batch },
      resultsOf(model.graph).map(({ value }) => value),
    );
  const wrong: string[] = other && !free ? ['it computes otherwise for another batch'] : [];
  if (free) {
    try {
      const written = write(request, free);
      return { bytes: encodeOnnx(written), model: written };
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      wrong.push(error.reason);
    }
  }
  try {
    const written = write(
      request,
      model.graph.nodes.map(({ shape }) => shape),
    );
    const [fixedBatch] = wrong;
    return { bytes: encodeOnnx(written), model: written, ...(fixedBatch !== undefined && { fixedBatch }) };
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    const { node, reason } = error;
    const name = node.origin.name ?? node.origin.path;
    const shown = name === '' ? node.operation : `${node.operation} (${name})`;
    return fail('export.unsupported', node.origin.span, { format: 'ONNX', node: shown, reason });
  }
}

/** The model's outputs; losses and metrics are not exported. */
function resultsOf(graph: Graph): Graph['outputs'] {
  return graph.outputs.filter((output) => output.name.startsWith('output.'));
}

function write(request: OnnxRequest, shapes: readonly (readonly Extent[])[]): OnnxModel {
  return new OnnxWriter(request, shapes).write();
}

/** Writes the nodes of one model in topological order. */
class OnnxWriter {
  private readonly source: Graph;
  private readonly outputs: Graph['outputs'];
  private readonly plan: Plan;
  /** Nodes that are inputs of the exported model. */
  private readonly read: readonly { readonly node: Node; readonly port: Port }[];
  private readonly graph: OnnxGraph;
  /** [batch, 1] each: NaN for an example that cannot be prepared. */
  private readonly faults: string[] = [];
  private readonly values = new Map<NodeId, Value>();

  constructor(
    private readonly request: OnnxRequest,
    private readonly shapes: readonly (readonly Extent[])[],
  ) {
    const { model } = request;
    this.source = model.graph;
    this.outputs = resultsOf(model.graph);
    this.plan = planNodes(
      model.graph,
      this.outputs.map(({ value }) => value),
    );
    const ports = new Map<string, Port>(model.inputs.map((port) => [port.name, port]));
    this.read = model.graph.nodes.flatMap((node) => {
      const port = node.operation === 'input' ? ports.get(String(node.attributes['name'])) : undefined;
      return port && this.plan.needed.has(node.id) ? [{ node, port }] : [];
    });
    this.graph = new OnnxGraph();
  }

  write(): OnnxModel {
    const { graph, request } = this;
    // outputs keep their names, whatever the columns of a table are called
    const names = this.outputs.map(({ name }) => graph.reserve(name.slice('output.'.length)));
    const inputs = this.read.flatMap(({ node, port }) => this.writeInput(node, port));
    this.writeNodes();
    const outputs = this.outputs.map(({ value }, i) => this.writeOutput(value, names[i] ?? ''));
    return {
      name: request.name,
      producerVersion: request.version,
      comment: '',
      nodes: graph.nodes,
      initializers: graph.initializers,
      inputs,
      outputs,
      metadata: request.metadata ?? new Map(),
    };
  }

  /** Classes are declared as int64, real inputs as float; operators compute with floats. */
  private writeInput(node: Node, port: Port): readonly OnnxPort[] {
    const { graph } = this;
    const extents = this.extentsOf(node.id);
    graph.at(node);
    const form = this.request.preparation?.inputs.find((each) => each.name === port.name);
    const reason = form && notInGraph(form);
    if (reason !== undefined) throw new Unsupported(node, reason);
    const prepared = form && prepareInGraph(graph, form, { name: port.name, extents });
    if (prepared) {
      this.values.set(node.id, { name: prepared.value, extents });
      if (prepared.fault !== undefined) this.faults.push(prepared.fault);
      return prepared.ports;
    }
    const type = port.kind === 'real' ? 'float' : 'int64';
    const name = graph.reserve(port.name);
    if (isBatch(extents[0])) graph.batchInput ??= name;
    this.values.set(node.id, {
      name: type === 'float' ? name : graph.apply('Cast', [name], { to: 1 }),
      extents,
      ...(type === 'int64' && { integer: name }),
    });
    const range = port.limit === undefined ? '' : `whole numbers below ${port.limit}`;
    return [{ name, type, dimensions: dimensionsOf(extents), comment: range }];
  }

  private writeOutput(id: NodeId, name: string): OnnxPort {
    const { graph } = this;
    const node = this.source.nodes[id];
    if (node) graph.at(node);
    const extents = this.extentsOf(id);
    const value = this.faults.reduce((sum, fault) => {
      const shape = [extents[0] ?? 1, ...extents.slice(1).map(() => 1)];
      return graph.apply('Add', [sum, graph.reshape(fault, [...shape.slice(0, 1), 1], shape)]);
    }, this.fullValue(id));
    graph.apply('Identity', [value], {}, name);
    return { name, type: 'float', dimensions: dimensionsOf(extents), comment: '' };
  }

  private writeNodes(): void {
    const { graph, plan, values } = this;
    const writing = {
      graph,
      extents: ({ id }: Node) => this.extentsOf(id),
      full: ({ id }: Node) => this.fullValue(id),
    };
    for (const node of this.source.nodes) {
      if (!plan.needed.has(node.id) || values.has(node.id)) continue;
      graph.at(node);
      const match = plan.matches.get(node.id);
      values.set(node.id, match ? match.write(writing) : this.convert(node));
    }
  }

  private convert(node: Node): Value {
    const converter = converters[node.operation as OperationName] as Converter<OperationName>;
    return converter({
      graph: this.graph,
      node,
      attributes: node.attributes as Conversion<OperationName>['attributes'],
      inputs: node.inputs.map((id) => this.valueOf(id)),
      inputShapes: node.inputs.map((id) => this.extentsOf(id)),
      shape: this.extentsOf(node.id),
      weights: (path) => {
        const found = this.request.weights.get(path);
        if (!found) throw new Error(`there are no values for ${path}`);
        return found;
      },
    });
  }

  private valueOf(id: NodeId): Value {
    const found = this.values.get(id);
    if (!found) throw new Error(`node ${id} was not written`);
    return found;
  }

  private fullValue(id: NodeId): string {
    return this.graph.full(this.valueOf(id), this.extentsOf(id));
  }

  private extentsOf(id: NodeId): readonly Extent[] {
    return this.shapes[id] ?? [];
  }
}

interface Plan {
  /** Nodes whose values are written. */
  readonly needed: ReadonlySet<NodeId>;
  /** Of those, the roots of matches, which are written as one operator together with earlier nodes. */
  readonly matches: ReadonlyMap<NodeId, Match>;
}

function planNodes(graph: Graph, outputs: readonly NodeId[]): Plan {
  const live = new Set(outputs);
  const uses = new Map<NodeId, number>();
  const use = (id: NodeId) => uses.set(id, (uses.get(id) ?? 0) + 1);
  outputs.forEach(use);
  for (const { id, inputs, operation } of graph.nodes.toReversed()) {
    if (!live.has(id)) continue;
    operationOf(operation);
    for (const input of inputs) {
      live.add(input);
      use(input);
    }
  }
  const around: Surroundings = {
    node: (id) => (id === undefined ? undefined : graph.nodes[id]),
    uses: (id) => uses.get(id) ?? 0,
  };
  const needed = new Set(outputs);
  const matches = new Map<NodeId, Match>();
  for (const node of graph.nodes.toReversed()) {
    if (!needed.has(node.id)) continue;
    let match: Match | undefined;
    for (const recognize of recognizers) match ??= recognize(node, around);
    if (match) matches.set(node.id, match);
    for (const id of match?.operands.map((operand) => operand.id) ?? node.inputs) needed.add(id);
  }
  return { needed, matches };
}
