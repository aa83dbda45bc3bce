import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linkRuntime, productName } from '../../src/driver/build.ts';
import { folderWith, nnc, nncHere, programFile } from './program.ts';

const files = {
  'layers.nn': 'layer Twice (x: [...]) { return 2 * x }\n',
  'a.nn': `import "layers.nn"

model A {
  input  x: [2]
  target y: [1]
  net { Linear(1)  Twice }
  loss      MSE
  optimizer SGD(lr = 0.1)
}
`,
};

describe('linkRuntime', () => {
  it('points the imports of the runtime, and nothing else, at this program', () => {
    const runtime = new URL('../../src/runtime/index.js', import.meta.url).href;
    const module = [
      "import { createModel } from 'nnc/runtime';",
      'import {\n  openGpu,\n} from "nnc/runtime";',
      "import type { Model } from 'other';",
      "// import { createModel } from 'nnc/runtime';",
      `const name = "import { x } from 'nnc/runtime';";`,
    ].join('\n');
    expect(linkRuntime(module).split('\n')).toEqual([
      `import { createModel } from "${runtime}";`,
      'import {',
      '  openGpu,',
      `} from "${runtime}";`,
      "import type { Model } from 'other';",
      "// import { createModel } from 'nnc/runtime';",
      `const name = "import { x } from 'nnc/runtime';";`,
    ]);
  });
});

describe('productName', () => {
  const name = (path: string, model?: string) => productName({ path, text: '', library: false }, model);

  it('is the name of the file, and of the model where one is chosen', () => {
    expect(name('models/mnist-mlp.nn')).toBe('mnist-mlp');
    expect(name('a.nn', 'B')).toBe('a-B');
  });

  it('is never a way out of a folder', () => {
    expect(['.nn', '..nn', '...nn', '/a/b/...nn'].map((path) => name(path))).toEqual(Array(4).fill('model'));
    expect(name('a/../../b.nn')).toBe('b');
  });
});

