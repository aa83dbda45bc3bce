// The runtime's `inverse` on each target: what a model gives, taken back.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { targetNames } from '../../src/targets/table.ts';
import { folderWith, programFile } from './program.ts';

const script = `
const [folder, target] = process.argv.slice(2);
const { build, loadBuild } = await import(folder + '/driver/build.js');
const { readFileSync } = await import('node:fs');
const source = { path: 'model.nn', text: readFileSync('model.nn', 'utf8'), library: false };
const module = await loadBuild(await build({ source, target, options: { batch: 2 } }));
const model = await module.create(target === 'gpujs' ? { mode: 'cpu' } : {});
const x = Float32Array.from({ length: 3 * 144 }, (_, i) => Math.sin(i));
const { output } = await model.forward({ x });
const back = await model.inverse({ output: output.data });
const error = Math.max(...x.map((value, i) => Math.abs(value - back.x.data[i])));
const moved = Math.max(...x.map((value, i) => Math.abs(value - output.data[i])));
await model.destroy();
console.log(JSON.stringify({ programs: model.specification.programs, shape: back.x.shape, error, moved }));
process.exit(0);
`;

it.each(targetNames)('a coupling is undone on %s', (target) => {
  const cwd = folderWith({ 'model.nn': readFileSync('models/additive-coupling.nn', 'utf8') });
  writeFileSync(join(cwd, 'script.mjs'), script);
  const folder = pathToFileURL(dirname(dirname(programFile()))).href;
  const { stdout, stderr } = spawnSync(process.execPath, ['script.mjs', folder, target], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NNC_CACHE: join(cwd, '.cache') },
  });
  expect(stdout, stderr).not.toBe('');
  const found = JSON.parse(stdout) as {
    readonly programs: readonly string[];
    readonly shape: readonly number[];
    readonly error: number;
    readonly moved: number;
  };
  expect(found.programs).toContain('inverse');
  expect(found.shape).toEqual([3, 4, 6, 6]);
  expect(found.error).toBeLessThan(1e-5);
  expect(found.moved).toBeGreaterThan(0.1);
});
