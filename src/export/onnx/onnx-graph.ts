// Builds an ONNX graph: operators, constants and names. A value may have fewer or smaller axes than its node in the compiler's graph, if
// ONNX's implicit broadcasting makes up for it: a broadcast is written only for a reader that needs the full shape.
import type { Node } from '../../ir/graph/type.ts';
import { positionAt } from '../../diagnostics/source.ts';
import { isBatch, sameExtents, type Extent } from './extent.ts';
import type { OnnxAttribute, OnnxData, OnnxNode, OnnxTensor } from './schema.ts';

/** A float value: `extents` are those of the actual ONNX tensor, right-aligned with the node's shape. */
export interface Value {
  readonly name: string;
  readonly extents: readonly Extent[];
  /** The same numbers as booleans or as int64, if those exist already. */
  readonly truth?: string;
  readonly integer?: string;
}

export type AttributeValues = {
  readonly [name: string]: number | readonly number[] | string | Float | Floats | Texts;
};

/** A float attribute, even where its value is an integer. */
export interface Float {
  readonly float: number;
}

export interface Floats {
  readonly floats: readonly number[];
}

export interface Texts {
  readonly texts: readonly string[];
}

export class OnnxGraph {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  private readonly names = new Set<string>();
  /** The next number to try for a taken name. */
  private readonly counts = new Map<string, number>();
  private readonly constants = new Map<string, string>();
  private batchName: string | undefined;
  private comment = '';
  private base = 'value';

  /** An input whose first axis is the batch, if that is dynamic. */
  batchInput: string | undefined;

  /** Sets the node of the next operators: their names and comments derive from it. */
  at({ origin, operation }: Node): void {
    this.base = (origin.name ?? origin.path) || operation;
    const { span, library } = origin;
    const places = [span, library].flatMap((place) =>
      place ? [`${place.source.path}:${positionAt(place.source.text, place.start).line}`] : [],
    );
    this.comment = places.join(', ');
  }

  /** A unique name. */
  reserve(name: string): string {
    let free = name;
    let count = this.counts.get(name) ?? 2;
    for (; this.names.has(free); count++) free = `${name}_${count}`;
    this.counts.set(name, count);
    this.names.add(free);
    return free;
  }

  /** Adds an operator and returns its output's name. */
  apply(
    operator: string,
    inputs: readonly string[],
    attributes: AttributeValues = {},
    output: string = this.reserve(this.base),
  ): string {
    const written = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
    const name = `${output}:${operator}`;
    this.nodes.push({ operator, name, inputs, output, attributes: written, comment: this.comment });
    return output;
  }

  /** A constant tensor with its own name: a weight. */
  initializer(name: string, dimensions: readonly number[], data: OnnxData): string {
    const own = this.reserve(name);
    this.initializers.push({ name: own, dimensions, data });
    return own;
  }

  /** A constant, shared by all readers of the same values. */
  private constant(dimensions: readonly number[], data: OnnxData): string {
    const key = `${data.type} ${dimensions.join()} ${[...data.values].map((value) => (Object.is(value, -0) ? '-0' : value)).join()}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const name = this.initializer(data.type === 'int64' ? 'sizes' : 'constant', dimensions, data);
    this.constants.set(key, name);
    return name;
  }

  float(value: number): string {
    return this.constant([], { type: 'float', values: Float32Array.of(value) });
  }

  floats(dimensions: readonly number[], values: Iterable<number>): string {
    return this.constant(dimensions, { type: 'float', values: Float32Array.from(values) });
  }

  doubles(dimensions: readonly number[], values: Iterable<number>): string {
    return this.constant(dimensions, { type: 'double', values: Float64Array.from(values) });
  }

  ints(values: readonly number[]): string {
    return this.constant([values.length], { type: 'int64', values });
  }

  int(value: number): string {
    return this.constant([], { type: 'int64', values: [value] });
  }

  /** Integers of any shape. */
  intTensor(dimensions: readonly number[], values: readonly number[]): string {
    return this.constant(dimensions, { type: 'int64', values });
  }

  /** The sizes as an int64 vector, computed from the batch if some depend on it. */
  sizes(extents: readonly Extent[]): string {
    if (!extents.some(isBatch)) return this.ints(extents.map(Number));
    const parts = extents.map((extent) =>
      isBatch(extent) ? this.batchTimes(extent.batches) : this.ints([extent]),
    );
    return parts.length === 1 ? (parts[0] ?? '') : this.apply('Concat', parts, { axis: 0 });
  }

  private batchTimes(batches: number): string {
    if (this.batchInput === undefined) throw new Error('no input has the batch as its first axis');
    if (this.batchName === undefined) {
      const shape = this.apply('Shape', [this.batchInput], {}, this.reserve('batch_shape'));
      this.batchName = this.apply('Gather', [shape, this.ints([0])], { axis: 0 }, this.reserve('batch'));
    }
    return batches === 1 ? this.batchName : this.apply('Mul', [this.batchName, this.ints([batches])]);
  }

  /** The value with all its axes and sizes, broadcast. */
  full(value: Value, shape: readonly Extent[]): string {
    if (sameExtents(value.extents, shape)) return value.name;
    return this.apply('Expand', [value.name, this.sizes(shape)]);
  }

  /** The value with as many axes as the shape, some possibly of size 1. */
  ranked(value: Value, rank: number): Value {
    const missing = rank - value.extents.length;
    if (missing <= 0) return value;
    const axes = Array.from({ length: missing }, (_, axis) => axis);
    const name = this.apply('Unsqueeze', [value.name, this.ints(axes)]);
    return { name, extents: [...axes.map(() => 1), ...value.extents] };
  }

  /** A reshape; at most one of its sizes may depend on the batch. */
  reshape(name: string, from: readonly Extent[], to: readonly Extent[]): string {
    if (sameExtents(from, to)) return name;
    if (to.filter(isBatch).length > 1) return this.apply('Reshape', [name, this.sizes(to)]);
    return this.apply('Reshape', [name, this.ints(to.map((extent) => (isBatch(extent) ? -1 : extent)))]);
  }

  transpose(name: string, permutation: readonly number[]): string {
    if (permutation.every((from, to) => from === to)) return name;
    return this.apply('Transpose', [name], { perm: permutation });
  }
}

function attributeOf(name: string, value: AttributeValues[string]): OnnxAttribute {
  if (typeof value === 'string') return { name, text: value };
  if (typeof value === 'number') return { name, int: value };
  if ('float' in value || 'floats' in value || 'texts' in value) return { name, ...value };
  return { name, ints: value };
}
