// Normalizes a convolution for Winograd: backward windows are flipped, and the axes sorted and merged until there is one of channels and
// one of filters.
import type { Axis, Convolution } from '../../ir/stages/type.ts';
import { windowSize } from '../../kernel/recognize/convolution.ts';
import { mergeAxes, together } from '../../ir/linear/merge.ts';
import { axisPosition, plus, zero } from '../../ir/linear/position.ts';
import type { Formula, Position } from '../../ir/linear/type.ts';
import {
  axesOf,
  positionsOf,
  positionsOfComputations,
  substitute,
  substituteComputation,
} from '../../ir/linear/walk.ts';
import { longestStep } from '../reductions.ts';
import type { Contraction, WindowForm } from '../type.ts';

/** Taps of a window along each axis. */
export const taps = windowSize;

export function windowForms(contraction: Contraction): readonly WindowForm[] {
  return contraction.convolutions.flatMap((convolution) => windowForm(contraction, convolution) ?? []);
}

interface Window {
  readonly window: Axis;
  readonly place: Axis;
  readonly backwards: boolean;
}

/** Undefined where several axes of channels or filters do not merge into one. */
function windowForm(contraction: Contraction, convolution: Convolution): WindowForm | undefined {
  const { kind } = convolution;
  const { left, right } = contraction;
  const [image, other] = convolution.image === 'left' ? [left, right] : [right, left];
  const [rows, columns] = windowsOf(contraction, convolution, image);
  if (!rows || !columns) return undefined;
  const windows = [rows, columns];
  const turned = new Map(windows.flatMap(turnAround));
  const firstTap = new Map(windows.map(({ window }) => [window.id, zero]));
  const plain = substitute(substitute(image, turned), firstTap);
  const operand = substitute(other, turned);
  const computations = contraction.computations.map((computation) =>
    substituteComputation(computation, turned),
  );
  const sorted = sortAxes(contraction, windows, [plain, operand]);
  const positions = [
    ...positionsOf(plain),
    ...positionsOf(operand),
    ...positionsOfComputations(computations),
  ];
  const merged = {
    batch: mergeAxes(sorted.batch, positions),
    images: mergeAxes(kind === 'outputs' ? sorted.own : sorted.shared, positions),
    channels: mergeAxes(kind === 'outputs' ? sorted.shared : sorted.own, positions),
    filters: mergeAxes(sorted.others, positions),
  };
  const [channels, ...moreChannels] = merged.channels.axes;
  const [filters, ...moreFilters] = merged.filters.axes;
  if (!channels || !filters || moreChannels.length + moreFilters.length > 0) return undefined;
  const by = together(...Object.values(merged));
  return {
    kind,
    batch: merged.batch.axes,
    image: substitute(plain, by),
    other: substitute(operand, by),
    images: merged.images.axes,
    channels,
    filters,
    rows: rows.place,
    columns: columns.place,
    windowRows: rows.window,
    windowColumns: columns.window,
    computations: computations.map((computation) => substituteComputation(computation, by)),
  };
}

/** The windows' axes, the one with the longer stride in the image first. */
function windowsOf(
  { axes, depth }: Contraction,
  { windows }: Convolution,
  image: Formula,
): readonly Window[] {
  const all = [...axes, ...depth];
  const axis = (id: string) => all.find((each) => each.id === id);
  return windows
    .flatMap(({ window, place, backwards }): readonly Window[] => {
      const [windowAxis, placeAxis] = [axis(window), axis(place)];
      return windowAxis && placeAxis ? [{ window: windowAxis, place: placeAxis, backwards }] : [];
    })
    .toSorted((a, b) => longestStep(image, b.place) - longestStep(image, a.place));
}

/** Flips a backward window: its taps are indexed from the other end. */
function turnAround({ window: { id }, backwards }: Window): readonly (readonly [string, Position])[] {
  return backwards ? [[id, plus(axisPosition(id, -1), taps - 1)]] : [];
}

/** The axes of no window: output axes by the operands that they occur in, and summed axes. */
function sortAxes(
  { axes, depth }: Contraction,
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