describe('nnc compile', () => {
  it.each([
    ['wasm', [], ['a.as', 'a.d.mts', 'a.d.ts', 'a.js', 'a.mjs', 'a.wasm']],
    ['wasm', ['--portable'], ['a.as', 'a.d.mts', 'a.d.ts', 'a.js', 'a.mjs', 'a.single.wasm', 'a.wasm']],
    ['gpujs', [], ['a.d.mts', 'a.js', 'a.mjs', 'a.ts']],
  ])('writes what %s %s needs, the same again from the cache', async (target, flags, names) => {
    const cwd = folderWith(files);
    const words = ['compile', 'a.nn', '--target', target, ...flags];
    const first = await nnc(words, { cwd });
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(readdirSync(join(cwd, 'build')).sort()).toEqual(names);
    for (const name of names)
      expect(first.stdout).toMatch(new RegExp(`^wrote build/${name} \\(\\d+ bytes\\)$`, 'm'));
    const text = readFileSync(join(cwd, 'build/a.mjs'), 'utf8');
    expect(text).toContain("from 'nnc/runtime'");
    expect(text).not.toContain(cwd);

    const again = await nnc([...words, '--out', 'elsewhere'], { cwd });
    expect(again.code).toBe(0);
    for (const name of names)
      expect(readFileSync(join(cwd, 'elsewhere', name))).toEqual(readFileSync(join(cwd, 'build', name)));
  });

  it.each(['wasm', 'gpujs'])('writes a module for %s that runs where nnc is installed', async (target) => {
    const cwd = folderWith({
      ...files,
      'use.mjs': `import { create, specification } from './made/b%20100%25.mjs';
const model = await create({ seed: 3, ${target === 'gpujs' ? "mode: 'cpu'" : 'threads: 1'} });
await model.write('linear_1.W', [1, 10]);
await model.write('linear_1.b', [0.5]);
const { output } = await model.forward({ x: [1, 2, 3, 4] });
console.log(JSON.stringify([specification.name, output.shape, [...output.data]]));
await model.destroy();
`,
    });
    mkdirSync(join(cwd, 'node_modules'));
    symlinkSync(resolve(programFile(), '../../..'), join(cwd, 'node_modules/nnc'));
    const compiled = await nnc(['compile', 'a.nn', '--target', target, '--out', 'made/b 100%.mjs'], { cwd });
    expect([compiled.code, compiled.stderr]).toEqual([0, '']);
    expect(compiled.stdout).toContain('use it: import { create } from "./made/b 100%25.mjs";');
    const used = spawnSync(process.execPath, ['use.mjs'], { cwd, encoding: 'utf8' });
    expect(used.stderr).toBe('');
    expect(JSON.parse(used.stdout)).toEqual(['A', [2, 1], [43, 87]]);
  });

  it('compiles again when an import has changed', async () => {
    const cwd = folderWith(files);
    const text = async () => {
      expect((await nnc(['compile', 'a.nn', '--target', 'gpujs'], { cwd })).code).toBe(0);
      return readFileSync(join(cwd, 'build/a.ts'), 'utf8');
    };
    const before = await text();
    writeFileSync(join(cwd, 'layers.nn'), 'layer Twice (x: [...]) { return 5 * x }\n');
    expect(await text()).not.toBe(before);
  });

  it('prints a form in place of writing', async () => {
    const cwd = folderWith(files);
    for (const form of ['ast', 'graph', 'gradient', 'kernels', 'ts']) {
      const { code, stdout } = await nncHere(['compile', 'a.nn', '--emit', form], { cwd });
      expect([form, code]).toEqual([form, 0]);
      expect(stdout).toMatch(/linear_1|Linear/);
    }
    expect(readdirSync(cwd).sort()).toEqual(['a.nn', 'layers.nn']);
  });

  it('shows the mistakes of a source with their places', async () => {
    const cwd = folderWith({ ...files, 'a.nn': files['a.nn'].replace('Linear', 'Linaer') });
    const { code, stdout, stderr } = await nnc(['compile'], { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('a.nn:6:9');
    expect(stderr).toContain('Linear');
    expect(existsSync(join(cwd, 'build'))).toBe(false);
  });

  it('chooses among several models', async () => {
    const two = `${files['a.nn']}\n${files['a.nn'].replace('import "layers.nn"', '').replace('model A', 'model B')}`;
    const cwd = folderWith({ ...files, 'a.nn': two });
    const undecided = await nnc(['compile'], { cwd });
    expect(undecided.code).toBe(2);
    expect(undecided.stderr).toContain('A, B');
    const chosen = await nnc(['compile', '--model', 'B', '--target', 'gpujs'], { cwd });
    expect([chosen.code, chosen.stderr]).toEqual([0, '']);
    expect(readdirSync(join(cwd, 'build')).sort()).toEqual(['a-B.d.mts', 'a-B.js', 'a-B.mjs', 'a-B.ts']);
    expect((await nnc(['check'], { cwd })).code).toBe(0);
  });

  it('works where no cache can be kept', async () => {
    const cwd = folderWith({ ...files, file: '' });
    mkdirSync(join(cwd, 'tmp'));
    const env = { NNC_CACHE: join(cwd, 'file/below'), TMPDIR: join(cwd, 'tmp') };
    const { code, stderr } = await nnc(['compile', 'a.nn'], { cwd, env });
    expect([code, stderr]).toEqual([0, '']);
    expect(readdirSync(join(cwd, 'tmp'))).toEqual([]);
  });

  it.each(['wasm', 'native'])('builds %s again where a file of the cache was emptied', async (target) => {
    const cwd = folderWith(files);
    const run = () => nnc(['compile', 'a.nn', '--target', target], { cwd });
    expect((await run()).code).toBe(0);
    const cache = join(cwd, '.cache');
    const kept = readdirSync(cache, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
    for (const { parentPath, name } of kept) writeFileSync(join(parentPath, name), '');
    expect(await run()).toMatchObject({ code: 0, stderr: '' });
    const [code] = readdirSync(join(cwd, 'build')).filter((name) => /\.(wasm|so)$/.test(name));
    expect(statSync(join(cwd, 'build', code ?? '')).size).toBeGreaterThan(0);
  });

  it('keeps nothing where others could exchange it', async () => {
    const cwd = folderWith({ ...files, 'open/.cache/file': '', 'tmp/file': '' });
    chmodSync(join(cwd, 'open'), 0o777);
    const env = { NNC_CACHE: join(cwd, 'open/.cache'), TMPDIR: join(cwd, 'tmp') };
    expect(await nnc(['compile', 'a.nn'], { cwd, env })).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(join(cwd, 'open/.cache'))).toEqual(['file']);
    // a target's own folder within the cache too
    mkdirSync(join(cwd, '.cache/wasm'), { recursive: true, mode: 0o700 });
    chmodSync(join(cwd, '.cache/wasm'), 0o777);
    const words = ['compile', 'a.nn', '--target', 'wasm'];
    expect(await nnc(words, { cwd, env: { TMPDIR: join(cwd, 'tmp') } })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(readdirSync(join(cwd, '.cache/wasm'))).toEqual([]);
  });

  it('leaves the entry of what an import was before, for whoever uses it', async () => {
    const cwd = folderWith(files);
    const entries = () => readdirSync(join(cwd, '.cache')).filter((name) => name !== 'wasm');
    await nnc(['compile', 'a.nn', '--target', 'wasm'], { cwd });
    const [first = ''] = entries();
    writeFileSync(join(cwd, 'layers.nn'), 'layer Twice (x: [...]) { return x + x + 1 }\n');
    await nnc(['compile', 'a.nn', '--target', 'wasm'], { cwd });
    expect(entries()).toHaveLength(2);
    expect(entries()).toContain(first);
  });

  it('two at once, the first time, both build', async () => {
    const cwd = folderWith(files);
    const both = [1, 2].map((i) =>
      nnc(['compile', 'a.nn', '--target', 'wasm', '--out', `out-${i}`], { cwd }),
    );
    for (const { code, stderr } of await Promise.all(both)) expect([code, stderr]).toEqual([0, '']);
    const [one, two] = [1, 2].map((i) => readFileSync(join(cwd, `out-${i}`, 'a.wasm')));
    expect(one).toEqual(two);
  });
});
