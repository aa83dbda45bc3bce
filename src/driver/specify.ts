// The specification of a compiled model, gathered from its elaborated programs.
import { elementCount } from '../runtime/tensor.ts';
import type { Graph, Node, NodeId } from '../ir/graph/type.ts';
import type { KernelProgram } from '../ir/stages/type.ts';
import type { StoredAttributes } from '../ops/leaves.ts';
import type { ElaboratedModel } from '../elaborate/model/model.ts';
import type { Span } from '../diagnostics/source.ts';
import { exampleShape } from '../elaborate/values/values.ts';
import type { MemoryUse } from '../runtime/memory-use.ts';
import { hashText } from '../runtime/random.ts';
import type {
  Initializer,
  ModelSpecification,
  ProgramName,
  ScoreKind,
  Storage,
  StoredTensor,
} from '../runtime/specification.ts';

/** A row of `nnc summary`. Parameters and multiply-adds exclude those of nested layers. */
export interface LayerSummary {
  readonly path: string;
  readonly layer: string;
  readonly outputShape: readonly number[];
  readonly parameters: number;
  /** For one example, forward. */
  readonly multiplyAdds: number;
  /** Nesting depth: 1 for a layer that the model calls itself. */
  readonly depth: number;
  readonly span: Span;
}

export interface SpecificationParts {
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly elaborated: ElaboratedModel;
  /** The training step's graph, compiled or not: its stored leaves are the model's tensors. */
  readonly step: Graph;
  /** The compiled programs: their graphs, and their fused kernels. */
  readonly compiled: readonly { readonly graph: Graph; readonly kernels: KernelProgram }[];
  readonly programs: readonly ProgramName[];
  /** What the loss says of class outputs. */
  readonly scores?: ScoreKind;
  readonly memory?: MemoryUse;
}

export function specify(parts: SpecificationParts): ModelSpecification {
  const { name, source, target, elaborated, programs, scores, memory } = parts;
  const { batch, inputs, targets, outputs, metrics, data, train } = elaborated;
  const stored = storedTensors(parts.step, parts.compiled);
  // a state saved without scales fits too
  const kept = stored.filter(({ scale }) => !scale).map(({ path, shape }) => [path, shape]);
  const identity = JSON.stringify([inputs, targets, outputs, kept]);
  const fingerprint = [identity, `${identity}.`]
    .map((text) => hashText(text).toString(16).padStart(8, '0'))
    .join('');
  return {
    format: 1,
    name,
    source,
    target,
    batch,
    inputs,
    targets,
    outputs,
    ...(scores && { scores }),
    metrics,
    stored,
    programs,
    ...(data && { data }),
    train: { ...train, batch },
    ...(memory && { memory }),
    fingerprint,
  };
}

const order: readonly Storage[] = ['parameter', 'buffer', 'constant', 'state'];

/**
 * Parameters first, in the order of the text; then buffers, constants and optimizer states. A device allocates only those that a kernel
 * reads or an update changes: simplification may leave a tensor in a graph that no kernel uses (its update is the identity), so the
 * kernels' buffers tell which tensors are idle.
 */
function storedTensors(step: Graph, compiled: SpecificationParts['compiled']): StoredTensor[] {
  const used = new Set(
    compiled.flatMap(({ kernels }) =>
      kernels.buffers.flatMap(({ role }) => (role.kind === 'stored' ? [role.path] : [])),
    ),
  );
  const found = new Map<string, StoredTensor>();
  for (const node of [step, ...compiled.map(({ graph }) => graph)].flatMap(({ nodes }) => nodes)) {
    if (node.operation !== 'stored') continue;
    const path = String(node.attributes['path']);
    if (found.has(path)) continue;
    const storage = node.attributes['storage'] as Storage;
    const initial = node.attributes['initial'] as Initializer;
    const idle = compiled.length > 0 && !used.has(path);
    const { target, statistic } = node.attributes as StoredAttributes;
    const scale = target !== undefined && statistic !== undefined ? { target, statistic } : undefined;
    found.set(path, {
      ...{ path, shape: node.shape, storage, initial },
      ...(idle && { idle: true as const }),
      ...(scale && { scale }),
    });
  }
  return [...found.values()].sort((a, b) => order.indexOf(a.storage) - order.indexOf(b.storage));
}

