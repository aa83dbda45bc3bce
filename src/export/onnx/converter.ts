// What a converter of one primitive is given, and the refusals they share.
import type { Node } from '../../ir/graph/type.ts';
import type { AttributesOf, OperationName } from '../../ops/table.ts';
import { isBatch, type Extent } from './extent.ts';
import type { OnnxGraph, Value } from './onnx-graph.ts';

export interface Conversion<K extends OperationName> {
  readonly graph: OnnxGraph;
  readonly node: Node;
  readonly attributes: AttributesOf<K>;
  /** The values of the inputs, as far as they have been carried out. */
  readonly inputs: readonly Value[];
  /** The whole shapes of the inputs. */
  readonly inputShapes: readonly (readonly Extent[])[];
  readonly shape: readonly Extent[];
  /** The elements of a stored tensor. */
  weights(path: string): Float32Array;
}

export type Converter<K extends OperationName> = (conversion: Conversion<K>) => Value;

/** What ONNX has no words for, or not with a free batch; the exporter says where in the text it stands. */
export class Unsupported extends Error {
  constructor(
    readonly node: Node,
    readonly reason: string,
  ) {
    super(reason);
    this.name = 'Unsupported';
  }
}

/** Input i with all its axes and sizes. */
export function whole<K extends OperationName>(
  { graph, inputs, inputShapes }: Conversion<K>,
  i: number,
): string {
  const value = inputs[i];
  if (!value) throw new Error(`input ${i} is missing`);
  return graph.whole(value, inputShapes[i] ?? []);
}

/** A size that has to be known. */
export function fixed(node: Node, extent: Extent | undefined, what: string): number {
  if (extent === undefined || isBatch(extent)) throw new Unsupported(node, `${what} depends on the batch`);
  return extent;
}

/** Whole numbers for indices: truncated, as the compiler's reads are. */
export function wholeNumbers<K extends OperationName>(
  conversion: Conversion<K>,
  i: number,
  limit: number,
): string {
  const { graph, inputs } = conversion;
  const value = inputs[i];
  const known = value?.whole;
  const ids = known ?? graph.apply('Cast', [whole(conversion, i)], { to: 7 });
  return graph.apply('Clip', [ids, graph.int(0), graph.int(limit - 1)]);
}
