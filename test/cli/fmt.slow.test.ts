import { chmodSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderWith, nncHere as nnc } from './program.ts';

const neat = `layer Twice (x: [...]) {
  return 2 * x
}
`;
const untidy = 'layer Twice(x:[...]){\n     return 2*x\n}';

it('nnc fmt lays files out and keeps their permissions', async () => {
  const cwd = folderWith({ 'a.nn': untidy, 'models/b.nn': neat });
  chmodSync(join(cwd, 'a.nn'), 0o640);
  const checked = await nnc(['fmt', '--check'], { cwd });
  expect([checked.code, checked.stdout]).toEqual([2, 'a.nn is laid out otherwise\n']);
  expect(readFileSync(join(cwd, 'a.nn'), 'utf8')).toBe(untidy);

  const { code, stdout, stderr } = await nnc(['fmt'], { cwd });
  expect([code, stdout, stderr]).toEqual([0, 'a.nn laid out\n', '']);
  expect(readFileSync(join(cwd, 'a.nn'), 'utf8')).toBe(neat);
  expect(statSync(join(cwd, 'a.nn')).mode & 0o777).toBe(0o640);
  expect((await nnc(['fmt', '--check'], { cwd })).code).toBe(0);
});

it('nnc fmt leaves a file with mistakes, and a link out of the folder, as they are', async () => {
  const elsewhere = folderWith({ 'c.nn': untidy });
  const cwd = folderWith({ 'a.nn': 'layer {', 'b.nn': untidy });
  symlinkSync(join(elsewhere, 'c.nn'), join(cwd, 'c.nn'));
  const { code, stdout, stderr } = await nnc(['fmt'], { cwd });
  expect([code, stdout]).toEqual([2, 'b.nn laid out\n']);
  expect(stderr).toContain('a.nn:1:');
  expect(stderr).toContain('c.nn is a link out of this folder');
  expect(readFileSync(join(cwd, 'a.nn'), 'utf8')).toBe('layer {');
  expect(readFileSync(join(elsewhere, 'c.nn'), 'utf8')).toBe(untidy);
});
