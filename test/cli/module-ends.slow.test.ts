// A program that uses a compiled module ends when it has nothing left to do: threads that wait for work do not keep it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { folderWith, nnc, programFile } from './program.ts';

const files = {
  'a.nn': `model A {
  input  x: [2]
  target y: [1]
  net { Linear(1) }
  loss      MSE
  optimizer SGD(lr = 0.1)
  train { batch = 2 }
}
`,
  // neither destroyed nor awaited to its end
  'use.mjs': `import { create } from './build/a.js';
const model = await create({ threads: 2 });
const { loss } = await model.step({ x: [1, 2, 3, 4], y: [1, 0] });
console.log(Number.isFinite(loss), (await model.forward({ x: [1, 2] })).output.shape);
`,
  'worker.mjs': `import { Worker } from 'node:worker_threads';
const worker = new Worker(new URL('./use.mjs', import.meta.url));
worker.on('exit', (code) => console.log('ended', code));
`,
};

it.each([
  ['use.mjs', 'true [ 1, 1 ]\n'],
  ['worker.mjs', 'true [ 1, 1 ]\nended 0\n'],
])('%s', async (script, output) => {
  const cwd = folderWith(files);
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(resolve(programFile(), '../../..'), join(cwd, 'node_modules/nnc'));
  expect(await nnc(['compile', 'a.nn', '--target', 'wasm'], { cwd })).toMatchObject({ code: 0, stderr: '' });
  const ended = spawnSync(process.execPath, [script], { cwd, encoding: 'utf8', timeout: 30_000 });
  expect({ signal: ended.signal, stderr: ended.stderr }).toEqual({ signal: null, stderr: '' });
  expect(ended.stdout).toBe(output);
});
