import { describe, expect, it } from 'vitest';
import { batchCount, batches, slice } from '../../../src/train/data/feed/batches.ts';
import type { Augmentation, Split } from '../../../src/train/data/dataset.ts';
import { choose, drawState, permutation } from '../../../src/train/data/feed/shuffle.ts';

/** Examples whose values say which they are: `count` of them, with rows to take them by where given. */
function split(count: number, rows?: readonly number[]): Split {
  const data = Uint8Array.from({ length: count * 2 }, (_, i) => i % 256);
  const table = Float32Array.from({ length: 256 }, (_, byte) => byte / 2);
  return {
    count: rows?.length ?? count,
    columns: new Map([
      ['bytes', { kind: 'byte', shape: [2], data, table, channels: 1 }],
      ['number', { kind: 'float', shape: [], data: Float32Array.from({ length: count }, (_, i) => i) }],
      [
        'label',
        { kind: 'one-hot', shape: [3], labels: Float32Array.from({ length: count }, (_, i) => i % 3) },
      ],
    ]),
    ...(rows && { rows: Uint32Array.from(rows) }),
    augmentations: [],
  };
}

const numbers = (of: Split, options: Partial<Parameters<typeof batches>[1]>): number[][] =>
  // Each batch is copied as it comes: the next overwrites it.
  Array.from(batches(of, { batch: 4, shuffle: true, seed: 1, epoch: 0, ...options }), ({ number = [] }) => [
    ...number,
  ]);

