// A program that uses a compiled module ends when it has nothing left to do, when it says so, and when it fails: threads that wait for
// work, or are at work, do not keep it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lacksCompiler, temporaryFolder } from '../codegen/c/run-native.ts';
import { nnc, programFile } from './program.ts';

const model = `model A {
  input  x: [64]
  target y: [1]
  net { Linear(300) ReLU Linear(300) ReLU Linear(1) }
  loss      MSE
  optimizer SGD(lr = 0.001)
  train { batch = 64 }
}
`;
const open = (options: string) => `import { create } from './build/a.mjs';
const model = await create(${options});
const batch = { x: new Float32Array(64 * 64).fill(0.5), y: new Float32Array(64) };
`;
/** Each with what it prints and its exit code. */
const programs = {
  // neither destroyed nor awaited to its end
  ends: [
    `const { loss } = await model.step(batch);
     console.log(Number.isFinite(loss), (await model.forward({ x: batch.x })).output.shape.join());`,
    'true 64,1\n',
    0,
  ],
  'leaves a call unawaited': [`void model.step(batch);`, '', 0],
  'exits during a step': [
    `for (let i = 0; i < 50; i++) void model.step(batch);
     setTimeout(() => { console.log('out'); process.exit(3); }, 5);`,
    'out\n',
    3,
  ],
  'exits right behind a call': [`void model.step(batch); process.exit(4);`, '', 4],
  fails: [`void model.step(batch); await model.step({ x: [1] });`, '', 1],
  'fails where nobody awaits it': [`for (let i = 0; i < 20; i++) void model.step({});`, '', 1],
  'throws between steps': [`void model.step(batch); setTimeout(() => { throw new Error('mine'); });`, '', 1],
} as const;

const targets = [
  ['wasm', '{ threads: 2 }'],
  ['native', '{ threads: 2 }'],
  ['gpujs', "{ mode: 'webasm' }"],
] as const;

for (const [target, options] of targets)
  describe.skipIf(target === 'native' && lacksCompiler)(`a program with a module for ${target}`, () => {
    const cwd = temporaryFolder();
    beforeAll(async () => {
      const worker = `import { Worker } from 'node:worker_threads';
const worker = new Worker(new URL('./ends.mjs', import.meta.url));
worker.on('exit', (code) => console.log('ended', code));
`;
      const scripts = Object.entries(programs).map(
        ([name, [lines]]) => [`${name}.mjs`, open(options) + lines] as const,
      );
      const files = [['a.nn', model], ['worker.mjs', worker], ...scripts] as const;
      for (const [name, text] of files) writeFileSync(join(cwd, name), text);
      mkdirSync(join(cwd, 'node_modules'));
      symlinkSync(resolve(programFile(), '../../..'), join(cwd, 'node_modules/nnc'), 'junction');
      expect(await nnc(['compile', 'a.nn', '--target', target], { cwd })).toMatchObject({
        code: 0,
        stderr: '',
      });
    }, 120_000);

    const run = (script: string) => {
      const { signal, status, stdout } = spawnSync(process.execPath, [script], {
        cwd,
        encoding: 'utf8',
        timeout: 60_000,
      });
      return { signal, status, stdout };
    };

    it.each(Object.entries(programs))('%s', (name, [, stdout, status]) => {
      expect(run(`${name}.mjs`)).toEqual({ signal: null, status, stdout });
    });

    it('ends, in a worker of its own', () => {
      const [, stdout] = programs.ends;
      expect(run('worker.mjs')).toEqual({ signal: null, status: 0, stdout: `${stdout}ended 0\n` });
    });
  });
