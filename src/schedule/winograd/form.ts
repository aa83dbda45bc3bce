// Recognizes the contractions that Winograd's filtering can compute: those in which one operand is read through windows of 3 × 3
// elements that move by one, whatever they are called. Two kinds come out: `outputs`, where the windows are summed over (a
// convolution, and its input's gradient, whose windows run backwards), and `filter`, where the places are summed over and the
// windows' elements are the outputs (the filter's gradient).
import type { Axis } from '../../ir/stages/type.ts';
import type { Product } from '../contraction/arrangement.ts';
import { mergeAxes, substitute } from '../axes.ts';
import {
  axesOf,
  mapAddress,
  mapSums,
  nodesOf,
  sumsOf,
  type Formula,
  type Point,
  type Sum,
} from '../../ir/formula.ts';

export interface WindowForm {
  readonly kind: 'outputs' | 'filter';
  /** Axes that go through everything: groups, and slices of a sum. */
  readonly batch: readonly Axis[];
  /** The image at rows + windowRows, columns + windowColumns, as a formula of rows and columns alone. */
  readonly image: Formula;
  /** The filter, over both windows' axes; or the output's gradient, over rows and columns. */
  readonly other: Formula;
  /** Output axes of the image alone; for `filter`, axes that are summed over. */
  readonly images: readonly Axis[];
  /** The image's own axis: summed over; for `filter`, an output's. */
  readonly channels: Axis;
  /** The other operand's own axis, always an output's. */
  readonly filters: Axis;
  readonly rows: Axis;
  readonly columns: Axis;
  readonly windowRows: Axis;
  readonly windowColumns: Axis;
  readonly points: readonly Point[];
}

/** Taps of a window along each axis. */
export const taps = 3;

export function windowForms(product: Product): readonly WindowForm[] {
  const operands = [
    [product.left, product.right],
    [product.right, product.left],
  ] as const;
  return operands.flatMap(([image, other]) =>
    (['outputs', 'filter'] as const).flatMap((kind) => formOf(product, image, other, kind) ?? []),
  );
}

/** A window's axis, the axis along which the window moves, and whether both step the same way. */
interface Window {
  readonly window: Axis;
  readonly place: Axis;
  readonly backwards: boolean;
}

function formOf(
  product: Product,
  image: Formula,
  other: Formula,
  kind: WindowForm['kind'],
): WindowForm | undefined {
  const [moving, summed] = [product.axes, product.depth];
  const windows = windowsOf(
    image,
    kind === 'outputs' ? summed : moving,
    kind === 'outputs' ? moving : summed,
  );
  const [outer, inner, ...more] = windows.toSorted(
    (a, b) => stepAlong(image, b.place) - stepAlong(image, a.place),
  );
  if (!outer || !inner || more.length > 0) return undefined;
  const inOther = axesOf(other);
  const absent = kind === 'outputs' ? [outer.place, inner.place] : [outer.window, inner.window];
  if (absent.some(({ id }) => inOther.has(id))) return undefined;

  const forwards = (sum: Sum) =>
    windows.reduce(
      (result, { window, backwards }) =>
        backwards
          ? substitute(result, window.id, { constant: taps - 1, terms: new Map([[window.id, -1]]) })
          : result,
      sum,
    );
  const atPlace = (sum: Sum) =>
    windows.reduce(
      (result, { window }) => substitute(result, window.id, { constant: 0, terms: new Map() }),
      forwards(sum),
    );
  const plain: Formula = mapSums(image, atPlace);
  const inImage = axesOf(plain);
  const used = new Set(windows.flatMap(({ window, place }) => [window.id, place.id]));
  const free = (axes: readonly Axis[], image: boolean, other: boolean) =>
    axes.filter(({ id }) => !used.has(id) && inImage.has(id) === image && inOther.has(id) === other);
  const [batch, own, others] = [
    [...free(moving, true, true), ...free(moving, false, false)],
    free(moving, true, false),
    free(moving, false, true),
  ];
  const shared = free(summed, true, true);
  if (summed.some(({ id }) => !used.has(id) && !shared.some((axis) => axis.id === id))) return undefined;

  const flipped = product.points.map((point) => changePoint(point, forwards));
  const operand = mapSums(other, forwards);
  const sums = [
    ...sumsOf(plain),
    ...sumsOf(operand),
    ...flipped.flatMap(({ formula, output }) => [...sumsOf(formula), output.affine]),
  ];
  const merged = [batch, kind === 'outputs' ? own : shared, kind === 'outputs' ? shared : own, others].map(
    (axes) => mergeAxes(axes, sums),
  );
  const [batches, images, channels, filters] = merged.map(({ axes }) => axes);
  const [channel, ...moreChannels] = channels ?? [];
  const [filter, ...moreFilters] = filters ?? [];
  if (!batches || !images || !channel || !filter || moreChannels.length + moreFilters.length > 0)
    return undefined;
  const change = (sum: Sum) => merged.reduce((result, { change: one }) => one(result), sum);
  return {
    kind,
    batch: batches,
    image: mapSums(plain, change),
    other: mapSums(operand, change),
    images,
    channels: channel,
    filters: filter,
    rows: outer.place,
    columns: inner.place,
    windowRows: outer.window,
    windowColumns: inner.window,
    points: flipped.map((point) => changePoint(point, change)),
  };
}

function changePoint(point: Point, change: (sum: Sum) => Sum): Point {
  return {
    ...point,
    formula: mapSums(point.formula, change),
    output: mapAddress(point.output, change),
  };
}

/** Pairs of axes that the formula steps through as through one: place + window, or place − window. */
function windowsOf(formula: Formula, windows: readonly Axis[], places: readonly Axis[]): readonly Window[] {
  const sums = sumsOf(formula);
  return windows
    .filter(({ size }) => size === taps)
    .flatMap((window) =>
      places.flatMap((place): readonly Window[] => {
        const pairs = sums
          .map(({ terms }) => [terms.get(window.id) ?? 0, terms.get(place.id) ?? 0] as const)
          .filter(([a, b]) => a !== 0 || b !== 0);
        if (pairs.length === 0) return [];
        if (pairs.every(([a, b]) => a === b)) return [{ window, place, backwards: false }];
        if (pairs.every(([a, b]) => a === -b)) return [{ window, place, backwards: true }];
        return [];
      }),
    );
}

/** How far apart successive values of an axis are read. */
function stepAlong(formula: Formula, axis: Axis): number {
  let longest = 0;
  for (const node of nodesOf(formula)) {
    if (node.kind !== 'read') continue;
    const { affine, quotients } = node.address;
    const steps = [
      affine.terms.get(axis.id) ?? 0,
      ...quotients.map(({ sum, divisor, scale }) => ((sum.terms.get(axis.id) ?? 0) * scale) / divisor),
    ];
    longest = Math.max(longest, ...steps.map(Math.abs));
  }
  return longest;
}
