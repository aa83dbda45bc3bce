// Convolutions of 3 × 3 windows with their gradients, of every size and padding, for tests of Winograd's filtering, and by how much
// a result may differ from the float64 interpreter's.
import fc from 'fast-check';
import { expect } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { differentiate } from '../../src/graph/differentiate.ts';
import { simplify } from '../../src/graph/simplify/simplify.ts';
import { numbersFrom } from '../ops/tensors.ts';
import { kernelsOf, type Given, type WasmPrograms } from './wasm/run-wasm.ts';

interface Convolution {
  readonly image: readonly [batch: number, channels: number, height: number, width: number];
  readonly filters: number;
  /** The image's channels and the filters come in so many groups. */
  readonly groups?: number;
  readonly low: readonly [number, number];
  readonly high: readonly [number, number];
}

const same = (image: Convolution['image'], filters: number): Convolution => ({
  ...{ image, filters, low: [1, 1], high: [1, 1] },
});
const valid = (image: Convolution['image'], filters: number): Convolution => ({
  ...{ image, filters, low: [0, 0], high: [0, 0] },
});

const fixed: readonly Convolution[] = [
  same([2, 4, 8, 8], 8),
  same([3, 5, 7, 9], 6),
  same([2, 16, 14, 14], 32),
  valid([2, 8, 10, 12], 8),
  valid([3, 7, 9, 6], 13),
  same([1, 4, 1, 1], 4),
  same([1, 4, 2, 3], 4),
  valid([5, 4, 3, 3], 4),
  same([2, 33, 5, 6], 9),
  same([1, 130, 6, 5], 12),
  same([65, 4, 4, 4], 4),
  same([16, 8, 16, 16], 16),
  { image: [2, 6, 8, 8], filters: 5, low: [2, 2], high: [2, 2] },
  { image: [2, 6, 8, 9], filters: 5, low: [0, 1], high: [2, 0] },
  { ...same([3, 5, 6, 7], 6), groups: 3 },
];

const pick = fc.sample(
  fc.record({
    batch: fc.integer({ min: 1, max: 5 }),
    channels: fc.integer({ min: 3, max: 20 }),
    filters: fc.integer({ min: 3, max: 20 }),
    height: fc.integer({ min: 3, max: 13 }),
    width: fc.integer({ min: 3, max: 21 }),
    low: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
    high: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
  }),
  { numRuns: 12, seed: 7 },
);
const drawn = pick.map(({ batch, channels, filters, height, width, low, high }): Convolution => ({
  ...{ image: [batch, channels, height, width], filters, low, high },
}));

const random = numbersFrom(11);
const draw = (shape: readonly number[]) =>
  Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () =>
    Math.fround(2 * random() - 1),
  );

export const cases = [...fixed, ...drawn].map(({ image, filters, groups, low, high }, i) => {
  const builder = new GraphBuilder(`convolution ${i}`);
  const [batch, channels, ...size] = image;
  const inGroups = groups === undefined ? [] : [groups];
  const x = builder.input(`x${i}`, 'input', [batch, ...inGroups, channels, ...size]);
  const w = builder.input(`w${i}`, 'input', [...inGroups, filters, channels, 3, 3]);
  const windows = builder.apply('windows', [x], {
    axes: groups === undefined ? [2, 3] : [3, 4],
    sizes: [3, 3],
    strides: [1, 1],
    dilations: [1, 1],
    low,
    high,
    value: 0,
  });
  const group = groups === undefined ? [] : [7];
  const y = builder.contract(
    windows,
    [0, ...group, 1, 2, 3, 4, 5],
    w,
    [...group, 6, 1, 4, 5],
    [0, ...group, 6, 2, 3],
  );
  const weights = builder.input(`c${i}`, 'input', y.shape);
  const loss = builder.sum(
    builder.multiply(y, weights),
    y.shape.map((_, axis) => axis),
  );
  builder.output('y', y);
  const { graph, gradients } = differentiate(builder.finish(), loss.id, [x.id, w.id]);
  const whole = new GraphBuilder(graph.name, graph);
  [x, w].forEach((leaf, k) => whole.output(`d${k}`, whole.node(gradients.get(leaf.id) ?? -1)));
  const given: Given = {
    [`x${i}`]: draw(x.shape),
    [`w${i}`]: draw(w.shape),
    [`c${i}`]: draw(y.shape),
  };
  const [height = 1, width = 1] = y.shape.slice(-2);
  // Products that each output sums up.
  const depth = new Map([
    ['y', 9 * image[1]],
    ['d0', 9 * filters],
    ['d1', image[0] * height * width],
  ]);
  return {
    title: `${groups === undefined ? '' : `${groups} groups of `}${image.join('×')}, ${filters} filters, padding ${low.join(' ')} and ${high.join(' ')}`,
    program: kernelsOf(simplify(whole.finish())),
    given,
    depth,
  };
});

/** A reduction of length K may be off by 2 · K · 2⁻²⁴ · Σ |ab|; of numbers drawn from −1 to 1, |ab| is a quarter on average. */
export function compare(programs: WasmPrograms, { program, given, depth }: (typeof cases)[number]): void {
  const actual = programs.run(program.name, given);
  for (const [name, expected] of programs.interpret(program.name, given)) {
    const own = actual.get(name);
    expect(own).toHaveLength(expected.length);
    const length = depth.get(name) ?? 0;
    const bound = 2 * length * 2 ** -24 * (length / 4);
    expected.forEach((value, i) => {
      const error = Math.abs((own?.[i] ?? NaN) - value);
      if (!(error <= bound))
        expect.fail(`${name}[${i}] is ${own?.[i]}, not ${value}: off by ${error / bound} bounds`);
    });
  }
}

/** That most of the programs' contractions were computed so, and not directly. */
export function expectFiltered(source: string, programs: number): void {
  expect(source.match(/Y = Aᵀ M A/g)?.length).toBeGreaterThan(programs / 2);
  expect(source.match(/The taps, Aᵀ M A/g)?.length).toBeGreaterThan(programs / 2);
}
