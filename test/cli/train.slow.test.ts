import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/runtime/safetensors.ts';
import { points, pointsCsv } from './points.ts';
import { finish, folderWith, nnc, start } from './program.ts';

interface Printed {
  readonly epochs: number;
  readonly steps: number;
  readonly losses: readonly number[];
  readonly test: { readonly loss: number; readonly accuracy: number; readonly examples: number } | null;
  readonly validation: { readonly examples: number } | null;
  readonly seconds: number;
  readonly samples_per_second: number;
  readonly target: string;
  readonly mode: string;
  readonly parameters: number;
  readonly checkpoint: string;
  readonly interrupted: boolean;
}

const project = (model = points) => folderWith({ 'points.nn': model, 'points.csv': pointsCsv() });
const quick = ['train', '--mode', 'cpu', '--json'];

function lastLine(stdout: string): Printed {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Printed;
}

function tensorsOf(path: string): ReadonlyMap<string, Uint8Array> {
  const { tensors } = readSafetensors(readFileSync(path));
  return new Map([...tensors].map(([name, { bytes }]) => [name, Uint8Array.from(bytes)]));
}

describe('nnc train', () => {
  it('trains, tests, and says so in one object', async () => {
    const cwd = project();
    const { code, stdout, stderr } = await nnc(quick, { cwd });
    expect(code).toBe(0);
    const printed = lastLine(stdout);
    // 150 of 200 points to train on: 9 full batches an epoch
    expect(printed).toMatchObject({
      epochs: 4,
      steps: 36,
      target: 'gpujs',
      mode: 'gpu.js cpu',
      parameters: 42,
      validation: null,
      test: { examples: 50 },
      interrupted: false,
    });
    expect(printed.losses).toHaveLength(4);
    expect(printed.losses[3]).toBeLessThan(0.6 * (printed.losses[0] ?? 0));
    expect(printed.test?.accuracy).toBeGreaterThan(0.9);
    expect(stderr.match(/^epoch \d\/4  loss/gm)).toHaveLength(4);
    expect(tensorsOf(join(cwd, printed.checkpoint)).has('linear_2.W')).toBe(true);
    const record = readFileSync(join(cwd, printed.checkpoint, '../run.json'), 'utf8');
    expect(JSON.parse(record)).toEqual(printed);
  });

  it('prints results for people on stdout, progress on stderr', async () => {
    const { code, stdout, stderr } = await nnc(
      ['train', 'points.nn', '--mode', 'cpu', '--epochs', '1', '--validation', '0.2'],
      {
        cwd: project(),
      },
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ran on {5}gpu\.js cpu$/m);
    expect(stdout).toMatch(/^validation accuracy [\d.]+ %, loss [\d.]+ \(30 examples\)$/m);
    expect(stdout).toMatch(/^test {7}accuracy [\d.]+ %, loss [\d.]+ \(50 examples\)$/m);
    expect(stderr).toMatch(/^epoch 1\/1 {2}loss .* validation: loss/m);
  });

  it('runs on WebAssembly when nothing else is asked for, to the same losses', async () => {
    const cwd = project();
    const losses = async (...words: readonly string[]) => {
      const { code, stdout } = await nnc(['train', '--json', ...words], { cwd });
      expect(code).toBe(0);
      return lastLine(stdout);
    };
    const [wasm, gpujs] = [await losses(), await losses('--mode', 'cpu')];
    expect(wasm.target).toBe('wasm');
    expect(wasm.mode).toMatch(/^wasm/);
    wasm.losses.forEach((loss, epoch) => expect(loss).toBeCloseTo(gpujs.losses[epoch] ?? NaN, 4));
    expect(wasm.test?.accuracy).toBe(gpujs.test?.accuracy);
  });

  it('does the same twice, compiles once, and takes what it is told', async () => {
    const cwd = project();
    const run = async (...words: readonly string[]) => {
      const { code, stdout } = await nnc([...quick, ...words], { cwd });
      expect(code).toBe(0);
      const { checkpoint, ...printed } = lastLine(stdout);
      return { ...printed, tensors: tensorsOf(join(cwd, checkpoint)) };
    };
    const first = await run('--epochs', '1');
    const second = await run('--epochs', '1');
    expect(second.losses).toEqual(first.losses);
    expect(second.tensors).toEqual(first.tensors);
    expect(readdirSync(join(cwd, '.cache'))).toHaveLength(1);
    expect((await run('--epochs', '1', '--seed', '2')).losses).not.toEqual(first.losses);
    expect(await run('--limit-batches', '3', '--epochs', '2')).toMatchObject({ steps: 6 });
    expect(readdirSync(join(cwd, '.cache'))).toHaveLength(1);
    expect(await run('--set', 'width=4', '--set', 'epochs=1', '--batch', '50')).toMatchObject({
      parameters: 22,
      steps: 3,
    });
    expect(readdirSync(join(cwd, '.cache'))).toHaveLength(2);
  });

  it('ends at a signal while wide orthogonal weights are drawn, with nothing written', async () => {
    const layers = 'Linear(3000)  Linear(3000, init = orthogonal)';
    const cwd = project(
      points.replace('Linear(width)', layers).replace('SGD(lr = 0.1, momentum = 0.9)', 'SGD'),
    );
    // what is being drawn is said on terminals alone
    const terminal = '--import=data:text/javascript,process.stderr.isTTY=true';
    const child = start(quick, { cwd, env: { NODE_OPTIONS: terminal } });
    const ended = finish(child);
    await new Promise<void>((begun) => {
      child.stderr.on('data', (text: string) => {
        if (text.includes('starting')) begun();
      });
    });
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect(stderr).toMatch(/initial values of linear_2\.W/);
    expect(stderr).toMatch(/nothing was trained: the model was not ready\n$/);
    expect([code, stdout, existsSync(join(cwd, 'runs'))]).toEqual([130, '', false]);
  });

  it('ends at a signal with a checkpoint, from which the same weights come as without it', async () => {
    const cwd = project();
    const child = start([...quick, '--epochs', '1000000'], { cwd });
    const ended = finish(child);
    await new Promise<void>((begun) => {
      child.stderr.on('data', (text: string) => {
        if (text.includes('epoch 1/')) begun();
      });
    });
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect(stderr).toContain('SIGINT: ending this step and saving');
    expect(code).toBe(130);
    const interrupted = lastLine(stdout);
    expect(interrupted).toMatchObject({ interrupted: true, test: null });

    const epochs = ['--epochs', String(interrupted.epochs + 2)];
    const resumed = await nnc([...quick, '--resume', ...epochs], { cwd });
    expect(resumed.code).toBe(0);
    const whole = await nnc([...quick, ...epochs, '--out', 'whole.safetensors'], { cwd });
    expect(whole.code).toBe(0);
    const [there, here] = [lastLine(resumed.stdout), lastLine(whole.stdout)];
    expect(there.checkpoint).toBe(interrupted.checkpoint);
    expect([there.steps, there.test]).toEqual([here.steps, here.test]);
    expect(tensorsOf(join(cwd, there.checkpoint))).toEqual(tensorsOf(join(cwd, 'whole.safetensors')));
  });

  it('exits with 143 at SIGTERM', async () => {
    const child = start([...quick, '--epochs', '1000000'], { cwd: project() });
    const ended = finish(child);
    child.stderr.on('data', (text: string) => {
      if (text.includes('epoch 1/')) child.kill('SIGTERM');
    });
    expect((await ended).code).toBe(143);
  });

  it('stops where it diverges and leaves the earlier checkpoint', async () => {
    const cwd = project();
    const out = ['--out', 'kept/points.safetensors'];
    expect((await nnc([...quick, '--epochs', '1', ...out], { cwd })).code).toBe(0);
    const before = readFileSync(join(cwd, 'kept/points.safetensors'));
    const { code, stdout, stderr } = await nnc([...quick, '--set', 'lr=1e300', ...out], { cwd });
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(
      /^error: the (loss|parameter \S+) became .* in epoch 1, step \d+ \(step \d+ of the run\)$/m,
    );
    expect(readFileSync(join(cwd, 'kept/points.safetensors'))).toEqual(before);
    expect(readdirSync(join(cwd, 'kept')).sort()).toEqual([
      'points-before-divergence.safetensors',
      'points.safetensors',
    ]);
  });

  it('says in which line a value that is not finite came up', async () => {
    const wrong = points.replace('Tanh', 'Tanh  Wrong').concat('\nlayer Wrong (x: [D]) = log(x)\n');
    const { code, stderr } = await nnc([...quick, '--max-time', '1h30m'], { cwd: project(wrong) });
    expect(code).toBe(3);
    expect(stderr).toContain('error: the loss became not a number in epoch 1, step 1 (step 1 of the run)\n');
    expect(stderr).toMatch(
      /error\[value\.not-finite\]: `log\(-[\d.]+\)` is not a number \(\d+ of 128 values\)/,
    );
    expect(stderr).toContain('--> points.nn:14:24\n');
    expect(stderr).toMatch(
      /The state before that step is in runs\/points\/\S+\/checkpoint-before-divergence\./,
    );
  });

  it('tries a run without writing anything', async () => {
    const cwd = project();
    const { code, stdout } = await nnc(['train', '--mode', 'cpu', '--dry-run', '--overfit', '8'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^would run {2}gpu\.js cpu, 4 epochs of 1 step$/m);
    expect(stdout).toMatch(/^one step {3}loss \d/m);
    expect(stdout).toMatch(/^memory {5}about [\d.]+ kB/m);
    expect(readdirSync(cwd).sort()).toEqual(['.cache', 'points.csv', 'points.nn']);
  });

  it('looks for a learning rate, and draws what it found', async () => {
    const cwd = project();
    const { code, stdout } = await nnc([...quick, '--find-lr', '--out', 'found'], { cwd });
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as { suggestion: number; picture: string; points: unknown[] };
    expect(found.suggestion).toBeGreaterThan(1e-4);
    expect(found.suggestion).toBeLessThan(2);
    expect(readFileSync(join(cwd, found.picture), 'utf8')).toContain('</svg>');
    expect(readdirSync(join(cwd, 'found')).sort()).toEqual(['find-lr.json', 'find-lr.svg']);
  });

  it('does not go on as another run', async () => {
    const cwd = project();
    const out = ['--out', 'a.safetensors'];
    expect((await nnc([...quick, '--epochs', '1', ...out], { cwd })).code).toBe(0);
    const refusals = [
      [['--seed', '2'], 'seed: 1 then, 2 now'],
      [['--batch', '8'], 'batch: 16 then, 8 now'],
      [['--validation', '0.5'], 'validation: 0 then, 0.5 now'],
      [['--set', 'width=4'], '+ net { Linear(4) Tanh Dropout(0.1) Linear(2) }'],
      [['--set', 'width=4', '--allow', 'net'], 'is a checkpoint of another model'],
    ] as const;
    for (const [words, message] of refusals) {
      const { code, stderr } = await nnc([...quick, '--resume', ...out, ...words], { cwd });
      expect(stderr).toContain(message);
      expect(code).toBe(2);
    }
  });

  it.each([
    ['there is no checkpoint', {}, 'error[checkpoint.missing]: there is no checkpoint in runs/points'],
    [
      'the checkpoint is damaged',
      { 'runs/points/2026-01-01_00-00-00/checkpoint.safetensors': 'x' },
      'is cut short',
    ],
  ])('does not go on where %s', async (_, files: { readonly [path: string]: string }, message) => {
    const cwd = folderWith({ 'points.nn': points, 'points.csv': pointsCsv(), ...files });
    const { code, stderr } = await nnc([...quick, '--resume'], { cwd });
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it.each([
    ['no data', points.replace(/^ {2}data.*\n/m, ''), 'Points does not say what it is trained on'],
    [
      'too few examples for one batch',
      points.replace('batch = 16', 'batch = 151'),
      'fewer than one batch of 151',
    ],
    [
      'a data file that is not there',
      points.replace('points.csv', 'other.csv'),
      'there is no file other.csv',
    ],
    ['a data file elsewhere', points.replace('points.csv', '../points.csv'), 'error[data.outside]'],
  ])('refuses %s, and writes nothing', async (_, model, message) => {
    const cwd = project(model);
    const { code, stdout, stderr } = await nnc(quick, { cwd });
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, '']);
    expect(existsSync(join(cwd, 'runs'))).toBe(false);
  });

  it('reports a place it cannot write to as input/output', async () => {
    const cwd = project();
    mkdirSync(join(cwd, 'taken.safetensors'));
    const { code, stderr } = await nnc([...quick, '--out', 'taken.safetensors'], { cwd });
    expect(code).toBe(74);
    expect(stderr).toContain('taken.safetensors');
    writeFileSync(join(cwd, 'file'), '');
    expect((await nnc([...quick, '--out', 'file/a.safetensors'], { cwd })).code).toBe(74);
  });
});
