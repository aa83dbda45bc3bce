// Arrays with a row for each position of a scan: reads of rows, and arrays made of rows, which are either a concatenation with one part
// per position, in order, or a sum of arrays that are zero except in one row each.
import { apply, asProduct, number, product, type Formula } from './formula.ts';
import type { Graph, Node, NodeId, Shape } from '../ir/graph/type.ts';
import { placeOf } from './positions.ts';

export interface Stack {
  /** Undefined if neither the text nor the graph names it. */
  readonly name: string | undefined;
  readonly scan: string;
  readonly axis: number;
  /** The shape of the complete array. */
  readonly shape: Shape;
  /** The values at the positions, from the first. */
  readonly parts: readonly NodeId[];
  /** Whether the array is an output of the graph. */
  readonly result: boolean;
}

export interface Stacks {
  readonly arrays: ReadonlyMap<NodeId, Stack>;
  /** Nodes named only as rows of an array. */
  readonly rows: ReadonlyMap<NodeId, Stack>;
}

export function findStacks(
  graph: Graph,
  scans: ReadonlyMap<string, number>,
  nameOf: (node: Node) => string | undefined,
): Stacks {
  const arrays = new Map<NodeId, Stack>();
  const rows = new Map<NodeId, Stack>();
  const results = new Set(graph.outputs.map(({ value }) => value));
  for (const node of graph.nodes) {
    const found = stackedParts(graph, node, scans);
    if (!found) continue;
    const stack: Stack = { ...found, name: nameOf(node), shape: node.shape, result: results.has(node.id) };
    arrays.set(node.id, stack);
    for (const id of found.parts)
      if (
        stack.name !== undefined &&
        graph.nodes[id]?.origin.name === undefined &&
        !rows.has(id) &&
        !results.has(id)
      )
        rows.set(id, stack);
  }
  return { arrays, rows };
}

function stackedParts(
  graph: Graph,
  { operation, inputs, attributes, shape }: Node,
  scans: ReadonlyMap<string, number>,
): Pick<Stack, 'scan' | 'axis' | 'parts'> | undefined {
  const axis = attributes['axis'];
  if (operation !== 'concat' || typeof axis !== 'number' || shape[axis] !== inputs.length) return undefined;
  const parts = inputs.map((id) => withoutReshape(graph, id));
  const places = parts.map((node) => node && placeOf(node));
  const scan = places[0]?.scan;
  if (scan === undefined || scans.get(scan) !== inputs.length) return undefined;
  const inOrder = places.every((place, i) => place?.scan === scan && place.position === i + 1);
  return inOrder ? { scan, axis, parts: parts.flatMap((node) => (node ? [node.id] : [])) } : undefined;
}

function withoutReshape(graph: Graph, id: NodeId): Node | undefined {
  const node = graph.nodes[id];
  const [inner] = node?.inputs ?? [];
  return node?.operation === 'reshape' && inner !== undefined ? graph.nodes[inner] : node;
}

/** An array at one position of a scan. */
export function rowOf(
  { attributes, shape }: Pick<Node, 'attributes' | 'shape'>,
  [of]: readonly Formula[],
  scans: ReadonlyMap<string, number>,
): Formula | undefined {
  const starts = attributes['starts'];
  if (!of || of.kind === 'number' || !Array.isArray(starts)) return undefined;
  const [axis, ...others] = of.shape.flatMap((size, i) => (size === shape[i] ? [] : [i]));
  if (axis === undefined || others.length > 0 || shape[axis] !== 1) return undefined;
  if (![...scans.values()].includes(of.shape[axis] ?? 0)) return undefined;
  const { coefficient } = asProduct(of);
  const bare = product(of.shape, [of], [number(coefficient, of.shape)]);
  const scaled = (row: Formula) => product(shape, [number(coefficient, shape), row]);
  if (bare.kind === 'apply' && isRepeated(bare, axis))
    return scaled(apply('broadcast', bare.operands, { ...bare.attributes, shape }, shape));
  if (bare.kind === 'product') {
    const rows = (list: readonly Formula[]) =>
      list.flatMap((each) => rowOf({ attributes, shape }, [each], scans) ?? []);
    const [over, under] = [rows(bare.factors), rows(bare.divisors)];
    if (over.length < bare.factors.length || under.length < bare.divisors.length) return undefined;
    return scaled(product(shape, over, under));
  }
  const position = { at: Number(starts[axis]) + 1 };
  return scaled({ kind: 'row', of: bare, axis, position, shape });
}

/** Whether an array is constant along an axis. */
function isRepeated(formula: Formula, axis: number): boolean {
  if (formula.kind !== 'apply' || formula.operation !== 'broadcast') return false;
  const { axes } = formula.attributes;
  return Array.isArray(axes) && !axes.includes(axis);
}

export interface GatheredRows {
  readonly scan: string;
  readonly axis: number;
  /** One per position, from the first. */
  readonly rows: readonly Formula[];
  /** The other terms. */
  readonly others: readonly Formula[];
}

/** The rows of a sum that has, for every position of a scan, an array that is zero in all other rows. */
export function gatheredRows(formula: Formula, scans: ReadonlyMap<string, number>): GatheredRows | undefined {
  if (formula.kind !== 'sum') return undefined;
  const { shape, terms } = formula;
  for (const [scan, count] of scans) {
    const found = terms.flatMap((term) => {
      const row = paddedRow(term);
      return row && shape[row.axis] === count ? [{ ...row, term }] : [];
    });
    const axis = found[0]?.axis;
    const places = new Set(found.map((row) => `${row.axis} ${row.at}`));
    if (axis === undefined || found.length !== count || places.size !== count) continue;
    if (found.some((row) => row.axis !== axis)) continue;
    const rows = found.toSorted((a, b) => a.at - b.at).map(({ row }) => row);
    return { scan, axis, rows, others: terms.filter((term) => found.every((each) => each.term !== term)) };
  }
  return undefined;
}

/** The row and its index of an array that is zero elsewhere. */
function paddedRow(
  formula: Formula,
): { readonly row: Formula; readonly axis: number; readonly at: number } | undefined {
  const { coefficient, factors, divisors } = asProduct(formula);
  const [padded, ...others] = factors;
  if (others.length > 0 || divisors.length > 0 || padded?.kind !== 'apply' || padded.operation !== 'pad')
    return undefined;
  const low = padded.attributes['low'];
  const [of] = padded.operands;
  if (!of || !Array.isArray(low)) return undefined;
  const axis = padded.shape.findIndex((size, i) => size !== of.shape[i]);
  if (axis < 0 || of.shape[axis] !== 1 || of.shape.some((size, i) => i !== axis && size !== padded.shape[i]))
    return undefined;
  const inner = of.kind === 'apply' && of.operation === 'reshape' ? of.operands[0] : of;
  if (!inner) return undefined;
  return {
    row: product(inner.shape, [number(coefficient, inner.shape), inner]),
    axis,
    at: Number(low[axis]) + 1,
  };
}
