import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linkRuntime, productName } from '../../src/cli/build.ts';
import { folderWith, nnc } from './program.ts';

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
  it('writes a module that imports the runtime by its package, the same again from the cache', async () => {
    const cwd = folderWith(files);
    const first = await nnc(['compile', 'a.nn'], { cwd });
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toMatch(/^wrote build\/a\.ts \(\d+ bytes\)\nwrote build\/a\.js \(\d+ bytes\)\n$/);
    const text = readFileSync(join(cwd, 'build/a.ts'), 'utf8');
    expect(text).toContain("from 'nnc/runtime'");
    expect(text).not.toContain(cwd);

    expect((await nnc(['compile', 'a.nn', '--out', 'elsewhere/b.ts'], { cwd })).code).toBe(0);
    expect(readdirSync(join(cwd, 'elsewhere')).sort()).toEqual(['b.js', 'b.ts']);
    expect(readFileSync(join(cwd, 'elsewhere/b.ts'), 'utf8')).toBe(text);
    expect(readdirSync(join(cwd, '.cache'))).toHaveLength(1);
  });

  it('compiles again when an import has changed', async () => {
    const cwd = folderWith(files);
    expect((await nnc(['compile', 'a.nn'], { cwd })).code).toBe(0);
    const before = readFileSync(join(cwd, 'build/a.ts'), 'utf8');
    writeFileSync(join(cwd, 'layers.nn'), 'layer Twice (x: [...]) { return 5 * x }\n');
    expect((await nnc(['compile', 'a.nn'], { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, 'build/a.ts'), 'utf8')).not.toBe(before);
  });

  it('prints a form in place of writing', async () => {
    const cwd = folderWith(files);
    for (const form of ['ast', 'graph', 'gradient', 'kernels', 'ts']) {
      const { code, stdout } = await nnc(['compile', 'a.nn', '--emit', form], { cwd });
      expect([form, code]).toEqual([form, 0]);
      expect(stdout).toMatch(/linear_1|Linear/);
    }
    expect(readdirSync(cwd).sort()).toEqual(['a.nn', 'layers.nn']);
  });

  it('shows the mistakes of a source with their places', async () => {
    const cwd = folderWith({ 'a.nn': files['a.nn'].replace('Linear', 'Linaer') });
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
    const chosen = await nnc(['compile', '--model', 'B'], { cwd });
    expect([chosen.code, chosen.stderr]).toEqual([0, '']);
    expect(readdirSync(join(cwd, 'build')).sort()).toEqual(['a-B.js', 'a-B.ts']);
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
});
