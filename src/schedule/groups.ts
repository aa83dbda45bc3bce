// Gathers the kernels of a program into groups that run as one loop: a contraction or a map, and the kernels over the same domain
// that read its results element by element. A contraction of few outputs over a long depth is cut into slices whose sums a second
// group adds up, always the same slices in the same order.
import type { Axis, BufferId, Kernel, KernelProgram, MapKernel, ScatterKernel } from '../ir/stages/type.ts';
import { accumulator, asContraction, type ContractionOperand } from '../kernel/recognize/contraction.ts';
import { renamePoint, substitute } from './axes.ts';
import type { Product } from './contraction/arrangement.ts';
import { addressKey } from './emit/expression.ts';
import {
  Buffers,
  mapSums,
  nodesOf,
  type Address,
  type Formula,
  type Point,
  type Sum,
} from '../ir/formula.ts';
import { readsOf } from './emit/points.ts';
import { windowForms } from './winograd/form.ts';

export type Group =
  | { readonly kind: 'map'; readonly points: Point[] }
  | { readonly kind: 'contraction'; readonly product: Product; readonly points: Point[] }
  | { readonly kind: 'scatter'; readonly kernel: ScatterKernel; readonly points: Point[] };

export interface Grouping {
  readonly groups: readonly Group[];
  /** Elements of the buffers that the schedule adds to the program's. */
  readonly partial: ReadonlyMap<BufferId, number>;
}

/** Products smaller than this on a side are sums along the lanes, not tiles. */
const leastSide = 3;
/** A depth of at least this many elements is cut into slices where the outputs are few. */
const longDepth = 2048;
const fewOutputs = 24 * 1024;
const slices = 16;
/** Of a filter's gradient of many outputs: fewer, and both operands would be transformed anew for each of many work items. */
const leastSlices = 4;
/** Kernels over as few elements as this share a loop even if they have nothing to do with one another. */
const smallDomain = 4096;

/** `filtered`: whether filters' gradients may be computed by Winograd's filtering, where slices pay with more outputs. */
export function groupKernels(program: KernelProgram, buffers: Buffers, filtered: boolean): Grouping {
  const groups: Group[] = [];
  const partial = new Map<BufferId, number>();
  const producers = new Map<BufferId, { readonly group: number; readonly point: Point | undefined }>();
  let free = Math.max(-1, ...program.buffers.map((buffer) => buffer.id)) + 1;

  const append = (group: Group) => {
    groups.push(group);
    for (const point of group.points) producers.set(point.output.buffer, { group: groups.length - 1, point });
    if (group.kind === 'scatter')
      producers.set(buffers.owner(group.kernel.output), { group: groups.length - 1, point: undefined });
  };

  for (const kernel of program.kernels) {
    if (kernel.kind === 'scatter_add') {
      append({ kind: 'scatter', kernel, points: [] });
      continue;
    }
    const point = pointOf(kernel, buffers);
    const product = productOf(kernel, point, buffers);
    if (product) {
      const sliced = slice(product, free, filtered);
      if (!sliced) append({ kind: 'contraction', product, points: [...product.points] });
      else {
        partial.set(free, sliced.elements);
        free++;
        append({ kind: 'contraction', product: sliced.product, points: [...sliced.product.points] });
        append({ kind: 'map', points: [sliced.sum] });
      }
      continue;
    }
    if (!join(groups, producers, point)) append({ kind: 'map', points: [point] });
  }
  return { groups, partial };
}

/** Puts the point into the first group that it may run in, or says that there is none. */
function join(
  groups: readonly Group[],
  producers: Map<BufferId, { readonly group: number; readonly point: Point | undefined }>,
  point: Point,
): boolean {
  const reads = readsOf(point);
  // The group of what it reads; after it, unless it reads element by element.
  let earliest = 0;
  for (const buffer of reads) earliest = Math.max(earliest, producers.get(buffer)?.group ?? 0);
  for (let i = earliest; i < groups.length; i++) {
    const group = groups[i];
    const head = group?.points[0];
    if (!group || !head || group.kind === 'scatter' || !sameDomain(head.axes, point.axes)) continue;
    const renamed = renamePoint(point, head.axes);
    if (!elementByElement(renamed, group.points)) continue;
    const size = head.axes.reduce((product, axis) => product * axis.size, 1);
    const related = group.points.some((other) => reads.has(other.output.buffer) || sharesReads(other, reads));
    if (group.kind === 'contraction' && (!related || isReduced(renamed.formula))) continue;
    if (!related && size > smallDomain) continue;
    group.points.push(renamed);
    producers.set(point.output.buffer, { group: i, point: renamed });
    return true;
  }
  return false;
}

function sharesReads(point: Point, reads: ReadonlySet<BufferId>): boolean {
  for (const buffer of readsOf(point)) if (reads.has(buffer)) return true;
  return false;
}

function sameDomain(a: readonly Axis[], b: readonly Axis[]): boolean {
  return a.length === b.length && a.every((axis, i) => axis.size === b[i]?.size);
}

