// Builds the graph of one definition with inputs, a cotangent of its output, and gradients of parameters and inputs. Sizes and
// hyper-parameters get distinctive values, by which formulas recognize them.
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { differentiate } from '../graph/differentiate.ts';
import { GraphBuilder } from '../graph/builder.ts';
import { Frame, Instance } from '../elaborate/instance.ts';
import { Elaborator } from '../elaborate/elaborator.ts';
import { Scope } from '../elaborate/scope.ts';
import { Tensors } from '../elaborate/values/tensors.ts';
import type { Module } from '../names/module.ts';
import type { BoundArgument, TensorValue, Value } from '../elaborate/values/values.ts';
import { simplifyKeeping } from '../graph/simplify/simplify.ts';
import type { Graph, Node, NodeId } from '../ir/graph/type.ts';
import type { Definition, Parameter, TypeExpression } from '../parser/ast.ts';
import { PositionedElaborator, scansOf, startOutput, towardsStart } from './positions.ts';
import { namesOfRepeated } from './read-lines.ts';

/** A name and its number. */
export interface NamedNumber {
  readonly name: string;
  readonly value: number;
}

export interface SymbolicLayer {
  readonly definition: Definition;
  /** Outputs: `y` (or `y.0`, `y.1` …), then `∂L/∂NAME` for parameters and inputs in the order of the text. */
  readonly graph: Graph;
  /** Sizes of axes, the batch first, and hyper-parameters. */
  readonly sizes: readonly NamedNumber[];
  readonly numbers: readonly NamedNumber[];
  /** The graph with distinct positions of the layer's scans; absent without scans. */
  readonly positioned?: PositionedGraph;
}

/** A graph in which all positions of a scan are alike: see positions.ts. */
export interface PositionedGraph {
  readonly graph: Graph;
  readonly starts: readonly StartNumber[];
}

/** A state of a scan, and its constant initial value, if it has one. */
export interface StartNumber {
  readonly scan: string;
  readonly name: string;
  readonly value: number | undefined;
}

export interface Underivable {
  readonly reason: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** Examples in the batch of a symbolic layer. */
export const batchSize = 7;

interface TriedSizes {
  /** For integer hyper-parameters without a default. */
  readonly integers: readonly number[];
  readonly dimensions: readonly number[];
}

/** Sizes to try in order: distinct primes, even ones, all equal. */
const attempts: readonly TriedSizes[] = [
  { integers: [5, 3], dimensions: [11, 17, 23, 29] },
  { integers: [2, 6], dimensions: [10, 18, 26, 34] },
  { integers: [5, 5], dimensions: [5, 5, 5, 5] },
  { integers: [6, 6], dimensions: [6, 6, 6, 6] },
];

export interface SymbolicOptions {
  readonly training: boolean;
  /** Values that replace the defaults of hyper-parameters, by name. */
  readonly hyper?: ReadonlyMap<string, number | boolean>;
}

export function symbolicLayer(
  module: Module,
  definition: Definition,
  options: SymbolicOptions = { training: true },
): SymbolicLayer | Underivable {
  let first: Underivable | undefined;
  for (const disguised of [true, false]) {
    for (const sizes of attempts) {
      const build = (positioned?: StateBatching) =>
        new Builder(module, definition, options, { ...sizes, disguised, positioned }).build();
      const found = build();
      if (!('graph' in found)) {
        first ??= found;
        continue;
      }
      for (const batching of ['as they start', 'of each example'] as const) {
        const again = build(batching);
        if ('graph' in again && again.positioned) return { ...found, positioned: again.positioned };
      }
      return found;
    }
  }
  return first ?? { reason: 'it has no formula', diagnostics: [] };
}

/** Whether a scan's initial states are batched as written, or per example. */
type StateBatching = 'as they start' | 'of each example';

interface Attempt extends TriedSizes {
  /** Whether floats with a default get a distinctive value, by which they are recognized. */
  readonly disguised: boolean;
  /** Set if the positions of scans are distinct. */
  readonly positioned: StateBatching | undefined;
}

class Builder {
  private readonly sizes: NamedNumber[] = [{ name: 'batch', value: batchSize }];
  private readonly numbers: NamedNumber[] = [];
  private readonly dimensions = new Map<string, number>();
  private readonly builder: GraphBuilder;
  private readonly context: Elaborator | PositionedElaborator;
  private free: number[];

  constructor(
    private readonly module: Module,
    private readonly definition: Definition,
    private readonly options: SymbolicOptions,
    private readonly attempt: Attempt,
  ) {
    const { positioned } = attempt;
    this.free = [...attempt.dimensions];
    this.builder = new GraphBuilder(definition.name.text);
    const mode = { training: options.training, updates: [], replaced: new Map() };
    const tensors = new Tensors(this.builder, batchSize);
    this.context = positioned
      ? new PositionedElaborator(tensors, mode, positioned === 'of each example')
      : new Elaborator(tensors, mode);
  }

