// Which contractions Winograd's filtering can compute, told by how they read, and which stay direct by what they would cost.
import { describe, expect, test } from 'vitest';
import { wasmFused } from '../../../src/schedule/machine/machine.ts';
import type { Formula, Computation, Position } from '../../../src/ir/linear/type.ts';
import type { Contraction } from '../../../src/schedule/type.ts';
import { chooseWinograd } from '../../../src/schedule/winograd/choose.ts';
import { windowForms } from '../../../src/schedule/winograd/form.ts';
import { sum } from '../../ir/linear/positions.ts';

const read = (buffer: number, position: Position): Formula => ({ kind: 'read', buffer, position });
const axis = (id: string, size: number) => ({ id, size });

interface Shape {
  readonly images?: number;
  readonly channels: number;
  readonly filters: number;
  readonly size: number;
}

const computation = (terms: Readonly<Record<string, number>>): Computation => ({
  kernel: {
    kind: 'map',
    name: 'y',
    output: 2,
    axes: [],
    body: { kind: 'number', value: 0 },
    origin: { path: '' },
    phase: 'forward',
    fused: [],
  },
  axes: [],
  output: { buffer: 2, position: sum(terms) },
  formula: { kind: 'given', name: 'sum' },
});

/** y[n, k, y, x] = Σ image[n, c, y + step · i, x + step · j] · filter[k, c, i, j] */
function convolution({ images = 8, channels: c, filters: k, size }: Shape, step: 1 | -1 = 1): Contraction {
  const window = 3;
  const backwards = step < 0;
  const width = size + 2;
  const plane = width * width;
  const image = sum(
    { n: c * plane, c: plane, y: width, x: 1, i: step * width, j: step },
    step < 0 ? -2 * step * (width + 1) : 0,
  );
  return {
    left: read(0, image),
    right: read(1, sum({ k: c * window ** 2, c: window ** 2, i: window, j: 1 })),
    axes: [axis('n', images), axis('k', k), axis('y', size), axis('x', size)],
    depth: [axis('c', c), axis('i', window), axis('j', window)],
    computations: [computation({ n: k * size * size, k: size * size, y: size, x: 1 })],
    convolutions: [
      {
        kind: 'outputs',
        image: 'left',
        // The order of the windows is not that of their steps.
        windows: [
          { window: 'j', place: 'x', backwards },
          { window: 'i', place: 'y', backwards },
        ],
      },
    ],
  };
}

/** d[k, c, i, j] = Σ image[n, c, y + i, x + j] · gradient[n, k, y, x] */
function filterGradient({ images = 8, channels: c, filters: k, size }: Shape): Contraction {
  const forward = convolution({ images, channels: c, filters: k, size });
  return {
    left: read(1, sum({ n: k * size * size, k: size * size, y: size, x: 1 })),
    right: forward.left,
    axes: [axis('k', k), axis('c', c), axis('i', 3), axis('j', 3)],
    depth: [axis('n', images), axis('y', size), axis('x', size)],
    computations: [computation({ k: c * 9, c: 9, i: 3, j: 1 })],
    convolutions: [
      {
        kind: 'filter',
        image: 'right',
        windows: [
          { window: 'i', place: 'y', backwards: false },
          { window: 'j', place: 'x', backwards: false },
        ],
      },
    ],
  };
}

const shape: Shape = { channels: 16, filters: 24, size: 12 };

describe('the form of windows', () => {
  test('of a convolution', () => {
    const [form, ...more] = windowForms(convolution(shape));
    expect(more).toEqual([]);
    expect(form?.kind).toBe('outputs');
    expect(form?.rows.id).toBe('y');
    expect(form?.columns.id).toBe('x');
    expect([form?.channels.size, form?.filters.size]).toEqual([16, 24]);
  });

  test("of an input's gradient, whose windows run backwards: the filter is read from its other end", () => {
    const [form] = windowForms(convolution(shape, -1));
    expect(form?.kind).toBe('outputs');
    // At the window's first element: the image where the window began, the filter's last tap.
    expect(form?.image).toEqual(read(0, sum({ n: 16 * 196, c: 196, y: 14, x: 1 })));
    expect(form?.other).toEqual(read(1, sum({ k: 144, c: 9, i: -3, j: -1 }, 8)));
  });

  test("of a filter's gradient", () => {
    const [form] = windowForms(filterGradient(shape));
    expect(form?.kind).toBe('filter');
    expect([form?.windowRows.id, form?.windowColumns.id]).toEqual(['i', 'j']);
    expect(form?.images.map(({ id }) => id)).toEqual(['n']);
  });

  test('wants one axis of channels: none where a second one does not merge with it', () => {
    const contraction = convolution(shape);
    const other = { ...contraction, axes: [...contraction.axes, axis('e', 2)] };
    const filter = read(1, sum({ k: 144, c: 9, i: 3, j: 1, e: 5000 }));
    expect(windowForms({ ...other, right: filter })).toEqual([]);
  });
});

describe('the choice', () => {
  const choose = (contraction: Contraction, tiles: readonly number[] = [2, 4], direct = Infinity) =>
    chooseWinograd(contraction, direct, { ...wasmFused, winograd: { tiles, share: 0.5 } });
  const chosen = (contraction: Contraction, tiles?: readonly number[]) => {
    const found = choose(contraction, tiles);
    if ('reason' in found) throw new Error(found.reason);
    return found;
  };
  const large: Shape = { images: 64, channels: 32, filters: 32, size: 32 };

  test('is the larger tile where there is much to compute', () => {
    expect(chosen(convolution(large)).geometry.tile).toBe(4);
    expect(chosen(filterGradient(large)).geometry.tile).toBe(4);
    expect(chosen(convolution(large), [2]).geometry.tile).toBe(2);
  });

  test('is the smaller tile for short sums, whose tolerance is small', () => {
    const short = convolution({ channels: 4, filters: 8, size: 12 });
    expect(chosen(short).geometry.tile).toBe(2);
    expect(choose(short, [4])).toEqual({ reason: 'short sum' });
  });

  test('costs more than the direct schedule where there are few channels', () => {
    const few = chosen(convolution({ images: 64, channels: 3, filters: 32, size: 32 }));
    const multiplications = 64 * 32 * 32 * 27 * 32;
    expect(few.cost).toBeGreaterThan(multiplications / 8);
  });

  test('cuts even one image into work items', () => {
    const one = chosen(convolution({ images: 1, channels: 32, filters: 32, size: 32 }));
    expect(one.geometry.rows).toBe(1);
  });

  test('is none, and says why', () => {
    const contraction = convolution(large);
    expect(choose(contraction, [])).toEqual({ reason: 'disabled' });
    expect(choose({ ...contraction, convolutions: [] })).toEqual({ reason: 'no convolution' });
    const { cost } = chosen(contraction);
    expect(choose(contraction, [2, 4], 2 * cost)).toEqual({ reason: 'cost', cost, limit: cost });
    expect(choose(contraction, [2, 4], 2.1 * cost)).toMatchObject({ cost });
  });
});