interface Counts {
  parameters: number;
  multiplyAdds: number;
}

/**
 * The layers of a model in call order, outer before inner. What belongs to no row (a layer with several results, an expression of the
 * model) counts in the row of the layer around it, or in a first row of the model's own, with an empty path and depth 0.
 */
export function summarizeLayers(elaborated: ElaboratedModel): LayerSummary[] {
  const layers = [...elaborated.layers].sort((a, b) => a.first - b.first || a.depth - b.depth);
  const own = countOwn(elaborated, new Set(layers.map(({ path }) => path)));
  // A shared layer's parameters are counted at its first use.
  const counted = new Set<string>();
  const rows = layers.map(({ path, layer, depth, span, output }) => {
    const counts = counted.has(path) ? undefined : own.get(path);
    counted.add(path);
    return {
      path,
      layer,
      outputShape: exampleShape(output),
      parameters: counts?.parameters ?? 0,
      multiplyAdds: counts?.multiplyAdds ?? 0,
      depth,
      span,
    };
  });
  const rest = own.get('');
  const [output] = elaborated.outputs;
  if (!rest || rest.parameters + rest.multiplyAdds === 0 || !output) return rows;
  const { graph, span } = elaborated;
  return [{ path: '', layer: graph.name, outputShape: output.shape, ...rest, depth: 0, span }, ...rows];
}

/** Parameters and multiply-adds by the row that they belong to. Products that only the loss or a metric needs do not count. */
function countOwn(elaborated: ElaboratedModel, rows: ReadonlySet<string>): ReadonlyMap<string, Counts> {
  const own = new Map<string, Counts>();
  const { nodes } = elaborated.graph;
  const forward = ancestorsOf(nodes, elaborated.outputValues.values());
  for (const node of nodes) {
    const path = rowOf(node.operation === 'stored' ? ownerOf(node) : node.origin.path, rows);
    const counts = own.get(path) ?? { parameters: 0, multiplyAdds: 0 };
    if (node.attributes['storage'] === 'parameter') counts.parameters += elementCount(node.shape);
    if (node.operation === 'contraction' && forward.has(node.id))
      counts.multiplyAdds += multiplyAdds(node, nodes) / elaborated.batch;
    own.set(path, counts);
  }
  return own;
}

/** The nearest enclosing path that has a row; the model's own is empty. */
function rowOf(path: string, rows: ReadonlySet<string>): string {
  let found = path;
  while (found !== '' && !rows.has(found)) found = found.slice(0, Math.max(found.lastIndexOf('.'), 0));
  return found;
}

function ancestorsOf(nodes: readonly Node[], values: Iterable<NodeId>): ReadonlySet<NodeId> {
  const reached = new Set<NodeId>(values);
  for (const { id, inputs } of nodes.toReversed())
    if (reached.has(id)) for (const input of inputs) reached.add(input);
  return reached;
}

function ownerOf(node: Node): string {
  const path = String(node.attributes['path']);
  return path.slice(0, Math.max(path.lastIndexOf('.'), 0));
}

function multiplyAdds(node: Node, nodes: readonly Node[]): number {
  const labels = new Map<number, number>();
  for (const [i, side] of [node.attributes['left'], node.attributes['right']].entries()) {
    const shape = nodes[node.inputs[i] ?? -1]?.shape ?? [];
    if (Array.isArray(side)) side.forEach((label: number, axis) => labels.set(label, shape[axis] ?? 1));
  }
  return elementCount([...labels.values()]);
}
