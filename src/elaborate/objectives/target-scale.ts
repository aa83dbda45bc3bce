// Scales real targets where the model's data line says `normalize = true`: the loss compares the output with (target − mean) / deviation,
// and the program gives output · deviation + mean, as do the metrics read it. So everything that enters and leaves a program is in the
// data's units, and only the loss is of scaled values. Mean and deviation are buffers, which training sets from the data; until then, and
// in states saved without them, they are 0 and 1.
import type { Graph, Node, NodeId } from '../../ir/graph/type.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { ElaboratedModel } from '../model/model.ts';

/** An output, and the target that it predicts. */
export interface ScaledPair {
  readonly output: string;
  readonly target: string;
}

/**
 * The outputs whose targets can be scaled without another meaning of the loss: the loss reads both only as their difference, and the output
 * can take any value, that below a mean included.
 * @param step the program of training
 */
export function scaledPairs(step: ElaboratedModel): readonly ScaledPair[] {
  const { data, graph, loss, outputValues, statesInverse, targets } = step;
  if (data?.named['normalize'] !== true || loss === undefined || statesInverse) return [];
  const reading = new Reading(graph, loss);
  const found = targets.flatMap(({ name: target, kind }): ScaledPair[] => {
    const leaf = inputNamed(graph, target);
    if (kind !== 'real' || leaf === undefined) return [];
    const compared = reading.comparedWith(leaf);
    const [output, ...others] = [...outputValues].filter(([, id]) => compared?.has(reading.source(id)));
    if (!output || others.length > 0 || compared?.size !== 1) return [];
    const [name, id] = output;
    const same = graph.nodes[id]?.shape.join() === graph.nodes[leaf]?.shape.join();
    const alone = reading.comparedWith(id)?.size === 1 && reading.isUnboundedEnd(id);
    return same && alone ? [{ output: name, target }] : [];
  });
  return found.filter(({ output }) => found.filter((other) => other.output === output).length === 1);
}

/** How a loss reads values, past mere changes of shape. */
class Reading {
  private readonly users = new Map<NodeId, Node[]>();
  /** The nodes that the loss depends on. */
  private readonly cone: ReadonlySet<NodeId>;
  /** The same of metrics and their statistics. */
  private readonly measured: ReadonlySet<NodeId>;

  constructor(
    private readonly graph: Graph,
    loss: NodeId,
  ) {
    for (const node of graph.nodes)
      for (const id of new Set(node.inputs)) this.users.set(id, [...(this.users.get(id) ?? []), node]);
    this.cone = dependencies(graph, [loss]);
    this.measured = dependencies(
      graph,
      graph.outputs.filter(({ name }) => isMeasured(name)).map(({ value }) => value),
    );
  }

  /** The value that was reshaped, if it was. */
  source(id: NodeId): NodeId {
    const node = this.graph.nodes[id];
    const [input] = node?.inputs ?? [];
    return node?.operation === 'reshape' && input !== undefined ? this.source(input) : id;
  }

  /** The values that the loss subtracts from this one, or this one from; undefined if it reads it in any other way, or not at all. */
  comparedWith(id: NodeId): ReadonlySet<NodeId> | undefined {
    const others = new Set<NodeId>();
    for (const user of this.users.get(id) ?? []) {
      if (!this.cone.has(user.id)) continue;
      if (user.operation === 'reshape') {
        for (const other of this.comparedWith(user.id) ?? [NaN]) others.add(other);
      } else if (user.operation === 'subtract') {
        const [left = NaN, right = NaN] = user.inputs;
        if (left === right) return undefined;
        others.add(this.source(left === id ? right : left));
      } else return undefined;
    }
    return others.size > 0 && !others.has(NaN) ? others : undefined;
  }

  /** Whether nothing but loss and metrics reads the value, and no function bounds it. */
  isUnboundedEnd(id: NodeId): boolean {
    const readers = this.users.get(id) ?? [];
    return (
      readers.every((user) => this.cone.has(user.id) || this.measured.has(user.id)) && this.isUnbounded(id)
    );
  }

  private isUnbounded(id: NodeId): boolean {
    const { operation, inputs } = this.graph.nodes[id] ?? { operation: '', inputs: [] };
    const [first = NaN, second = NaN] = inputs;
    if (views.has(operation)) return inputs.length > 0 && inputs.every((input) => this.isUnbounded(input));
    switch (operation) {
      case 'contraction':
      case 'input':
      case 'stored':
        return true;
      case 'add':
      case 'subtract':
        return this.isUnbounded(first) || this.isUnbounded(second);
      case 'multiply':
        return (
          first !== second && [first, second].every((each) => this.isScale(each) || this.isUnbounded(each))
        );
      case 'divide':
        return this.isUnbounded(first) && this.isScale(second);
      default:
        return false;
    }
  }

