import {
  mkdtemp,
  mkdir,
  open as openFile,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../../src/diagnostics/diagnostic.ts';
import { createModel } from '../../../src/runtime/create-model.ts';
import type { Model } from '../../../src/runtime/model.ts';
import { readSafetensors, writeSafetensors } from '../../../src/runtime/safetensors.ts';
import type { ModelSpecification } from '../../../src/runtime/specification.ts';
import { systemFiles, temporaryPath, type Files } from '../../../src/train/checkpoint/files.ts';
import type { MetricValue } from '../../../src/train/loop/events.ts';
import { emptySeal, pieceBytes, Sealer, sourceOfBytes } from '../../../src/train/checkpoint/seal.ts';
import type { TrainingState } from '../../../src/train/checkpoint/state.ts';
import {
  checkData,
  newestValid,
  parseCheckpoint,
  readCheckpoint,
  restoreCheckpoint,
  saveCheckpoint,
} from '../../../src/train/checkpoint/checkpoint.ts';
import { linear, LinearExecutable } from '../../runtime/linear-model.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nnc-checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true }));

const training: TrainingState = {
  epoch: 2,
  position: 17,
  best: { metric: 'accuracy', value: 0.975, epoch: 1 },
  data: 'cafe',
  settings: { batch: 64, names: ['a', null, true] },
  preprocessing: null,
  sums: { steps: 17, loss: 3.25, metrics: [['accuracy', { shape: null, total: [12.5] }]], seconds: 1.5 },
  history: [1, 2].map((epoch) => ({
    epoch,
    step: 100 * epoch,
    loss: 1 / epoch,
    metrics: new Map<string, MetricValue>([
      ['accuracy', 0.5],
      ['strange', [NaN, -Infinity, 1]],
    ]),
    validation: { examples: 7, loss: 0.25, metrics: new Map([['accuracy', Infinity]]) },
    learningRate: 0.1,
    best: epoch === 1,
    seconds: 2,
    samplesPerSecond: 3200,
  })),
};
const arrays = { x: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], kind: [0, 1, 2, 0], y: [1, 0, 1, 0] };

const open = (specification: ModelSpecification = linear, seed = 1): Promise<Model> =>
  createModel(specification, async () => new LinearExecutable(), { seed });

async function trained(steps: number): Promise<Model> {
  const model = await open();
  for (let i = 0; i < steps; i++) await model.step(arrays);
  return model;
}

function diagnosticOf(error: unknown): Diagnostic {
  if (!(error instanceof DiagnosticError)) throw error;
  const [found] = error.diagnostics;
  if (!found) throw new Error('an error without a diagnostic');
  return found;
}

/** The file with its seal filled in. */
function seal(file: Uint8Array): Uint8Array {
  const { checksum, position } = new Sealer(file, file.length).finish();
  file.set(checksum, position);
  return file;
}

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return 'nothing';
  } catch (error) {
    return diagnosticOf(error).code;
  }
}

