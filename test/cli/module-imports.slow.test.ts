// What `nnc compile` writes can be imported wherever a program lies: whatever its package.json says of modules, and whatever its
// TypeScript compiler asks for.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { lacksCompiler } from '../codegen/c/run-native.ts';
import { initialOptions, typeErrorsIn } from '../codegen/modules.ts';
import { folderWith, nnc, programFile } from './program.ts';

const model = `model A {
  input  x: [2]
  target y: [1]
  net { Linear(1) }
  loss      MSE
  optimizer SGD(lr = 0.1)
  train { batch = 2 }
}
`;
const use = `const model = await create({ seed: 1 });
const { output } = await model.forward({ x: [1, 2, 3, 4] });
console.log(batch, output.shape.join());
await model.destroy();
`;
const files = {
  'a.nn': model,
  'use.mjs': `import { batch, create } from './build/a.mjs';\n${use}`,
  // CommonJS
  'use.cjs': `(async () => { const { batch, create } = await import('./build/a.mjs');\n${use}})();\n`,
};
const program = `import { batch, create } from './build/a.mjs';
const model = await create({ seed: 1 });
export const shape: readonly [number, 1] = (await model.forward({ x: new Float32Array(2 * batch) })).output.shape;
`;

const packages = {
  'of CommonJS': '{ "type": "commonjs" }',
  'of modules': '{ "type": "module" }',
  'that does not say': '{}',
};
const targets = ['wasm', 'native', 'gpujs'] as const;

async function compiled(target: string, packageJson: string): Promise<string> {
  const cwd = folderWith({ ...files, 'package.json': packageJson });
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(resolve(programFile(), '../../..'), join(cwd, 'node_modules/nnc'), 'junction');
  const { code, stdout, stderr } = await nnc(['compile', 'a.nn', '--target', target], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^use it: import \{ create \} from "\.\/build\/a\.mjs";$/m);
  return cwd;
}

/** The texts of a folder that TypeScript may read, by path. */
function textsOf(cwd: string, packageJson: string): ReadonlyMap<string, string> {
  const found = readdirSync(join(cwd, 'build')).filter((name) => /\.[mc]?[jt]s$/.test(name));
  return new Map([
    ['package.json', packageJson],
    ['program.mts', program],
    ...found.map((name) => [`build/${name}`, readFileSync(join(cwd, 'build', name), 'utf8')] as const),
  ]);
}

for (const target of targets)
  describe.skipIf(target === 'native' && lacksCompiler)(`a module for ${target}`, () => {
    it.each(Object.entries(packages))('is imported in a package %s', async (_, packageJson) => {
      const cwd = await compiled(target, packageJson);
      for (const script of ['use.mjs', 'use.cjs']) {
        const { status, stdout, stderr } = spawnSync(process.execPath, [script], { cwd, encoding: 'utf8' });
        expect({ script, status, stdout, stderr }).toEqual({
          ...{ script, status: 0, stdout: '2 2,1\n', stderr: '' },
        });
      }
      const texts = textsOf(cwd, packageJson);
      expect(typeErrorsIn(texts, initialOptions)).toEqual([]);
      const bundled = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };
      expect(typeErrorsIn(texts, { ...initialOptions, ...bundled })).toEqual([]);
    });

    it('is what its declarations say', async () => {
      const cwd = await compiled(target, '{ "type": "module" }');
      const list = `for (const name of ['a.mjs', 'a.js'])
  import('./build/' + name).then((module) => console.log(Object.keys(module).sort().join()));`;
      const { stdout } = spawnSync(process.execPath, ['-e', list], { cwd, encoding: 'utf8' });
      const declarations = readFileSync(join(cwd, 'build/a.d.mts'), 'utf8');
      const declared = [...declarations.matchAll(/^export declare (?:const|function) (\w+)/gm)].map(
        ([, name]) => name,
      );
      const names = declared.sort().join();
      expect(names).toBe('batch,create,specification');
      expect(stdout).toBe(`${names}\n${names}\n`);
    });
  });
