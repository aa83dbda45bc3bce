import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ModelArrays } from '../../../src/runtime/model.ts';
import { batches } from '../../../src/train/data/feed/batches.ts';
import type { Augmentation, Split } from '../../../src/train/data/dataset.ts';
import { Prefetcher } from '../../../src/train/data/feed/prefetch.ts';
import { loopData } from '../../../src/train/run/data.ts';
import { compileForThread } from './compiled.ts';

const entry = 'src/train/data/feed/prefetch-worker.ts';
let code: URL;
beforeAll(async () => {
  code = await compileForThread(entry);
});
afterAll(() => rm(fileURLToPath(code).slice(0, -entry.length), { recursive: true }));
const open: Prefetcher[] = [];
afterEach(async () => {
  for (const prefetcher of open.splice(0)) await prefetcher.close();
});

const augmentations: readonly Augmentation[] = [
  { kind: 'flip' },
  { kind: 'crop', pad: 1 },
  { kind: 'cutout', size: 2 },
  { kind: 'noise', deviation: 0.1 },
  { kind: 'brightness', amount: 0.5 },
];

/** Pictures of 3 × 4 × 5 with labels of every kind; 3 of 40 examples are left out. */
function pictures(): Split {
  const count = 40;
  const data = Uint8Array.from({ length: count * 60 }, (_, i) => (i * 37) % 256);
  const table = Float32Array.from({ length: 768 }, (_, i) => (i % 256) / 100 - 1);
  const labels = Float32Array.from({ length: count }, (_, i) => i % 3);
  return {
    count: 37,
    columns: new Map([
      ['image', { kind: 'byte', shape: [60], data, table, channels: 3, picture: { height: 4, width: 5 } }],
      ['class', { kind: 'float', shape: [], data: labels }],
      ['vector', { kind: 'one-hot', shape: [3], labels }],
    ]),
    rows: Uint32Array.from({ length: 37 }, (_, i) => i + 3),
    augmentations,
  };
}

const copy = (arrays: ModelArrays) => Object.entries(arrays).map(([name, values]) => [name, [...values]]);
const between = (epoch: number, start = 0) =>
  Array.from(batches(pictures(), { batch: 4, shuffle: true, seed: 9, epoch, start }), copy);

function start(): Prefetcher {
  const prefetcher = new Prefetcher(pictures(), { batch: 4, seed: 9 }, code);
  open.push(prefetcher);
  return prefetcher;
}

async function all(
  given: AsyncIterable<ModelArrays> | Iterable<ModelArrays>,
  most = Infinity,
): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const arrays of given) {
    found.push(copy(arrays));
    if (found.length === most) break;
  }
  return found;
}

describe('batches of a thread', () => {
  it('are to the bit those assembled between the steps, epoch after epoch', async () => {
    const prefetcher = start();
    for (const epoch of [0, 1, 7])
      expect(await all(prefetcher.batches({ epoch, start: 0, end: 9 }))).toEqual(between(epoch));
  });

  it('may be left in the midst of an epoch and taken up there, or elsewhere', async () => {
    const prefetcher = start();
    for (const most of [1, 2, 6]) {
      expect(await all(prefetcher.batches({ epoch: 3, start: 0, end: 9 }), most)).toEqual(
        between(3).slice(0, most),
      );
      expect(await all(prefetcher.batches({ epoch: 3, start: most, end: 9 }))).toEqual(between(3, most));
    }
    expect(await all(prefetcher.batches({ epoch: 3, start: 9, end: 9 }))).toEqual([]);
  });

  it('are not overwritten while they are trained on', async () => {
    const prefetcher = start();
    const found: unknown[] = [];
    for await (const arrays of prefetcher.batches({ epoch: 2, start: 0, end: 9 })) {
      const before = copy(arrays);
      // time enough for the thread to fill every slot that it may
      await new Promise((done) => setTimeout(done, 5));
      expect(copy(arrays)).toEqual(before);
      found.push(before);
    }
    expect(found).toEqual(between(2));
  });

  it('fail with the thread', async () => {
    const lost = new Prefetcher(pictures(), { batch: 4, seed: 9 }, new URL('./nowhere.js', code));
    open.push(lost);
    await expect(all(lost.batches({ epoch: 0, start: 0, end: 9 }))).rejects.toThrow('nowhere.js');
  });

  it('are what the loop gets, with or without it', async () => {
    const dataset = { name: 'made up', train: pictures() } as unknown as Parameters<typeof loopData>[0];
    const options = { batch: 4, seed: 9, limitBatches: 5 };
    for (const prefetch of [code, false] as const) {
      const data = loopData(dataset, { ...options, prefetch });
      expect(await all(data.batches(1, 2), 3)).toEqual(between(1, 2).slice(0, 3));
      expect(data.stepsPerEpoch).toBe(5);
      await data.close();
    }
  });
});
