// Sizes with a dynamic batch: a number, or a multiple of the batch. The graph has a static batch in every shape; comparing two graphs of
// one model with different batches shows which sizes are multiples of it.
import type { AttributeValue, Graph, Node, NodeId } from '../../ir/graph/type.ts';

export interface Batches {
  readonly batches: number;
}

export type Extent = number | Batches;

export function sameExtent(a: Extent | undefined, b: Extent | undefined): boolean {
  if (typeof a === 'object' && typeof b === 'object') return a.batches === b.batches;
  return a === b;
}

export function sameExtents(a: readonly Extent[], b: readonly Extent[]): boolean {
  return a.length === b.length && a.every((extent, i) => sameExtent(extent, b[i]));
}

export function isBatch(extent: Extent | undefined): extent is Batches {
  return typeof extent === 'object';
}

/** The product; undefined if it would contain the batch squared. */
export function productOf(extents: readonly Extent[]): Extent | undefined {
  let batches = 0;
  let product = 1;
  for (const extent of extents) {
    if (isBatch(extent)) {
      if (batches > 0) return undefined;
      batches = extent.batches;
    } else product *= extent;
  }
  return batches > 0 ? { batches: batches * product } : product;
}

/** As the format writes them: a text for a size that depends on the batch. */
export function dimensionsOf(extents: readonly Extent[]): (number | string)[] {
  return extents.map((extent) => {
    if (!isBatch(extent)) return extent;
    return extent.batches === 1 ? 'batch' : `batch * ${extent.batches}`;
  });
}

/** Attributes with sizes; if others differ, the graph itself depends on the batch. */
const sized: ReadonlySet<string> = new Set(['shape', 'limits']);

/**
 * Every node's shape with a dynamic batch, or undefined if nodes that the results depend on differ in more than sizes: a loss or a metric
 * may count the examples, the model's outputs do not.
 */
export function freeShapes(
  first: { readonly graph: Graph; readonly batch: number },
  second: { readonly graph: Graph; readonly batch: number },
  results: readonly NodeId[],
): readonly (readonly Extent[])[] | undefined {
  if (first.graph.nodes.length !== second.graph.nodes.length) return undefined;
  const needed = new Set(results);
  for (const { id, inputs } of first.graph.nodes.toReversed())
    if (needed.has(id)) for (const input of inputs) needed.add(input);
  const shapes: Extent[][] = [];
  for (const [i, node] of first.graph.nodes.entries()) {
    if (!needed.has(node.id)) {
      shapes.push([...node.shape]);
      continue;
    }
    const other = second.graph.nodes[i];
    if (!other || !sameNode(node, other)) return undefined;
    const extents = node.shape.map((size, axis) => {
      const wider = other.shape[axis] ?? 0;
      return size === wider ? size : batchesOf(size, first.batch, wider, second.batch);
    });
    if (extents.some((extent) => extent === undefined)) return undefined;
    shapes.push(extents.flatMap((extent) => extent ?? []));
  }
  return shapes;
}

function batchesOf(a: number, firstBatch: number, b: number, secondBatch: number): Batches | undefined {
  const batches = a / firstBatch;
  return Number.isInteger(batches) && batches * secondBatch === b ? { batches } : undefined;
}

function sameNode(a: Node, b: Node): boolean {
  if (a.operation !== b.operation || a.inputs.join() !== b.inputs.join()) return false;
  if (a.shape.length !== b.shape.length) return false;
  const names = new Set([...Object.keys(a.attributes), ...Object.keys(b.attributes)]);
  return [...names].every((name) => sized.has(name) || sameValue(a.attributes[name], b.attributes[name]));
}

function sameValue(a: AttributeValue, b: AttributeValue): boolean {
  return Object.is(a, b) || JSON.stringify(a) === JSON.stringify(b);
}
