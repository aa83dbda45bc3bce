// Imports of other files and of npm packages, in folders made for the purpose.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { diagnose } from '../std/run-program.ts';
import { model, stored } from './models.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nn-imports-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const block = 'layer Block(width: int) (x: [D]) { x -> Linear(width, bias = false) -> ReLU }';

function using(imports: string, net: string): { text: string; path: string } {
  return { text: model(`net { ${net} }`, { definitions: imports }), path: join(folder, 'main.nn') };
}

function storedBy(imports: string, net: string): string[] {
  const { text, path } = using(imports, net);
  return stored(text, { path });
}

function codesOf(imports: string, net = 'Identity'): string[] {
  const { text, path } = using(imports, net);
  return diagnose(text, { path }).diagnostics.map(({ code }) => code);
}

describe('files', () => {
  test('are found beside the importing file, with or without a dot', () => {
    write({ 'blocks.nn': block });
    for (const path of ['blocks.nn', './blocks.nn'])
      expect(storedBy(`import "${path}"`, 'Block(3)')).toEqual(['block_1.linear_1.W: [3, 4]']);
  });

  test('are found below it, each relative to the file that imports it', () => {
    write({
      'parts/outer.nn':
        'import { Inner } from "deeper/inner.nn"\nlayer Outer (x: [D]) { x -> Inner -> Inner }',
      'parts/deeper/inner.nn': 'layer Inner (x: [D]) { x -> Linear(2, bias = false) }',
    });
    expect(storedBy('import { Outer } from "parts/outer.nn"', 'Outer')).toEqual([
      'outer_1.inner_1.linear_1.W: [2, 4]',
      'outer_1.inner_2.linear_1.W: [2, 2]',
    ]);
  });

  test('give all that they define, or what is named', () => {
    write({ 'blocks.nn': `${block}\nconst width = 3\nloss Other (y: [D], t: [D]) = sum(y - t)` });
    expect(storedBy('import "blocks.nn"', 'Block(width)')).toEqual(['block_1.linear_1.W: [3, 4]']);
    expect(codesOf('import { Block } from "blocks.nn"', 'Block(width)')).toEqual(['name.unknown']);
    expect(codesOf('import { Block, Blick } from "blocks.nn"', 'Block(3)')).toEqual(['import.name']);
  });

  test('do not pass on what they import themselves', () => {
    write({ 'blocks.nn': block, 'between.nn': 'import "blocks.nn"\nlayer Two (x: [D]) { x -> Block(2) }' });
    expect(storedBy('import "between.nn"', 'Two')).toEqual(['two_1.block_1.linear_1.W: [2, 4]']);
    expect(codesOf('import "between.nn"', 'Block(2)')).toEqual(['name.unknown']);
  });

  test('see their own constants, not the importing file’s', () => {
    write({ 'sized.nn': 'const width = 2\nlayer Sized (x: [D]) { x -> Linear(width, bias = false) }' });
    expect(storedBy('import { Sized } from "sized.nn"\nconst width = 9', 'Sized')).toEqual([
      'sized_1.linear_1.W: [2, 4]',
    ]);
  });

  test('may replace what the library defines, for the file that imports them', () => {
    write({ 'own.nn': 'layer ReLU (x: [D]) { param slope: [D] = zeros  return max(x, slope * x) }' });
    expect(storedBy('import { ReLU } from "own.nn"', 'ReLU')).toEqual(['relu_1.slope: [4]']);
  });

  test('are read once, however often they are imported', () => {
    write({
      'blocks.nn': block,
      'a.nn': 'import "blocks.nn"\nlayer A (x: [D]) { x -> Block(2) }',
      'b.nn': 'import "blocks.nn"\nlayer B (x: [D]) { x -> Block(3) }',
    });
    expect(storedBy('import "a.nn"\nimport "b.nn"\nimport "blocks.nn"', 'A B Block(4)')).toHaveLength(3);
  });

  test('their errors are found, and said once', () => {
    write({ 'blocks.nn': 'layer Block (x: [D]) { x -> Liner(3) }' });
    expect(codesOf('import "blocks.nn"', 'Block Block')).toEqual(['name.unknown']);
    write({ 'broken.nn': 'layer Block (x: [D]) { x -> Linear(3' });
    expect(codesOf('import "broken.nn"', 'Block')[0]).toBe('syntax.unexpected');
  });

  test('cannot lie outside, by whatever way', () => {
    write({ 'inside/main.nn': '', 'secret.nn': block, 'inside-other/secret.nn': block });
    symlinkSync(join(folder, 'secret.nn'), join(folder, 'inside', 'link.nn'));
    const from = (path: string) =>
      diagnose(model('net { Block(3) }', { definitions: `import "${path}"` }), {
        path: join(folder, 'inside', 'main.nn'),
      }).diagnostics.map(({ code }) => code);
    expect(from('../secret.nn')).toEqual(['import.outside']);
    // a folder whose name begins as its own does
    expect(from('../inside-other/secret.nn')).toEqual(['import.outside']);
    expect(from('./../secret.nn')).toEqual(['import.outside']);
    expect(from(join(folder, 'secret.nn'))).toEqual(['import.outside']);
    expect(from('link.nn')).toEqual(['import.outside']);
  });

  test('must be plain files of a source’s size: nothing large is read', () => {
    const unusable = (path: string, reason: string) => {
      const { text, path: main } = using(`import "${path}"`, 'Identity');
      const [found] = diagnose(text, { path: main }).diagnostics;
      expect(`${found?.code}: ${JSON.stringify(found?.args)}`).toContain(reason);
      expect(found?.span?.source.text).toBe(text);
    };
    mkdirSync(join(folder, 'folder.nn'));
    unusable('folder.nn', 'it is a folder');
    symlinkSync('loop.nn', join(folder, 'loop.nn'));
    unusable('./loop.nn', 'import.missing');
    // Sparse: it takes no room on the disk, and what reads it whole takes 3 GiB and fails.
    write({ 'large.nn': '' });
    truncateSync(join(folder, 'large.nn'), 3 * 2 ** 30);
    unusable('large.nn', `"size":${3 * 2 ** 30}`);
    truncateSync(join(folder, 'large.nn'), 10 * 2 ** 20 + 1);
    unusable('large.nn', 'source.too-large');
  });
});