  build(): SymbolicLayer | Underivable {
    const { context, definition, builder } = this;
    const hyper = this.hyper();
    if (typeof hyper === 'string') return { reason: hyper, diagnostics: [] };
    const environment = { scope: new Scope(this.module), frame: new Frame(new Instance('')) };
    const inputs = definition.inputs.map((parameter) => this.input(parameter));
    const callee: Value = {
      kind: 'definition',
      definition,
      module: this.module,
      hyper,
      tensors: [],
      span: definition.name.span,
      instance: new Instance(''),
    };
    const result = context.attempt(definition.span, () =>
      context.apply(callee, inputs, { environment, span: definition.name.span }),
    );
    if (context.diagnostics.length > 0 || result.kind === 'poison')
      return { reason: 'it does not fit the sizes that were tried', diagnostics: context.diagnostics };
    const results = result.kind === 'tuple' ? result.items : [result];
    const tensors = results.flatMap((value) => (value.kind === 'tensor' ? [value] : []));
    if (tensors.length === 0) return { reason: 'it gives no tensor', diagnostics: [] };
    this.nameResultAxes(tensors, inputs);
    builder.origin = { path: '' };
    const scalar = definition.kind === 'loss' ? this.meanLoss(tensors) : this.paired(tensors);
    const { sizes, numbers } = this;
    if (!(context instanceof PositionedElaborator))
      return { definition, graph: this.differentiate(scalar, tensors, inputs), sizes, numbers };
    const total = context
      .ends()
      .map(({ state, cotangent }) => this.dot(state, cotangent))
      .reduce((total, part) => builder.add(total, part), scalar);
    const graph = this.differentiate(total, tensors, inputs);
    const starts = context.starts.map(({ scan, name, value }) => ({
      scan,
      name,
      value: typeof value === 'number' ? value : undefined,
    }));
    const told = context.fits && scansOf(graph).size > 0;
    return { definition, graph, sizes, numbers, ...(told && { positioned: { graph, starts } }) };
  }

  /** Values for the hyper-parameters, or the reason why one has none. */
  private hyper(): Map<string, BoundArgument> | string {
    const hyper = new Map<string, BoundArgument>();
    let integers = 0;
    let floats = 0;
    for (const { name, type, default: fallback, span } of this.definition.hyperParameters) {
      const bind = (value: Value) => hyper.set(name.text, { value, span });
      const given = this.options.hyper?.get(name.text);
      const kind = type?.kind === 'named' ? type.name.text : undefined;
      const literal = fallback?.kind === 'number' ? fallback.value : undefined;
      if (typeof given === 'boolean') bind({ kind: 'boolean', value: given });
      else if (given !== undefined) bind({ kind: 'number', value: given });
      else if (kind === 'float' && (fallback === undefined || (literal !== undefined && literal !== 0))) {
        const factor = 1 + 0.0717345 / (1 + floats++);
        const value = this.attempt.disguised ? (literal ?? 0.577) * factor : (literal ?? 0.577);
        if (this.attempt.disguised || literal === undefined) this.numbers.push({ name: name.text, value });
        bind({ kind: 'number', value });
      } else if (fallback === undefined && kind === 'int') {
        const value = this.attempt.integers[integers++] ?? 2;
        this.sizes.push({ name: name.text, value });
        bind({ kind: 'number', value });
      } else if (fallback === undefined) {
        return `its argument \`${name.text}\` has no default`;
      }
    }
    return hyper;
  }

  private input(parameter: Parameter): TensorValue {
    const { type } = parameter;
    const name = parameter.name.text;
    const shapeType = type?.kind === 'shape' ? type : type?.shape;
    const dimensions = shapeType?.dimensions ?? [];
    // `[..., D]` is shown as [D]; `[...]` alone as one axis
    const written = dimensions.length > 1 || type?.kind === 'named';
    const shown = dimensions.filter(({ kind }) => !(written && kind === 'ellipsis'));
    const shape = shown.map((dimension) =>
      dimension.kind === 'ellipsis'
        ? this.size('D')
        : dimension.kind === 'name'
          ? this.size(dimension.text)
          : dimension.kind === 'number'
            ? dimension.value
            : (this.free.shift() ?? 4),
    );
    if (type === undefined) shape.push(this.size('D'));
    this.builder.origin = { path: '', span: parameter.span };
    const leaf = this.builder.rename(this.builder.input(name, 'input', [batchSize, ...shape]), name);
    return this.context.tensors.of(leaf, true, undefined, this.limitOf(type));
  }

  private limitOf(type: TypeExpression | undefined): number | undefined {
    if (type?.kind !== 'named') return undefined;
    const [limit] = type.arguments;
    if (limit?.kind === 'name') return this.size(limit.text);
    return limit?.kind === 'number' ? limit.value : 4;
  }

