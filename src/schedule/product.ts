// A kernel's contraction in linear form; and, where its outputs are few and its depth is long, cut into slices: always the same slices
// in the same order, whose sums a second group adds up.
import type { Axis, BufferId, ContractionOperand, Convolution, MapKernel } from '../ir/stages/type.ts';
import type { Buffers } from '../ir/linear/build.ts';
import { rowMajor } from '../ir/linear/position.ts';
import type { Formula, Point } from '../ir/linear/type.ts';
import { mapOperands, substitute } from '../ir/linear/walk.ts';
import type { Product } from './type.ts';
import { elementsOf } from '../ir/stages/walk.ts';

/** A product of fewer rows or columns is a sum along the lanes, not a tile. */
const leastSide = 3;

/** Nothing where the kernel is no contraction, or too small a one. */
export function productOf(kernel: MapKernel, point: Point, buffers: Buffers): Product | undefined {
  const { pattern } = kernel;
  if (!pattern) return undefined;
  const { m, n, k, left, right, epilogue } = pattern.contraction;
  if (elementsOf(m) < leastSide || elementsOf(n) < leastSide || elementsOf(k) < 2) return undefined;
  const operand = ({ buffer, index, conditions }: ContractionOperand) =>
    buffers.formula({
      kind: 'guard',
      conditions,
      value: { kind: 'read', buffer, index },
      otherwise: 0,
    });
  return {
    left: operand(left),
    right: operand(right),
    axes: kernel.axes,
    depth: k,
    points: [{ ...point, formula: buffers.epilogue(epilogue) }],
    convolutions: pattern.kind === 'convolution' ? pattern.forms : [],
  };
}

/** A depth of at least this many elements is cut into slices where the outputs are few. */
const longDepth = 2048;
const fewOutputs = 24 * 1024;
const slices = 16;
/** Of a filter's gradient of many outputs: with fewer, each of many work items would transform both operands anew. */
const leastSlices = 4;

export interface Sliced {
  /** Computes the partial sums. */
  readonly product: Product;
  /** Elements of the buffer that holds them. */
  readonly elements: number;
  /** Adds them up, and computes the epilogue. */
  readonly sum: Point;
}

/** @param filtered whether Winograd's filtering may compute a filter's gradient, for which slices pay with more outputs too */
export function slice(product: Product, partial: BufferId, filtered: boolean): Sliced | undefined {
  const [outermost] = product.depth;
  const [point] = product.points;
  const parts = outermost ? slicesOf(product, outermost, filtered) : 1;
  if (!outermost || !point || parts < 2) return undefined;
  const part: Axis = { id: `${outermost.id}·slice`, size: parts, hint: 'slice' };
  // The partial sums have the longest axis innermost, so that there is a long one for the lanes.
  const order = [part, ...product.axes.toSorted((a, b) => a.size - b.size)];
  const output = { buffer: partial, position: rowMajor(order) };
  const total: Formula = { kind: 'reduce', reducer: 'sum', axes: [part], value: { kind: 'read', ...output } };
  const axes = [part, ...product.axes];
  const points: Point[] = [{ kernel: point.kernel, axes, output, formula: { kind: 'given', name: 'sum' } }];
  return {
    product: { ...cutDepth(product, outermost, part), axes, points },
    elements: elementsOf(order),
    sum: { ...point, formula: replaceGiven(point.formula, total) },
  };
}

function slicesOf(product: Product, outermost: Axis, filtered: boolean): number {
  if (elementsOf(product.depth) < longDepth) return 1;
  const outputs = elementsOf(product.axes);
  const few = outputs <= fewOutputs;
  if (!few && !(filtered && product.convolutions.some(({ kind }) => kind === 'filter'))) return 1;
  const most = few ? slices : Math.max(leastSlices, Math.floor((slices * fewOutputs) / outputs));
  return largestDivisor(outermost.size, most);
}

/** The product with the outermost axis of its depth replaced by the part of it that is one slice. */
function cutDepth(product: Product, outermost: Axis, part: Axis): Product {
  const size = outermost.size / part.size;
  const rest: Axis = { ...outermost, id: `${outermost.id}·rest`, size };
  const cut = new Map([[outermost.id, rowMajor(size > 1 ? [part, rest] : [part])]]);
  const inner = product.depth.slice(1);
  return {
    ...product,
    left: substitute(product.left, cut),
    right: substitute(product.right, cut),
    depth: size > 1 ? [rest, ...inner] : inner,
    convolutions: product.convolutions.flatMap((form) => renamed(form, outermost, rest) ?? []),
  };
}

/** The convolution with one of its axes replaced; it is none any more where a place is fixed, or a window no longer whole. */
function renamed(form: Convolution, old: Axis, by: Axis): Convolution | undefined {
  const [a, b] = form.windows;
  if ([a, b].some(({ window }) => window === old.id)) return undefined;
  if (![a, b].some(({ place }) => place === old.id)) return form;
  if (by.size === 1) return undefined;
  const rename = (window: typeof a) => (window.place === old.id ? { ...window, place: by.id } : window);
  return { ...form, windows: [rename(a), rename(b)] };
}

function replaceGiven(formula: Formula, by: Formula): Formula {
  return formula.kind === 'given' ? by : mapOperands(formula, (part) => replaceGiven(part, by));
}

function largestDivisor(size: number, most: number): number {
  for (let divisor = Math.min(size, most); divisor > 1; divisor--) if (size % divisor === 0) return divisor;
  return 1;
}