describe('packages', () => {
  test('are found where npm installs them', () => {
    write({
      'node_modules/some-blocks/package.json': '{ "name": "some-blocks", "version": "1.0.0" }',
      'node_modules/some-blocks/blocks.nn': block,
      'node_modules/@scope/more/package.json':
        '{ "name": "@scope/more", "version": "1.0.0", "exports": { "./more.nn": "./lib/more.nn" } }',
      'node_modules/@scope/more/lib/more.nn':
        'import "parts/part.nn"\nlayer More (x: [D]) { x -> Part -> Part }',
      'node_modules/@scope/more/lib/parts/part.nn': 'layer Part (x: [D]) { x -> Linear(2, bias = false) }',
    });
    const imports = 'import { Block } from "some-blocks/blocks.nn"\nimport "@scope/more/more.nn"';
    expect(storedBy(imports, 'Block(3) More')).toEqual([
      'block_1.linear_1.W: [3, 4]',
      'more_1.part_1.linear_1.W: [2, 3]',
      'more_1.part_2.linear_1.W: [2, 2]',
    ]);
  });

  test('give no file outside of them, by whatever way', () => {
    write({
      'secret.nn': block,
      'project/main.nn': '',
      'project/node_modules/some-blocks/package.json': '{ "name": "some-blocks", "version": "1.0.0" }',
      'project/node_modules/some-blocks/blocks.nn': block,
      'project/node_modules/other/blocks.nn': block,
    });
    const inside = join(folder, 'project', 'node_modules', 'some-blocks');
    symlinkSync(join(folder, 'secret.nn'), join(inside, 'link.nn'));
    symlinkSync(folder, join(inside, 'up'));
    const from = (path: string) =>
      diagnose(model('net { Block(3) }', { definitions: `import "${path}"` }), {
        path: join(folder, 'project', 'main.nn'),
      }).diagnostics.map(({ code }) => code);
    expect(from('some-blocks/blocks.nn')).toEqual([]);
    expect(from('some-blocks/../../../secret.nn')).toEqual(['import.outside']);
    expect(from('some-blocks/../other/blocks.nn')).toEqual(['import.outside']);
    expect(from('some-blocks/link.nn')).toEqual(['import.outside']);
    expect(from('some-blocks/up/secret.nn')).toEqual(['import.outside']);
    expect(from('node_modules/../../secret.nn')).toEqual(['import.outside']);
  });

  test('may be links to folders elsewhere, as `npm link` makes them, and may name themselves', () => {
    write({
      'elsewhere/package.json': '{ "name": "linked", "version": "1.0.0" }',
      'elsewhere/blocks.nn': block,
      'package.json': '{ "name": "own", "exports": { "./*": "./parts/*" } }',
      'parts/own.nn': block,
      'node_modules/.keep': '',
    });
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'node_modules', 'linked'));
    expect(storedBy('import "linked/blocks.nn"', 'Block(3)')).toHaveLength(1);
    expect(storedBy('import "own/own.nn"', 'Block(3)')).toHaveLength(1);
  });

  test('give .nn files and nothing else', () => {
    write({
      'node_modules/some-code/package.json': '{ "name": "some-code", "version": "1.0.0" }',
      'node_modules/some-code/index.js': 'throw new Error("this must not run")',
    });
    expect(codesOf('import "some-code"')).toEqual(['import.missing']);
    expect(codesOf('import "some-code/index.js"')).toEqual(['import.missing']);
    expect(codesOf('import "no-such-package/x.nn"')).toEqual(['import.missing']);
  });
});

describe('limits', () => {
  test('a chain of files goes 32 deep', () => {
    const files = Array.from({ length: 40 }, (_, i) => [
      `f${i}.nn`,
      `${i < 39 ? `import "f${i + 1}.nn"\n` : ''}layer F${i} (x: [D]) { x -> ${i < 39 ? `F${i + 1}` : 'ReLU'} }`,
    ]);
    write(Object.fromEntries(files) as Record<string, string>);
    expect(codesOf('import "f0.nn"', 'F0')).toEqual(['import.limit']);
    expect(codesOf('import "f20.nn"', 'F20')).toEqual([]);
  });

  test('files that import one another are told so', () => {
    write({ 'a.nn': 'import "b.nn"', 'b.nn': 'import "a.nn"' });
    expect(codesOf('import "a.nn"')).toEqual(['import.cycle']);
    write({ 'self.nn': 'import "self.nn"' });
    expect(codesOf('import "self.nn"')).toEqual(['import.cycle']);
  });
});
