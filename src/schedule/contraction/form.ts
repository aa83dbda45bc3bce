// A kernel's contraction in linear form. Where its outputs are few and its depth is long, the depth is cut into slices (split-K) that
// depend on the shapes alone; a second group adds their partial sums in a fixed order.
import type { Axis, BufferId, ContractionOperand, Convolution, MapKernel } from '../../ir/stages/type.ts';
import type { Buffers } from '../../ir/linear/build.ts';
import { rowMajor } from '../../ir/linear/position.ts';
import type { Formula, Computation } from '../../ir/linear/type.ts';
import { mapOperands, substitute } from '../../ir/linear/walk.ts';
import type { Contraction } from '../type.ts';
import { elementsOf } from '../../ir/stages/walk.ts';

/** A contraction of fewer rows or columns runs as a vectorized reduction, not on register tiles. */
const leastSide = 3;

/** Undefined where the kernel is no contraction, or too small a one. */
export function contractionOf(
  kernel: MapKernel,
  computation: Computation,
  buffers: Buffers,
): Contraction | undefined {
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
    computations: [{ ...computation, formula: buffers.epilogue(epilogue) }],
    convolutions: pattern.kind === 'convolution' ? pattern.forms : [],
  };
}

/** A depth of at least this many elements is sliced where the outputs are few. */
const longDepth = 2048;
const fewOutputs = 24 * 1024;
const slices = 16;
/** Minimum slices for a filter gradient with many outputs; below it both operands would be re-transformed per work item. */
const leastSlices = 4;

export interface Sliced {
  /** Computes the partial sums. */
  readonly contraction: Contraction;
  /** Elements of the buffer that holds them. */
  readonly elements: number;
  /** Adds them up, and computes the epilogue. */
  readonly sum: Computation;
}

/** @param winograd whether filter gradients may be computed by Winograd convolution, for which slicing pays with more outputs too */
export function slice(contraction: Contraction, partial: BufferId, winograd: boolean): Sliced | undefined {
  const [outermost] = contraction.depth;
  const [computation] = contraction.computations;
  const parts = outermost ? slicesOf(contraction, outermost, winograd) : 1;
  if (!outermost || !computation || parts < 2) return undefined;
  const part: Axis = { id: `${outermost.id}·slice`, size: parts, hint: 'slice' };
  // The longest axis is innermost, so that the partial sums have a long axis to vectorize along.
  const order = [part, ...contraction.axes.toSorted((a, b) => a.size - b.size)];
  const output = { buffer: partial, position: rowMajor(order) };
  const total: Formula = { kind: 'reduce', reducer: 'sum', axes: [part], value: { kind: 'read', ...output } };
  const axes = [part, ...contraction.axes];
  const computations: Computation[] = [
    { kernel: computation.kernel, axes, output, formula: { kind: 'given', name: 'sum' } },
  ];
  return {
    contraction: { ...cutDepth(contraction, outermost, part), axes, computations },
    elements: elementsOf(order),
    sum: { ...computation, formula: replaceGiven(computation.formula, total) },
  };
}

function slicesOf(contraction: Contraction, outermost: Axis, winograd: boolean): number {
  if (elementsOf(contraction.depth) < longDepth) return 1;
  const outputs = elementsOf(contraction.axes);
  const few = outputs <= fewOutputs;
  if (!few && !(winograd && contraction.convolutions.some(({ kind }) => kind === 'filter'))) return 1;
  const most = few ? slices : Math.max(leastSlices, Math.floor((slices * fewOutputs) / outputs));
  return largestDivisor(outermost.size, most);
}

/** The contraction with the outermost axis of its depth replaced by the range of it that is one slice. */
function cutDepth(contraction: Contraction, outermost: Axis, part: Axis): Contraction {
  const size = outermost.size / part.size;
  const rest: Axis = { ...outermost, id: `${outermost.id}·rest`, size };
  const cut = new Map([[outermost.id, rowMajor(size > 1 ? [part, rest] : [part])]]);
  const inner = contraction.depth.slice(1);
  return {
    ...contraction,
    left: substitute(contraction.left, cut),
    right: substitute(contraction.right, cut),
    depth: size > 1 ? [rest, ...inner] : inner,
    convolutions: contraction.convolutions.flatMap((form) => renamed(form, outermost, rest) ?? []),
  };
}

/** The convolution with one axis replaced; undefined where a window axis is cut or a position fixed: a plain contraction is left. */
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
