// A model's inference as an ONNX model. The elaborated graph enters, not the simplified one: in it a convolution is still windows
// and a contraction, and is written as one Conv. What none of the recognizers knows is written primitive by primitive.
// Invariant: every node that an output depends on is written, or an error names it and its line.
import { fail } from '../../diagnostics/diagnostic.ts';
import type { ElaboratedModel } from '../../elaborate/model/model.ts';
import type { Graph, Node, NodeId } from '../../ir/graph/type.ts';
import { operationOf, type OperationName } from '../../ops/table.ts';
import type { Port } from '../../runtime/specification.ts';
import { converters } from './converters.ts';
import { Unsupported, type Conversion, type Converter } from './converter.ts';
import { freeShapes, isBatch, type Extent } from './extent.ts';
import { OnnxGraph, type Value } from './onnx-graph.ts';
import type { Match, Recognizer, Surroundings } from './patterns.ts';
import { convolution, transposedConvolution } from './recognize-convolution.ts';
import { matrixProduct, maxPooling, meanPooling } from './recognize-dense.ts';
import { encodeOnnx, type OnnxModel, type OnnxPort } from './schema.ts';

export interface OnnxRequest {
  readonly name: string;
  readonly model: ElaboratedModel;
  /** The same model with another batch; without it, or where more than sizes differ, the batch is fixed. */
  readonly other?: ElaboratedModel;
  /** Values of the stored tensors, by path. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** For the model's metadata: classes, preprocessing. */
  readonly metadata?: ReadonlyMap<string, string>;
  readonly version: string;
}

export interface OnnxExport {
  readonly bytes: Uint8Array;
  readonly model: OnnxModel;
  /** Why the batch could not be left free, where another was given. */
  readonly fixedBatch?: string;
}

const recognizers: readonly Recognizer[] = [
  convolution,
  transposedConvolution,
  matrixProduct,
  maxPooling,
  meanPooling,
];

/** @throws DiagnosticError where a node has no form in ONNX */
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

/** What the model gives out; losses and metrics are not exported. */
function resultsOf(graph: Graph): Graph['outputs'] {
  return graph.outputs.filter((output) => output.name.startsWith('output.'));
}

function write(
  { name, model, weights, metadata, version }: OnnxRequest,
  shapes: readonly (readonly Extent[])[],
): OnnxModel {
  const { graph: source } = model;
  const outputs = resultsOf(source);
  const { needed, matches } = plan(
    source,
    outputs.map(({ value }) => value),
  );
  const extentsOf = (id: NodeId) => shapes[id] ?? [];

  const ports = new Map<string, Port>(model.inputs.map((port) => [port.name, port]));
  const read = source.nodes.filter(
    ({ id, operation, attributes }) =>
      operation === 'input' && needed.has(id) && ports.has(String(attributes['name'])),
  );
  const batched = read.find(({ id }) => isBatch(extentsOf(id)[0]));
  const graph = new OnnxGraph(batched && String(batched.attributes['name']));
  const values = new Map<NodeId, Value>();
  const inputs = read.map((node): OnnxPort => {
    const port = ports.get(String(node.attributes['name']));
    const type = port?.kind === 'real' ? 'float' : 'int64';
    const own = graph.reserve(String(node.attributes['name']));
    graph.at(node);
    values.set(node.id, {
      name: type === 'float' ? own : graph.apply('Cast', [own], { to: 1 }),
      extents: extentsOf(node.id),
      ...(type === 'int64' && { whole: own }),
    });
    const range = port?.limit === undefined ? '' : `whole numbers below ${port.limit}`;
    return { name: own, type, dimensions: dimensionsOf(extentsOf(node.id)), comment: range };
  });
  const names = outputs.map((output) => graph.reserve(output.name.slice('output.'.length)));

  const valueOf = (id: NodeId): Value => {
    const found = values.get(id);
    if (!found) throw new Error(`node ${id} was not written`);
    return found;
  };
  const writing = {
    graph,
    extents: ({ id }: Node) => extentsOf(id),
    whole: ({ id }: Node) => graph.whole(valueOf(id), extentsOf(id)),
  };
  for (const node of source.nodes) {
    if (!needed.has(node.id) || values.has(node.id)) continue;
    graph.at(node);
    const match = matches.get(node.id);
    values.set(node.id, match ? match.write(writing) : convert(node));
  }
  outputs.forEach(({ value }, i) => {
    graph.at(
      source.nodes[value] ?? {
        id: 0,
        operation: '',
        inputs: [],
        attributes: {},
        shape: [],
        origin: { path: '' },
        phase: 'forward',
      },
    );
    graph.apply('Identity', [graph.whole(valueOf(value), extentsOf(value))], {}, names[i]);
  });

  function convert(node: Node): Value {
    const converter = converters[node.operation as OperationName] as Converter<OperationName>;
    const conversion: Conversion<OperationName> = {
      graph,
      node,
      attributes: node.attributes as Conversion<OperationName>['attributes'],
      inputs: node.inputs.map(valueOf),
      inputShapes: node.inputs.map(extentsOf),
      shape: extentsOf(node.id),
      weights(path) {
        const found = weights.get(path);
        if (!found) throw new Error(`there are no values for ${path}`);
        return found;
      },
    };
    return converter(conversion);
  }

  return {
    name,
    producerVersion: version,
    comment: '',
    nodes: graph.nodes,
    initializers: graph.initializers,
    inputs,
    outputs: outputs.map(({ value }, i) => ({
      name: names[i] ?? '',
      type: 'float',
      dimensions: dimensionsOf(extentsOf(value)),
      comment: '',
    })),
    metadata: metadata ?? new Map(),
  };
}

function dimensionsOf(extents: readonly Extent[]): (number | string)[] {
  return extents.map((extent) => {
    if (!isBatch(extent)) return extent;
    return extent.batches === 1 ? 'batch' : `batch * ${extent.batches}`;
  });
}

/** Which nodes are to be written, and those that are written together with some behind them. */
function plan(graph: Graph, outputs: readonly NodeId[]) {
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
