// A convolution in the linear form that Winograd's filtering works on: windows that run backwards turned around, the axes sorted
// and merged until there is one of channels and one of filters.
import type { Axis, Convolution } from '../../ir/stages/type.ts';
import { windowSize } from '../../kernel/recognize/convolution.ts';
import { axesOf, mapAddress, mapSums, sumsOf, type Formula, type Point, type Sum } from '../../ir/formula.ts';
import { longestStep, mergeAxes, substitute } from '../axes.ts';
import type { Product, WindowForm } from '../type.ts';

/** Taps of a window along each axis. */
export const taps = windowSize;

export function windowForms(product: Product): readonly WindowForm[] {
  return product.convolutions.flatMap((convolution) => windowForm(product, convolution) ?? []);
}

interface Window {
  readonly window: Axis;
  readonly place: Axis;
  readonly backwards: boolean;
}

/** Nothing where several axes of channels or filters do not merge into one. */
function windowForm(product: Product, convolution: Convolution): WindowForm | undefined {
  const { kind } = convolution;
  const { left, right } = product;
  const [image, other] = convolution.image === 'left' ? [left, right] : [right, left];
  const [rows, columns] = windowsOf(product, convolution, image);
  if (!rows || !columns) return undefined;
  const windows = [rows, columns];
  const turned = (sum: Sum) => turnAround(sum, windows);
  const plain = mapSums(image, (sum) => atFirstTap(turned(sum), windows));
  const operand = mapSums(other, turned);
  const points = product.points.map((point) => changePoint(point, turned));
  const sorted = sortAxes(product, windows, [plain, operand]);
  const sums = [
    ...sumsOf(plain),
    ...sumsOf(operand),
    ...points.flatMap(({ formula, output }) => [...sumsOf(formula), output.affine]),
  ];
  const merged = {
    batch: mergeAxes(sorted.batch, sums),
    images: mergeAxes(kind === 'outputs' ? sorted.own : sorted.shared, sums),
    channels: mergeAxes(kind === 'outputs' ? sorted.shared : sorted.own, sums),
    filters: mergeAxes(sorted.others, sums),
  };
  const [channels, ...moreChannels] = merged.channels.axes;
  const [filters, ...moreFilters] = merged.filters.axes;
  if (!channels || !filters || moreChannels.length + moreFilters.length > 0) return undefined;
  const change = (sum: Sum) => Object.values(merged).reduce((result, each) => each.change(result), sum);
  return {
    kind,
    batch: merged.batch.axes,
    image: mapSums(plain, change),
    other: mapSums(operand, change),
    images: merged.images.axes,
    channels,
    filters,
    rows: rows.place,
    columns: columns.place,
    windowRows: rows.window,
    windowColumns: columns.window,
    points: points.map((point) => changePoint(point, change)),
  };
}

/** The windows' axes, that along which the image has the longer step first. */
function windowsOf({ axes, depth }: Product, { windows }: Convolution, image: Formula): readonly Window[] {
  const all = [...axes, ...depth];
  const axis = (id: string) => all.find((each) => each.id === id);
  return windows
    .flatMap(({ window, place, backwards }): readonly Window[] => {
      const [windowAxis, placeAxis] = [axis(window), axis(place)];
      return windowAxis && placeAxis ? [{ window: windowAxis, place: placeAxis, backwards }] : [];
    })
    .toSorted((a, b) => longestStep(image, b.place) - longestStep(image, a.place));
}

/** Windows that run backwards are counted from their other end. */
function turnAround(sum: Sum, windows: readonly Window[]): Sum {
  return windows
    .filter(({ backwards }) => backwards)
    .reduce(
      (result, { window }) =>
        substitute(result, window.id, { constant: taps - 1, terms: new Map([[window.id, -1]]) }),
      sum,
    );
}

function atFirstTap(sum: Sum, windows: readonly Window[]): Sum {
  return windows.reduce(
    (result, { window }) => substitute(result, window.id, { constant: 0, terms: new Map() }),
    sum,
  );
}

/** The axes that belong to no window: output axes by the operands they occur in, and those that are summed over. */
function sortAxes(
  { axes, depth }: Product,
  windows: readonly Window[],
  [image, other]: readonly [Formula, Formula],
): { readonly [kind in 'batch' | 'own' | 'others' | 'shared']: readonly Axis[] } {
  const [inImage, inOther] = [axesOf(image), axesOf(other)];
  const used = new Set(windows.flatMap(({ window, place }) => [window.id, place.id]));
  const free = axes.filter(({ id }) => !used.has(id));
  const those = (wantImage: boolean, wantOther: boolean) =>
    free.filter(({ id }) => inImage.has(id) === wantImage && inOther.has(id) === wantOther);
  return {
    batch: [...those(true, true), ...those(false, false)],
    own: those(true, false),
    others: those(false, true),
    shared: depth.filter(({ id }) => !used.has(id)),
  };
}

function changePoint(point: Point, change: (sum: Sum) => Sum): Point {
  return {
    ...point,
    formula: mapSums(point.formula, change),
    output: mapAddress(point.output, change),
  };
}
