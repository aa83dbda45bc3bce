import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/runtime/safetensors.ts';
import { readCheckpoint } from '../../src/train/checkpoint/checkpoint.ts';
import { runOnnx } from '../export/onnx/run-onnx.ts';
import { points, pointsCsv } from './points.ts';
import { folderWith, nnc, nncHere } from './program.ts';

const project = () => folderWith({ 'points.nn': points, 'points.csv': pointsCsv() });

describe('nnc export', () => {
  it('writes ONNX with the weights that training would begin with, and says so', async () => {
    const cwd = project();
    const { code, stderr } = await nncHere(['export', 'points.nn', '--format', 'onnx'], { cwd });
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^the model has not been trained: initial weights, seed 1\nwrote build\/points\.onnx/,
    );
    const x = { shape: [3, 2], data: [0, 0, 1, -1, 0.5, 2] };
    const found = await runOnnx(readFileSync(join(cwd, 'build/points.onnx')), new Map([['x', x]]));
    expect(found.get('output')?.shape).toEqual([3, 2]);
  });

  it("writes weights under PyTorch's names, which come in again as a checkpoint", async () => {
    const cwd = project();
    expect(
      (await nncHere(['export', 'points.nn', '--out', 'w.safetensors', '--initial'], { cwd })).code,
    ).toBe(0);
    const { tensors } = readSafetensors(readFileSync(join(cwd, 'w.safetensors')));
    expect([...tensors].map(([name, { shape }]) => `${name} ${shape.join()}`)).toEqual([
      'linear_1.weight 8,2',
      'linear_1.bias 8',
      'linear_2.weight 2,8',
      'linear_2.bias 2',
    ]);
    const { code, stdout } = await nncHere(
      ['import', 'points.nn', 'w.safetensors', '--out', 'in/c.safetensors'],
      { cwd },
    );
    expect([code, stdout]).toEqual([0, 'wrote in/c.safetensors (4 tensors of w.safetensors)\n']);
    const { training, state } = await readCheckpoint(join(cwd, 'in/c.safetensors'));
    expect(training.epoch).toBe(0);
    expect(training.preprocessing).toMatchObject({ source: 'csv' });
    const kept = state.tensors;
    expect(Buffer.from(kept.get('linear_1.W')?.bytes ?? [])).toEqual(
      Buffer.from(tensors.get('linear_1.weight')?.bytes ?? []),
    );
    expect(kept.has('linear_1.W#v')).toBe(true);
  });

  it('writes a module and its types', async () => {
    const cwd = project();
    const { code } = await nncHere(
      ['export', 'points.nn', '--standalone', '--initial', '--out', 'out/p.mjs'],
      { cwd },
    );
    expect([code, existsSync(join(cwd, 'out/p.d.mts'))]).toEqual([0, true]);
    expect(readFileSync(join(cwd, 'out/p.mjs'), 'utf8')).toContain('export function predict(example)');
  });

  it('wants to know the format', async () => {
    const { code, stderr } = await nncHere(['export', 'points.nn'], { cwd: project() });
    expect(code).toBe(2);
    expect(stderr).toContain('--format takes onnx, safetensors or module (or give --standalone)');
  });
});

describe('nnc import', () => {
  it('lists all that does not fit', async () => {
    const cwd = project();
    writeFileSync(join(cwd, 'other.nn'), points.replace('width = 8', 'width = 4'));
    await nncHere(['export', 'other.nn', '--out', 'w.safetensors', '--initial'], { cwd });
    const { code, stderr } = await nncHere(['import', 'points.nn', 'w.safetensors'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('w.safetensors does not fit the model in 3 places:');
    expect(stderr).toContain('\n  `linear_1.weight` is [4, 2], and the model has [8, 2]');
    expect(existsSync(join(cwd, 'runs'))).toBe(false);
  });

  it('gives a checkpoint that training goes on from', async () => {
    const cwd = project();
    await nncHere(['export', 'points.nn', '--out', 'w.safetensors', '--initial'], { cwd });
    expect((await nncHere(['import', 'points.nn', 'w.safetensors', '--no-data'], { cwd })).code).toBe(0);
    const { code, stdout } = await nnc(['train', '--resume', '--mode', 'cpu', '--json'], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ epochs: 4, steps: 36 });
  });
});