describe('a checkpoint', () => {
  it('gives back the model’s and the training’s state', async () => {
    const path = join(folder, 'last.safetensors');
    const model = await trained(3);
    await saveCheckpoint(path, model, training);
    const checkpoint = await readCheckpoint(path);
    expect(checkpoint).toMatchObject({ path, training, model: 'Linear', fingerprint: linear.fingerprint });

    const resumed = await open(linear, 99);
    await restoreCheckpoint(checkpoint, resumed);
    expect(resumed.seed).toBe(1);
    expect((await resumed.step(arrays)).loss).toBe((await model.step(arrays)).loss);
    expect(await resumed.save()).toEqual(await model.save());
  });

  it('is a safetensors file like any other, the same for the same state', async () => {
    const paths = [join(folder, 'a.safetensors'), join(folder, 'b.safetensors')] as const;
    for (const path of paths) await saveCheckpoint(path, await trained(2), training);
    const [first, second] = await Promise.all(paths.map((path) => readFile(path)));
    expect(first).toEqual(second);
    expect([...readSafetensors(first ?? new Uint8Array()).tensors.keys()]).toEqual(['w', 'b', 'w#count']);
    expect((await readdir(folder)).sort()).toEqual(['a.safetensors', 'b.safetensors']);
  });

  it('of another model is refused: the first differing tensor, both shapes; the model stays as it was', async () => {
    const path = join(folder, 'last.safetensors');
    await saveCheckpoint(path, await trained(1), training);
    const wider = linear.stored.map((tensor, i) => (i === 0 ? { ...tensor, shape: [3] } : tensor));
    const other = await open({ ...linear, stored: wider, fingerprint: 'beef' });
    const before = await other.save();
    const error: unknown = await readCheckpoint(path)
      .then((checkpoint) => restoreCheckpoint(checkpoint, other))
      .catch((caught: unknown) => caught);
    expect(diagnosticOf(error)).toMatchObject({
      code: 'checkpoint.model',
      args: {
        path,
        difference: expect.stringContaining('`w` is [3] in the model and [2] in the file') as unknown,
      },
    });
    expect(await other.save()).toEqual(before);
  });

  it('of other data is told apart by the fingerprint', async () => {
    const path = join(folder, 'last.safetensors');
    await saveCheckpoint(path, await trained(1), training);
    const checkpoint = await readCheckpoint(path);
    expect(() => checkData(checkpoint, { name: 'mnist', fingerprint: 'cafe' })).not.toThrow();
    expect(() => checkData(checkpoint, { name: 'mnist', fingerprint: 'babe' })).toThrow('checkpoint.data');
  });

  it('that is missing, a folder, another file or without its state is a diagnostic', async () => {
    expect(await codeOf(() => readCheckpoint(join(folder, 'none')))).toBe('checkpoint.missing');
    expect(await codeOf(() => readCheckpoint(join(folder, 'none', 'none')))).toBe('checkpoint.missing');
    expect(await codeOf(() => readCheckpoint(folder))).toBe('checkpoint.invalid');
    expect(await codeOf(() => parseCheckpoint('x', sourceOfBytes(new Uint8Array())))).toBe(
      'checkpoint.invalid',
    );
    expect(
      await codeOf(() =>
        parseCheckpoint('x', sourceOfBytes(new TextEncoder().encode('model Mnist { net { } }'))),
      ),
    ).toBe('checkpoint.invalid');
    const plain = await (await open()).save();
    expect(await codeOf(() => parseCheckpoint('x', sourceOfBytes(plain)))).toBe('checkpoint.invalid');
    for (const state of [undefined, '', '{', '1', '{}', JSON.stringify({ ...training, epoch: -1 })]) {
      const metadata = new Map([
        ...emptySeal(),
        ...(state === undefined ? [] : [['training', state] as const]),
      ]);
      const sealed = seal(writeSafetensors(new Map(), metadata));
      expect(await codeOf(() => parseCheckpoint('x', sourceOfBytes(sealed)))).toBe('checkpoint.invalid');
    }
    const wrongly = [
      { best: 1 },
      { best: { metric: 'a' } },
      { position: 0.5 },
      { data: 1 },
      { settings: undefined },
    ];
    for (const change of wrongly) {
      const metadata = new Map([
        ...emptySeal(),
        ['training', JSON.stringify({ ...training, ...change })] as const,
      ]);
      const sealed = seal(writeSafetensors(new Map(), metadata));
      expect(await codeOf(() => parseCheckpoint('x', sourceOfBytes(sealed)))).toBe('checkpoint.invalid');
    }
  });

  it('is rejected when cut anywhere, or with any bit flipped', async () => {
    const path = join(folder, 'last.safetensors');
    await saveCheckpoint(path, await trained(1), training);
    const whole = await readFile(path);
    for (let length = 0; length < whole.length; length++) {
      const code = await codeOf(() => parseCheckpoint(path, sourceOfBytes(whole.subarray(0, length))));
      expect(code, `cut to ${length} bytes`).toBe(
        length === 0 ? 'checkpoint.invalid' : 'checkpoint.truncated',
      );
    }
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const flipped = Buffer.from(whole);
      const at = Math.floor(bit / 8);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit % 8));
      expect(await codeOf(() => parseCheckpoint(path, sourceOfBytes(flipped))), `bit ${bit}`).toMatch(
        /^checkpoint\.(invalid|truncated|damaged)$/,
      );
    }
  });
});

describe('a state of several pieces', () => {
  it('is hashed, written and read piece by piece', async () => {
    const elements = pieceBytes / 4 + 5;
    const stored = linear.stored.map((tensor, i) => (i === 0 ? { ...tensor, shape: [elements] } : tensor));
    const specification = { ...linear, stored };
    const values = Float32Array.from({ length: elements }, (_, i) => i % 1000);
    const path = join(folder, 'large.safetensors');
    const model = await open(specification);
    await model.write('w', values);
    await saveCheckpoint(path, model, training);
    expect((await stat(path)).size).toBeGreaterThan(pieceBytes);
    const checkpoint = await readCheckpoint(path);
    const restored = await open(specification, 2);
    await restoreCheckpoint(checkpoint, restored);
    expect(Buffer.compare(await restored.save(), await model.save())).toBe(0);

    const file = await openFile(path, 'r+');
    await file.write(Uint8Array.of(1, 2, 3), 0, 3, pieceBytes + 40);
    await file.close();
    expect(await codeOf(() => readCheckpoint(path))).toBe('checkpoint.damaged');
  });
});