  private size(name: string): number {
    const known = this.dimensions.get(name) ?? this.sizes.find((size) => size.name === name)?.value;
    if (known !== undefined) return known;
    const fresh = this.free.shift() ?? 4;
    this.dimensions.set(name, fresh);
    this.sizes.push({ name, value: fresh });
    return fresh;
  }

  /** A new size of a result's axis: H′ if the input has H. */
  private nameResultAxes(tensors: readonly TensorValue[], [input]: readonly TensorValue[]): void {
    for (const { node } of tensors)
      node.shape.forEach((size, axis) => {
        const before = this.sizes.find(({ value }) => value === input?.node.shape[axis]);
        if (!before || this.sizes.some(({ value }) => value === size)) return;
        this.sizes.push({ name: `${before.name}′`, value: size });
      });
  }

  /** Σ y ⊙ ȳ, whose derivative with respect to y is ȳ. */
  private paired(tensors: readonly TensorValue[]): Node {
    const { builder } = this;
    const sums = tensors.map(({ node }, i) => {
      const name = `∂L/∂${outputName(this.definition, tensors.length, i)}`;
      const cotangent = builder.rename(builder.input(name, 'target', node.shape), name);
      return this.dot(node, cotangent);
    });
    return sums.reduce((total, sum) => builder.add(total, sum));
  }

  private dot(value: Node, cotangent: Node): Node {
    const axes = value.shape.map((_, axis) => axis);
    return this.builder.sum(this.builder.multiply(value, cotangent), axes);
  }

  private meanLoss([loss]: readonly TensorValue[]): Node {
    const { builder } = this;
    if (!loss) throw new Error('a loss without a value');
    const axes = loss.node.shape.map((_, axis) => axis);
    return builder.divide(builder.sum(loss.node, axes), builder.constant(batchSize, []));
  }

  private differentiate(
    scalar: Node,
    tensors: readonly TensorValue[],
    inputs: readonly TensorValue[],
  ): Graph {
    const { builder, context, definition } = this;
    const parameters = context.stored.declared.filter(
      ({ node }) => node.attributes['storage'] === 'parameter',
    );
    const leaves = [
      ...parameters.map(({ node }) => node),
      ...inputs.filter(({ limit }) => limit === undefined).map(({ node }) => node),
    ];
    const results = tensors.map(({ node }) => node.id);
    // requesting their gradients makes the first position like the others
    const given = context instanceof PositionedElaborator ? context.starts : [];
    const starts = given.map(({ leaf }) => leaf);
    const startValues = given.flatMap(({ leaf, value }) =>
      typeof value === 'number' ? [] : [{ leaf, value }],
    );
    const { graph, ids } = simplifyKeeping(
      builder.finish(),
      [
        scalar.id,
        ...results,
        ...[...leaves, ...starts, ...startValues.map(({ value }) => value)].map(({ id }) => id),
      ],
      { readable: true },
    );
    const kept = (id: NodeId) => ids.get(id) ?? id;
    const values = results.map((id, i) => ({
      name: outputName(definition, tensors.length, i),
      value: kept(id),
    }));
    const derived = differentiate(
      context instanceof PositionedElaborator ? nameRepeated({ ...graph, outputs: values }) : graph,
      kept(scalar.id),
      [...leaves, ...starts].map(({ id }) => kept(id)),
    );
    const outputs = [
      ...values,
      ...startValues.map(({ leaf, value }) => ({
        name: `${startOutput}${leaf.origin.name ?? ''}`,
        value: kept(value.id),
      })),
      ...leaves.flatMap((leaf) => {
        const value = derived.gradients.get(kept(leaf.id));
        return value === undefined ? [] : [{ name: `∂L/∂${leaf.origin.name ?? ''}`, value }];
      }),
      ...starts.flatMap((leaf) => {
        const value = derived.gradients.get(kept(leaf.id));
        return value === undefined ? [] : [{ name: `${towardsStart}${leaf.origin.name ?? ''}`, value }];
      }),
    ];
    return simplifyKeeping({ ...derived.graph, outputs, updates: [] }, [], { readable: true }).graph;
  }
}

/** Names the scans' values that will be lines, so that their cotangents are named after them. */
function nameRepeated(graph: Graph): Graph {
  const names = namesOfRepeated(graph);
  const nodes = graph.nodes.map((node) => {
    const name = names.get(node.id);
    return name === undefined ? node : { ...node, origin: { ...node.origin, name } };
  });
  return { ...graph, nodes, outputs: [] };
}

/** A loss's value is ℓ; a result is y, unless an input has that name. */
function outputName(definition: Definition, count: number, index: number): string {
  const taken = definition.inputs.some(({ name }) => name.text === 'y');
  const base = definition.kind === 'loss' ? 'ℓ' : taken ? 'z' : 'y';
  return count === 1 ? base : `${base}${index + 1}`;
}