/** Whether the point reads what the others write at its own place alone. */
function elementByElement(point: Point, others: readonly Point[]): boolean {
  const places = new Map(others.map((other) => [other.output.buffer, addressKey(other.output)]));
  for (const node of nodesOf(point.formula)) {
    if (node.kind === 'random' && places.has(node.key)) return false;
    if (node.kind !== 'read') continue;
    const { address } = node;
    const place = places.get(address.buffer);
    if (place === undefined) continue;
    if (address.quotients.length > 0 || address.lookups.length > 0 || addressKey(address) !== place)
      return false;
  }
  return true;
}

function isReduced(formula: Formula): boolean {
  for (const node of nodesOf(formula)) if (node.kind === 'reduce') return true;
  return false;
}

export function pointOf(kernel: MapKernel, buffers: Buffers): Point {
  const at = (axis: Axis) => ({ constant: 0, terms: [{ axis: axis.id, factor: 1 }], divisor: 1 });
  return {
    kernel,
    axes: kernel.axes,
    output: buffers.address(kernel.output, kernel.axes.map(at)),
    formula: buffers.formula(kernel.body),
  };
}

const count = (axes: readonly Axis[]) => axes.reduce((total, axis) => total * axis.size, 1);

function productOf(kernel: MapKernel, point: Point, buffers: Buffers): Product | undefined {
  const found = asContraction(kernel);
  if (!found) return undefined;
  const [m, n, k] = [count(found.m), count(found.n), count(found.k)];
  if (m < leastSide || n < leastSide || k < 2) return undefined;
  const operand = ({ buffer, index, conditions }: ContractionOperand) =>
    buffers.formula({
      kind: 'guard',
      conditions,
      value: { kind: 'read', buffer, index },
      otherwise: 0,
    });
  return {
    left: operand(found.left),
    right: operand(found.right),
    axes: kernel.axes,
    depth: found.k,
    points: [{ ...point, formula: buffers.withAccumulator(found.epilogue, accumulator) }],
  };
}

interface Sliced {
  readonly product: Product;
  readonly elements: number;
  readonly sum: Point;
}

function slice(product: Product, buffer: BufferId, filtered: boolean): Sliced | undefined {
  const outputs = count(product.axes);
  const [outermost, ...inner] = product.depth;
  const [point] = product.points;
  if (!outermost || !point || count(product.depth) < longDepth) return undefined;
  const few = outputs <= fewOutputs;
  if (!few && !(filtered && windowForms(product).some(({ kind }) => kind === 'filter'))) return undefined;
  const most = few ? slices : Math.max(leastSlices, Math.floor((slices * fewOutputs) / outputs));
  const parts = largestDivisor(outermost.size, most);
  if (parts < 2) return undefined;
  const part: Axis = { id: `${outermost.id}·slice`, size: parts, hint: 'slice' };
  const rest: Axis = { ...outermost, id: `${outermost.id}·rest`, size: outermost.size / parts };
  const cut = (sum: Sum) =>
    substitute(sum, outermost.id, { constant: 0, terms: new Map([[part.id, rest.size], [rest.id, 1]]) }); // prettier-ignore
  // The partial sums lie with the longest axis innermost, so that the lanes find one that fits.
  const order = [part, ...product.axes.toSorted((a, b) => a.size - b.size)];
  const address = denseAddress(buffer, order);
  const depth = rest.size === 1 ? inner : [rest, ...inner];
  const [left, right] = [mapSums(product.left, cut), mapSums(product.right, cut)];
  const partial: Point = {
    kernel: point.kernel,
    axes: [part, ...product.axes],
    output: address,
    formula: { kind: 'given', name: 'sum' },
  };
  const total: Formula = {
    kind: 'reduce',
    reducer: 'sum',
    axes: [part],
    value: { kind: 'read', address },
  };
  return {
    product: {
      left: rest.size === 1 ? withoutAxis(left, rest) : left,
      right: rest.size === 1 ? withoutAxis(right, rest) : right,
      axes: partial.axes,
      depth,
      points: [partial],
    },
    elements: outputs * parts,
    sum: { ...point, formula: replaceGiven(point.formula, total) },
  };
}

function withoutAxis(formula: Formula, axis: Axis): Formula {
  return mapSums(formula, (sum) => substitute(sum, axis.id, { constant: 0, terms: new Map() }));
}

function denseAddress(buffer: BufferId, axes: readonly Axis[]): Address {
  const terms = new Map<string, number>();
  let stride = 1;
  for (const axis of axes.toReversed()) {
    if (axis.size > 1) terms.set(axis.id, stride);
    stride *= axis.size;
  }
  return { buffer, affine: { constant: 0, terms }, quotients: [], lookups: [] };
}

function replaceGiven(formula: Formula, by: Formula): Formula {
  switch (formula.kind) {
    case 'given':
      return by;
    case 'apply':
      return { ...formula, operands: formula.operands.map((operand) => replaceGiven(operand, by)) };
    case 'guard':
      return { ...formula, value: replaceGiven(formula.value, by) };
    default:
      return formula;
  }
}

function largestDivisor(size: number, most: number): number {
  for (let divisor = Math.min(size, most); divisor > 1; divisor--) if (size % divisor === 0) return divisor;
  return 1;
}

/** What a person calls the group: its kernels, in order. */
export function kernelsOf(group: Group): readonly Kernel[] {
  return group.kind === 'scatter' ? [group.kernel] : group.points.map((point) => point.kernel);
}