describe('writing', () => {
  /** Files whose operation of the given number fails; afterwards, when the process is killed, every other does too. */
  function failing(at: number, killed: boolean, log: string[]): Files {
    let count = 0;
    const operation = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
      const number = count++;
      log.push(name);
      if (number === at || (killed && number > at)) throw Object.assign(new Error(name), { code: 'EIO' });
      return work();
    };
    return {
      rename: (from, to) => operation('rename', () => systemFiles.rename(from, to)),
      unlink: (path) => operation('unlink', () => systemFiles.unlink(path)),
      open: (path, flags) =>
        operation('open', async () => {
          const file = await systemFiles.open(path, flags);
          return {
            // In pieces, so that a file may be left half written.
            write: (bytes, position) =>
              operation('write', () => file.write(bytes.subarray(0, 400), position)),
            sync: () => operation('sync', () => file.sync()),
            close: async () => {
              await file.close();
              await operation('close', async () => undefined);
            },
          };
        }),
    };
  }

  it.each([true, false])(
    'that ends at any operation leaves a whole checkpoint (killed: %s)',
    async (killed) => {
      const path = join(folder, 'last.safetensors');
      const old = await trained(1);
      const next = await trained(2);
      let reached = 0;
      for (let at = 0; ; at++) {
        await saveCheckpoint(path, old, training);
        const log: string[] = [];
        let failed = false as boolean;
        await saveCheckpoint(path, next, training, failing(at, killed, log)).catch((error: unknown) => {
          expect(error).toMatchObject(log.includes('rename') ? { code: 'EIO' } : { code: 'EIO', path });
          failed = true;
        });
        const { checkpoint, rejected } = await newestValid(folder);
        expect(rejected).toEqual([]);
        const model = await open();
        if (checkpoint) await restoreCheckpoint(checkpoint, model);
        // The rename is what makes it the new one.
        const renamed = log.includes('rename') && log.lastIndexOf('rename') !== at;
        expect(model.stepsTaken, `failed at ${at}, ${log[at]}`).toBe(renamed ? 2 : 1);
        if (!killed) expect(await readdir(folder)).toEqual(['last.safetensors']);
        reached = at;
        if (!failed) break;
      }
      // unlink, open, at least two writes, sync, close, rename, open, sync, close
      expect(reached).toBeGreaterThanOrEqual(10);
    },
  );

  it('takes over what a killed process left behind', async () => {
    const path = join(folder, 'last.safetensors');
    await writeFile(temporaryPath(path), 'half a checkpoint'.repeat(1000));
    await saveCheckpoint(path, await trained(2), training);
    expect((await readCheckpoint(path)).training).toEqual(training);
    expect(await readdir(folder)).toEqual(['last.safetensors']);
  });

  it('does not follow a link that lies where it writes', async () => {
    const path = join(folder, 'last.safetensors');
    const other = join(folder, 'other');
    await writeFile(other, 'precious');
    await symlink(other, temporaryPath(path));
    await saveCheckpoint(path, await trained(2), training);
    expect(await readFile(other, 'utf8')).toBe('precious');
    expect((await readCheckpoint(path)).training).toEqual(training);
  });

  it('into a folder that is not there is the system’s error', async () => {
    const save = saveCheckpoint(join(folder, 'none', 'last.safetensors'), await trained(1), training);
    await expect(save).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('the newest valid checkpoint', () => {
  const write = async (name: string, steps: number, seconds: number, damage = false): Promise<void> => {
    const path = join(folder, name);
    await saveCheckpoint(path, await trained(steps), { ...training, epoch: steps });
    if (damage) {
      const bytes = await readFile(path);
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      await writeFile(path, bytes);
    }
    await utimes(path, seconds, seconds);
  };

  it('is the furthest one that is whole, whatever the clock says; those before it are reported', async () => {
    await write('a.safetensors', 1, 100);
    await write('b.safetensors', 2, 300);
    await write('c.safetensors', 3, 200);
    await write('d.safetensors', 4, 400, true);
    await writeFile(join(folder, 'e.safetensors'), 'nonsense, and more of it than a length');
    await writeFile(join(folder, 'f.safetensors.partial'), 'half');
    await mkdir(join(folder, 'g.safetensors'));
    const { checkpoint, rejected } = await newestValid(folder);
    expect(checkpoint?.training.epoch).toBe(3);
    expect(new Set(rejected.map(({ path, error }) => `${path.slice(-13)} ${error.message}`))).toEqual(
      new Set([
        'd.safetensors checkpoint.damaged',
        'e.safetensors checkpoint.invalid',
        'g.safetensors checkpoint.invalid',
      ]),
    );
  });

  it('is absent from an empty or missing folder', async () => {
    expect(await newestValid(folder)).toEqual({ rejected: [] });
    expect(await newestValid(join(folder, 'none'))).toEqual({ rejected: [] });
  });
});