  /** Whether the value is the same for all examples. */
  private isScale(id: NodeId): boolean {
    const { operation, inputs } = this.graph.nodes[id] ?? { operation: '', inputs: [] };
    if (operation === 'broadcast' || operation === 'reshape')
      return inputs.every((input) => this.isScale(input));
    return operation === 'constant' || operation === 'stored';
  }
}

/** What rearranges values, or adds them up. */
const views = new Set([
  ...['broadcast', 'reshape', 'transpose', 'slice', 'concat', 'reverse', 'negate', 'sum', 'stop_gradient'],
  ...['windows', 'unwindows'],
]);

const isMeasured = (name: string) => name.startsWith('metric.') || name.startsWith('statistic.');

function inputNamed({ nodes }: Graph, name: string): NodeId | undefined {
  return nodes.find(({ operation, attributes }) => operation === 'input' && attributes['name'] === name)?.id;
}

function dependencies({ nodes }: Graph, roots: readonly NodeId[]): ReadonlySet<NodeId> {
  const found = new Set(roots);
  for (const { id, inputs } of nodes.toReversed())
    if (found.has(id)) for (const input of inputs) found.add(input);
  return found;
}

/** One of a model's programs, with the scale of these pairs. */
export function scaleTargets(elaborated: ElaboratedModel, pairs: readonly ScaledPair[]): ElaboratedModel {
  if (pairs.length === 0) return elaborated;
  const { graph } = elaborated;
  const builder = new GraphBuilder(graph.name, { ...graph, outputs: [] });
  const scaled = new Map<NodeId, Node>();
  const unscaled = new Map<NodeId, Node>();
  for (const { output, target } of pairs) {
    const prediction = builder.node(elaborated.outputValues.get(output) ?? NaN);
    const leaf = inputNamed(graph, target);
    builder.origin = { ...prediction.origin, path: '' };
    const [mean, deviation] = (['mean', 'deviation'] as const).map((statistic) =>
      statisticOf(builder, target, statistic, prediction.shape),
    );
    if (!mean || !deviation) continue;
    const whole = builder.add(builder.multiply(prediction, deviation), mean);
    unscaled.set(prediction.id, builder.rename(whole, output));
    if (leaf === undefined) continue;
    const difference = builder.divide(builder.subtract(builder.node(leaf), mean), deviation);
    scaled.set(leaf, builder.rename(difference, `${target}.scaled`));
  }
  const losses = new Copy(builder, scaled);
  const measured = new Copy(builder, unscaled);
  for (const { name, value } of graph.outputs) {
    const copy = name === 'loss' ? losses : isMeasured(name) ? measured : undefined;
    builder.output(name, copy?.of(value) ?? unscaled.get(value) ?? builder.node(value));
  }
  return {
    ...elaborated,
    loss: elaborated.loss === undefined ? undefined : losses.of(elaborated.loss).id,
    outputValues: new Map(
      [...elaborated.outputValues].map(([name, id]) => [name, unscaled.get(id)?.id ?? id]),
    ),
    graph: builder.finish(),
  };
}

/** A statistic of a target's elements over the examples, broadcast to a batch. */
function statisticOf(
  builder: GraphBuilder,
  target: string,
  statistic: 'mean' | 'deviation',
  batch: readonly number[],
): Node {
  const path = `${target}.${statistic}`;
  const shape = batch.slice(1);
  const initial = { kind: 'fill', value: statistic === 'mean' ? 0 : 1 } as const;
  const leaf = builder.apply('stored', [], { path, storage: 'buffer', initial, shape, target, statistic });
  return builder.broadcast(
    builder.rename(leaf, path),
    batch,
    shape.map((_, axis) => axis + 1),
  );
}

/** Copies of what depends on replaced values; everything else stays as it is. */
class Copy {
  private readonly copies: Map<NodeId, Node>;

  constructor(
    private readonly builder: GraphBuilder,
    replaced: ReadonlyMap<NodeId, Node>,
  ) {
    this.copies = new Map(replaced);
  }

  of(root: NodeId): Node {
    const { builder, copies } = this;
    // ids are in topological order, so that a loop replaces a deep recursion
    const first = Math.min(...copies.keys());
    const needed = new Set([root]);
    for (let id = root; id >= first; id--)
      if (needed.has(id) && !copies.has(id)) for (const input of builder.node(id).inputs) needed.add(input);
    for (let id = first; id <= root; id++) {
      const node = builder.node(id);
      if (!needed.has(id) || copies.has(id) || !node.inputs.some((input) => copies.has(input))) continue;
      builder.origin = node.origin;
      builder.phase = node.phase;
      const inputs = node.inputs.map((input) => copies.get(input) ?? builder.node(input));
      copies.set(id, builder.apply(node.operation, inputs, node.attributes));
    }
    return copies.get(root) ?? builder.node(root);
  }
}
