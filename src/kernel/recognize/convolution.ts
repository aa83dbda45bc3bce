// Recognizes the contractions that are convolutions: one operand, the image, is read through 3 × 3 windows with stride 1. Windows of
// other sizes, strides and dilations are plain contractions: no schedule treats them differently.
import type {
  Axis,
  Contraction,
  ContractionOperand,
  Convolution,
  ConvolutionWindow,
  Index,
} from '../../ir/stages/type.ts';
import { axesOfOperand, indicesOf } from './contraction.ts';

/** Elements of a window along each axis. */
export const windowSize = 3;

/** @param moving the axes of the output */
export function convolutionsOf(contraction: Contraction, moving: readonly Axis[]): readonly Convolution[] {
  return (['left', 'right'] as const).flatMap((image) =>
    (['outputs', 'filter'] as const).flatMap(
      (kind) => convolutionOf({ ...contraction, moving }, image, kind) ?? [],
    ),
  );
}

function convolutionOf(
  contraction: Contraction & { readonly moving: readonly Axis[] },
  image: Convolution['image'],
  kind: Convolution['kind'],
): Convolution | undefined {
  const { moving, k: summed } = contraction;
  const windows =
    kind === 'outputs'
      ? windowsOf(contraction[image], summed, moving)
      : windowsOf(contraction[image], moving, summed);
  const [first, second, ...more] = windows;
  if (!first || !second || more.length > 0) return undefined;
  const inImage = axesOfOperand(contraction[image]);
  const inOther = axesOfOperand(contraction[image === 'left' ? 'right' : 'left']);
  // The filter does not depend on the output position, nor the output's gradient on the window.
  const absent = windows.map(({ window, place }) => (kind === 'outputs' ? place : window));
  if (absent.some((axis) => inOther.has(axis))) return undefined;
  // All other summed axes, channels or images, are in both operands.
  const used = new Set(windows.flatMap(({ window, place }) => [window, place]));
  const others = summed.filter(({ id }) => !used.has(id));
  if (others.some(({ id }) => !inImage.has(id) || !inOther.has(id))) return undefined;
  return { kind, image, windows: [first, second] };
}

/** Pairs of axes that occur in every index only as place + window, or only as place − window. */
function windowsOf(
  operand: ContractionOperand,
  windows: readonly Axis[],
  places: readonly Axis[],
): readonly ConvolutionWindow[] {
  const indices = indicesOf(operand);
  return windows
    .filter(({ size }) => size === windowSize)
    .flatMap((window) =>
      places.flatMap((place): readonly ConvolutionWindow[] => {
        const pairs = indices
          .map((index) => ({ window: factorOf(index, window), place: factorOf(index, place) }))
          .filter((pair) => pair.window !== 0 || pair.place !== 0);
        const found = { window: window.id, place: place.id };
        if (pairs.length === 0) return [];
        if (pairs.every((pair) => pair.window === pair.place)) return [{ ...found, backwards: false }];
        if (pairs.every((pair) => pair.window === -pair.place)) return [{ ...found, backwards: true }];
        return [];
      }),
    );
}

function factorOf({ terms }: Index, axis: Axis): number {
  return terms.reduce((total, term) => total + (term.axis === axis.id ? term.factor : 0), 0);
}
