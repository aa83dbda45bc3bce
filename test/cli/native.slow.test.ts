// `--target native` and `--target auto` as a user meets them, with a C compiler and without one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeNative } from '../codegen/c/run-native.ts';
import { finish, folderWith, nnc, nncHere, start } from './program.ts';

const model = `model Small {
  input x: [12]
  target t: class(3)
  net { Linear(40) ReLU Linear(3) }
  loss CrossEntropy
  optimizer SGD(lr = 0.1, momentum = 0.9)
  metrics accuracy
  data csv("data.csv", target = "t")
  train { epochs = 2 batch = 8 seed = 1 }
}
`;
const rows = Array.from({ length: 40 }, (_, i) =>
  [...Array.from({ length: 12 }, (__, k) => Math.sin(i + k * k).toFixed(4)), i % 3].join(','),
);
const header = [...Array.from({ length: 12 }, (_, k) => `x${k}`), 't'].join(',');
const files = { 'small.nn': model, 'data.csv': `${[header, ...rows].join('\n')}\n` };

interface Record {
  readonly mode: string;
  readonly test?: { readonly loss: number };
  readonly train?: { readonly loss: number };
}

describeNative('--target native', () => {
  it('trains, with the losses of wasm, and is found again in the cache', async () => {
    const cwd = folderWith(files);
    const train = async (...words: string[]) => {
      const { code, stdout, stderr } = await nnc(['train', 'small.nn', '--json', ...words], { cwd });
      expect(code, stderr).toBe(0);
      const record = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record;
      return {
        record,
        losses: [...JSON.stringify(record).matchAll(/"loss":(-?[\d.e-]+)/g)].map(([, loss]) => Number(loss)),
      };
    };
    const native = await train('--target', 'native');
    const wasm = await train('--target', 'wasm');
    expect(native.record.mode).toMatch(/^native /);
    expect(native.losses.length).toBeGreaterThan(0);
    native.losses.forEach((loss, i) => expect(loss).toBeCloseTo(wasm.losses[i] ?? NaN, 4));
    const chosen = await finish(start(['train', 'small.nn', '--target', 'auto', '--epochs', '1'], { cwd }));
    expect(chosen.code, chosen.stderr).toBe(0);
    expect(chosen.stderr).toMatch(
      /target (native|wasm): the first steps took [\d.]+ ms native and [\d.]+ ms on wasm/,
    );

    const evaluate = async (target: string) => {
      const words = ['eval', 'small.nn', '--part', 'train', '--target', target, '--json'];
      const { code, stdout, stderr } = await nnc(words, { cwd });
      expect(code, stderr).toBe(0);
      return { found: JSON.parse(stdout) as { readonly mode: string; readonly loss: number }, stderr };
    };
    const auto = await evaluate('auto');
    const [, target = ''] =
      /target (native|wasm): the first batches took [\d.]+ ms native and [\d.]+ ms on wasm/.exec(
        auto.stderr,
      ) ?? [];
    expect(target).not.toBe('');
    expect(auto.found.mode.split(/[ ,]/)[0]).toBe(target);
    expect(auto.found.loss).toBeCloseTo((await evaluate('wasm')).found.loss, 4);
  }, 240_000);

  it('writes the C, the library and a module with the API of every target', async () => {
    const cwd = folderWith(files);
    const { code, stdout } = await nnc(['compile', 'small.nn', '--target', 'native', '--out', 'made'], {
      cwd,
    });
    expect(code).toBe(0);
    for (const name of ['small.mjs', 'small.d.mts', 'small.c', 'small.so'])
      expect(stdout).toContain(`made/${name}`);
    expect(readFileSync(join(cwd, 'made/small.c'), 'utf8')).toContain(
      'what nnc generated from small.nn, in C',
    );
    expect(readFileSync(join(cwd, 'made/small.mjs'), 'utf8')).toContain('linkNative(library, given)');
  }, 60_000);

  it('shows per kernel the share of the measured peak', async () => {
    const cwd = folderWith(files);
    const words = ['bench', 'small.nn', '--target', 'native', '--threads', '1', '--seconds', '1'];
    const { code, stdout, stderr } = await nnc(words, { cwd });
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/on native \S.*, 1 thread/);
    expect(stdout).toMatch(/of a measured peak of [\d.]+/);
    expect(stdout).toMatch(/of peak/);
  }, 60_000);

  it.each([
    ['train', 'small.nn'],
    ['eval', 'small.nn'],
    ['predict', 'small.nn', 'data.csv'],
  ])('refuses to be deterministic across machines: %s', async (...command) => {
    const cwd = folderWith(files);
    const { code, stderr } = await nncHere([...command, '--target', 'native', '--deterministic'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('--deterministic is for results that two machines agree on');
  });
});

describe('without a C compiler', () => {
  it.each([
    [
      'none in the path',
      { PATH: '/nowhere', CC: '' },
      'there is no C compiler here: cc, gcc, clang were tried',
    ],
    ['CC names none', { CC: '/nowhere/cc' }, '`/nowhere/cc`, which CC names, is no C compiler'],
  ])('says so: %s', async (_, env, message) => {
    const cwd = folderWith(files);
    const { code, stderr } = await nnc(['compile', 'small.nn', '--target', 'native'], { cwd, env });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain('help: Install gcc or clang');
  });

  it('auto takes wasm, and says why', async () => {
    const cwd = folderWith(files);
    const env = { PATH: '/nowhere', CC: '' };
    const { code, stderr } = await nnc(['compile', 'small.nn', '--target', 'auto'], { cwd, env });
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('target wasm: there is no C compiler here');

    const trained = await nnc(['train', 'small.nn', '--epochs', '1', '--no-report'], { cwd, env });
    expect(trained.code, trained.stderr).toBe(0);
    const words = ['predict', 'small.nn', 'data.csv', '--target', 'auto', '--json'];
    const predicted = await nnc(words, { cwd, env });
    expect(predicted.code, predicted.stderr).toBe(0);
    expect(predicted.stderr).toContain('target wasm: there is no C compiler here');
    expect((JSON.parse(predicted.stdout) as { predictions: unknown[] }).predictions).toHaveLength(
      rows.length,
    );
  }, 120_000);
});