describe('batches', () => {
  it('gather every kind of column', () => {
    const [first] = batches(split(5), { batch: 3, shuffle: false, seed: 0, epoch: 0 });
    expect([...(first?.['bytes'] ?? [])]).toEqual([0, 0.5, 1, 1.5, 2, 2.5]);
    expect([...(first?.['number'] ?? [])]).toEqual([0, 1, 2]);
    expect([...(first?.['label'] ?? [])]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });

  it('in order hold every example once, the last one shorter', () => {
    expect(numbers(split(10), { shuffle: false })).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    expect(numbers(split(3), { shuffle: false })).toEqual([[0, 1, 2]]);
    expect(numbers(split(10, [9, 2, 5]), { shuffle: false, batch: 2 })).toEqual([[9, 2], [5]]);
  });

  it('shuffled hold no example twice, and leave the rest to the next epoch', () => {
    const left = new Set<number>();
    for (let epoch = 0; epoch < 20; epoch++) {
      const found = numbers(split(11), { epoch });
      expect(found.map((batch) => batch.length)).toEqual([4, 4]);
      expect(new Set(found.flat()).size).toBe(8);
      for (let i = 0; i < 11; i++) if (!found.flat().includes(i)) left.add(i);
    }
    expect(left.size).toBe(11);
  });

  it('are the same for seed and epoch, and others for others', () => {
    const first = numbers(split(40), {});
    expect(numbers(split(40), {})).toEqual(first);
    expect(numbers(split(40), { epoch: 1 })).not.toEqual(first);
    expect(numbers(split(40), { seed: 2 })).not.toEqual(first);
    // For ever: a run resumed by another version must go on with the same batches.
    expect(first.slice(0, 2)).toMatchInlineSnapshot(`
      [
        [
          37,
          39,
          10,
          33,
        ],
        [
          29,
          8,
          19,
          9,
        ],
      ]
    `);
  });

  it('taken up in the middle go on as they would have', () => {
    expect(numbers(split(40), { start: 3 })).toEqual(numbers(split(40), {}).slice(3));
    expect(numbers(split(40), { start: 10 })).toEqual([]);
  });

  it('fill the same arrays again', () => {
    const seen = new Set<ArrayBufferLike>();
    for (const { bytes } of batches(split(40), { batch: 4, shuffle: true, seed: 1, epoch: 0 }))
      if (bytes) seen.add(bytes.buffer);
    expect(seen.size).toBe(1);
  });

  it('are counted as they come', () => {
    for (const shuffle of [true, false]) {
      for (const count of [3, 4, 5, 8]) {
        expect(batchCount(split(count), { batch: 4, shuffle })).toBe(
          numbers(split(count), { shuffle }).length,
        );
      }
    }
  });

  it('of a slice are arrays of their own', () => {
    const first = slice(split(10, [9, 2, 5]), 0, 2);
    slice(split(10, [9, 2, 5]), 1, 3);
    expect([...(first['number'] ?? [])]).toEqual([9, 2]);
  });
});

describe('shuffling', () => {
  it('makes every order equally often', () => {
    const counts = new Map<string, number>();
    const draws = 24_000;
    for (let seed = 0; seed < draws; seed++) {
      const order = permutation(4, drawState('shuffle', seed)).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const square = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 23 degrees of freedom: 23 ± 6.8
    expect(square).toBeLessThan(23 + 4 * 6.8);
  });

  it('chooses a part and leaves the rest, both rising', () => {
    const { chosen, rest } = choose(100, 30, drawState('validation', 1));
    expect([chosen.length, rest.length]).toEqual([30, 70]);
    expect([...chosen, ...rest].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    for (const part of [chosen, rest]) expect([...part]).toEqual([...part].sort((a, b) => a - b));
    expect(choose(100, 30, drawState('test', 1)).chosen).not.toEqual(chosen);
  });
});

describe('augmentation', () => {
  /** One picture of 2 planes of 2 × 3: 1 … 12. Black is worth 100, so that it can be told apart. */
  const picture = (augmentations: readonly Augmentation[], examples = 1): Split => ({
    count: examples,
    columns: new Map([
      [
        'image',
        {
          kind: 'byte',
          shape: [2, 2, 3],
          data: Uint8Array.from({ length: 12 * examples }, (_, i) => (i % 12) + 1),
          table: Float32Array.from({ length: 512 }, (_, i) => (i % 256 === 0 ? 100 : i % 256)),
          channels: 2,
          picture: { height: 2, width: 3 },
        },
      ],
    ]),
    augmentations,
  });
  const drawn = (
    augmentations: readonly Augmentation[],
    epoch: number,
    options: { shuffle: boolean; batch?: number },
  ) => {
    const { batch = 1 } = options;
    const [first] = batches(picture(augmentations, batch), {
      seed: 1,
      epoch,
      batch,
      shuffle: options.shuffle,
    });
    return [...(first?.['image'] ?? [])];
  };
  const plain = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

  it('flips left and right, about half of the time', () => {
    const flipped = [3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10];
    let count = 0;
    for (let epoch = 0; epoch < 1000; epoch++) {
      const found = drawn([{ kind: 'flip' }], epoch, { shuffle: true });
      if (found[0] === 3) count++;
      expect(found).toEqual(found[0] === 3 ? flipped : plain);
    }
    expect(Math.abs(count - 500)).toBeLessThan(4 * Math.sqrt(250));
  });

  it('crops to every place of the padded picture equally often, black around it', () => {
    const counts = new Map<string, number>();
    for (let epoch = 0; epoch < 2700; epoch++) {
      const found = drawn([{ kind: 'crop', pad: 1 }], epoch, { shuffle: true }).join();
      counts.set(found, (counts.get(found) ?? 0) + 1);
    }
    expect(counts.size).toBe(9);
    for (const count of counts.values()) expect(Math.abs(count - 300)).toBeLessThan(5 * Math.sqrt(300));
    expect(counts.has(plain.join())).toBe(true);
    // moved left by one: the last column comes in from outside
    expect(counts.has([2, 3, 100, 5, 6, 100, 8, 9, 100, 11, 12, 100].join())).toBe(true);
    // moved up by one, and right by one
    expect(counts.has([100, 4, 5, 100, 100, 100, 100, 10, 11, 100, 100, 100].join())).toBe(true);
  });

  it('leaves nothing but black of a picture moved far out', () => {
    const found = new Set<string>();
    for (let epoch = 0; epoch < 200; epoch++) {
      found.add(drawn([{ kind: 'flip' }, { kind: 'crop', pad: 5 }], epoch, { shuffle: true }).join());
    }
    expect(found.has(Array(12).fill(100).join())).toBe(true);
    for (const picture of found) expect(picture).toMatch(/^(\d+,){11}\d+$/);
  });

  it('draws for each example apart, and the same when taken up again', () => {
    const both: Augmentation[] = [{ kind: 'flip' }, { kind: 'crop', pad: 1 }];
    const found = drawn(both, 0, { shuffle: true, batch: 16 });
    const pictures = Array.from({ length: 16 }, (_, i) => found.slice(12 * i, 12 * i + 12).join());
    expect(new Set(pictures).size).toBeGreaterThan(6);
    expect(drawn(both, 0, { shuffle: true, batch: 16 })).toEqual(found);
    const pieces = (start: number) =>
      Array.from(
        batches(picture(both, 16), { seed: 1, epoch: 0, batch: 4, shuffle: true, start }),
        ({ image = [] }) => [...image],
      );
    expect(pieces(0).flat()).toEqual(found);
    expect(pieces(2)).toEqual(pieces(0).slice(2));
  });

  it('is not applied when evaluating', () => {
    for (let epoch = 0; epoch < 10; epoch++) {
      expect(drawn([{ kind: 'flip' }, { kind: 'crop', pad: 1 }], epoch, { shuffle: false })).toEqual(plain);
    }
  });
});
