// The interface of a primitive's converter, and common errors.
import type { Node } from '../../ir/graph/type.ts';
import type { AttributesOf, OperationName } from '../../ops/table.ts';
import { isBatch, type Extent } from './extent.ts';
import type { OnnxGraph, Value } from './onnx-graph.ts';

export interface Conversion<K extends OperationName> {
  readonly graph: OnnxGraph;
  readonly node: Node;
  readonly attributes: AttributesOf<K>;
  /** The inputs' values, whose broadcasts may be pending. */
  readonly inputs: readonly Value[];
  /** The inputs' full shapes, broadcasts included. */
  readonly inputShapes: readonly (readonly Extent[])[];
  readonly shape: readonly Extent[];
  /** The elements of a stored tensor. */
  weights(path: string): Float32Array;
}

export type Converter<K extends OperationName> = (conversion: Conversion<K>) => Value;

/** Thrown for what ONNX cannot express, or not with a dynamic batch; the exporter adds the place in the text. */
export class Unsupported extends Error {
  constructor(
    readonly node: Node,
    readonly reason: string,
  ) {
    super(reason);
    this.name = 'Unsupported';
  }
}

/** Input i with all its axes and sizes, broadcasts included. */
export function full<K extends OperationName>(
  { graph, inputs, inputShapes }: Conversion<K>,
  i: number,
): string {
  const value = inputs[i];
  if (!value) throw new Error(`input ${i} is missing`);
  return graph.full(value, inputShapes[i] ?? []);
}

/** A size that must be static. */
export function fixed(node: Node, extent: Extent | undefined, what: string): number {
  if (extent === undefined || isBatch(extent)) throw new Unsupported(node, `${what} depends on the batch`);
  return extent;
}

/** Input i as int64 indices from 0 to limit − 1: truncated and clipped, as the compiler's reads are. */
export function clippedIndices<K extends OperationName>(
  conversion: Conversion<K>,
  i: number,
  limit: number,
): string {
  const { graph, inputs } = conversion;
  const value = inputs[i];
  const known = value?.integer;
  const ids = known ?? graph.apply('Cast', [full(conversion, i)], { to: 7 });
  return graph.apply('Clip', [ids, graph.int(0), graph.int(limit - 1)]);
}
