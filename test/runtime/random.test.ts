import { describe, expect, it } from 'vitest';
import {
  absorb,
  hashNumbers,
  hashText,
  randomKey,
  rounds,
  siteWord,
  uniform,
} from '../../src/runtime/random.ts';
import { correlation, pairUniformity, uniformity } from './statistics.ts';

// All draws are fixed by their seeds, so none of these can fail by chance. A bound of 5 deviations is far from what a sound
// generator shows in this many statistics, and a broken one shows hundreds.
const bound = 5;

const draw = (seed: number, step: number, site: number, count: number, from = 0): number[] => {
  const key = randomKey(seed, step);
  return Array.from({ length: count }, (_, i) => uniform(key, site, from + i));
};

describe('uniform', () => {
  const count = 2 ** 15;
  const streams = [
    draw(0, 1, 0, count),
    draw(0, 2, 0, count),
    draw(0, 1, 1, count),
    draw(1, 1, 0, count),
    draw(12345, 900, 7, count, 2 ** 23),
  ];

  it('stays in [0, 1), on multiples of 2^-24', () => {
    for (const value of streams.flat()) {
      if (!(value >= 0 && value < 1 && Number.isInteger(value * 2 ** 24))) expect.fail(`drew ${value}`);
    }
  });

  it('is uniform in its high, middle and low bits', () => {
    for (const values of streams) {
      expect(Math.abs(uniformity(values, 256))).toBeLessThan(bound);
      expect(Math.abs(uniformity(values, 1000))).toBeLessThan(bound);
      const middle = values.map((value) => (value * 256) % 1);
      const low = values.map((value) => (value * 65536) % 1);
      expect(Math.abs(uniformity(middle, 256))).toBeLessThan(bound);
      expect(Math.abs(uniformity(low, 256))).toBeLessThan(bound);
    }
  });

  it.each([1, 2, 3, 7, 8, 28, 64, 256, 784, 1024, 4095, 4096, 4097])(
    'is not correlated with itself %i later',
    (lag) => {
      for (const values of streams) {
        expect(Math.abs(correlation(values.slice(lag), values))).toBeLessThan(bound);
        expect(Math.abs(pairUniformity(values, lag, 16))).toBeLessThan(bound);
      }
    },
  );

  it('is not correlated between steps, sites and seeds', () => {
    streams.forEach((first, i) => {
      for (const second of streams.slice(i + 1))
        expect(Math.abs(correlation(first, second))).toBeLessThan(bound);
    });
  });

  it('is not correlated from one step to the next at one index', () => {
    const steps = Array.from({ length: 4000 }, (_, step) => draw(3, step + 1, 2, 3));
    const columns = [0, 1, 2].map((index) => steps.map((values) => values[index] ?? 0));
    columns.forEach((column, i) => {
      expect(Math.abs(uniformity(column, 64))).toBeLessThan(bound);
      expect(Math.abs(correlation(column.slice(1), column))).toBeLessThan(bound);
      for (const other of columns.slice(i + 1))
        expect(Math.abs(correlation(column, other))).toBeLessThan(bound);
    });
  });

  it('gives every number below 2^24 at most once a step and site', () => {
    const drawn = Array.from({ length: 20_000 }, (_, i) => draw(1, 1, 0, 1, i * 838)[0]);
    expect(new Set(drawn).size).toBe(drawn.length);
  });
});

describe('the hash', () => {
  it('depends on every number, its order and its upper half', () => {
    const values = [
      hashNumbers(),
      hashNumbers(0),
      hashNumbers(0, 0),
      hashNumbers(1, 2),
      hashNumbers(2, 1),
      hashNumbers(2 ** 32 + 1, 2),
      hashNumbers(2 ** 53 - 1, 2),
    ];
    expect(new Set(values).size).toBe(values.length);
    expect(absorb(hashNumbers(5, 6), 7)).toBe(hashNumbers(5, 6, 7));
  });

  it('is uniform and not correlated over a running number, for neighboring seeds too', () => {
    const streams = [0, 1, 2].map((seed) =>
      Array.from({ length: 2 ** 15 }, (_, i) => hashNumbers(seed, 99, i) / 2 ** 32),
    );
    streams.forEach((values, i) => {
      expect(Math.abs(uniformity(values, 1024))).toBeLessThan(bound);
      expect(
        Math.abs(
          uniformity(
            values.map((value) => (value * 2 ** 22) % 1),
            1024,
          ),
        ),
      ).toBeLessThan(bound);
      for (const lag of [1, 2, 64]) expect(Math.abs(pairUniformity(values, lag, 16))).toBeLessThan(bound);
      for (const other of streams.slice(i + 1))
        expect(Math.abs(correlation(values, other))).toBeLessThan(bound);
    });
  });

  it('flips half of its bits when one bit of a number changes', () => {
    let flipped = 0;
    for (let value = 0; value < 500; value++) {
      for (let bit = 0; bit < 32; bit++) {
        let difference = hashNumbers(7, value) ^ hashNumbers(7, (value ^ (1 << bit)) >>> 0);
        for (; difference !== 0; difference &= difference - 1) flipped++;
      }
    }
    expect(flipped / (500 * 32)).toBeCloseTo(16, 1);
  });

  it('tells texts apart', () => {
    const texts = ['', 'a', 'b', 'ab', 'ba', 'linear_1.W', 'linear_2.W', 'linear_1.b', 'linear_11.W'];
    expect(new Set(texts.map(hashText)).size).toBe(texts.length);
  });
});

describe('keys', () => {
  it('are 12-bit words, one a round', () => {
    for (const step of [0, 1, 2 ** 24]) {
      const key = randomKey(1, step);
      expect(key).toHaveLength(rounds);
      for (const word of key) expect(word === Math.floor(word) && word >= 0 && word < 4096).toBe(true);
    }
    for (let site = 0; site < 100; site++) expect(siteWord(site, 0)).toBeLessThan(4096);
  });

  it('reproduce: the values on every target, for ever', () => {
    expect([...randomKey(42, 1)]).toMatchInlineSnapshot(`
      [
        2179,
        1162,
        1726,
        441,
        1616,
        1791,
      ]
    `);
    expect([0, 1, 4096, 2 ** 24 - 1].map((index) => uniform(randomKey(42, 1), 3, index) * 2 ** 24))
      .toMatchInlineSnapshot(`
        [
          10726300,
          9859716,
          12592248,
          14328830,
        ]
      `);
  });
});
