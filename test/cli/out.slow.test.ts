// What stands at the path of --out: a link stays a link, a file keeps its mode, a pipe and a device get the bytes and stay what they are.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacksPermissions } from '../support/facilities.ts';
import { folderWith, nnc, nncHere } from './program.ts';

const text = `model M {
  input  x: [2]
  target y: [1]
  net { Linear(1) }
  loss      MSE
  optimizer SGD(lr = 0.1)
}
`;
const graph = (out: string) => ['graph', 'm.nn', '--format', 'dot', '--out', out];

describe.skipIf(lacksPermissions)('--out', () => {
  it('follows links, also to what is not there yet', async () => {
    const cwd = folderWith({ 'm.nn': text, 'real.dot': 'old', 'sub/keep': '' });
    symlinkSync('real.dot', join(cwd, 'link.dot'));
    symlinkSync('sub/new.dot', join(cwd, 'dangling.dot'));
    for (const name of ['link.dot', 'dangling.dot'])
      expect((await nncHere(graph(name), { cwd })).code).toBe(0);
    expect(readlinkSync(join(cwd, 'link.dot'))).toBe('real.dot');
    expect(readFileSync(join(cwd, 'real.dot'), 'utf8')).toMatch(/^digraph/);
    expect(readlinkSync(join(cwd, 'dangling.dot'))).toBe('sub/new.dot');
    expect(readFileSync(join(cwd, 'sub/new.dot'), 'utf8')).toMatch(/^digraph/);
  });

  it('keeps modes', async () => {
    const cwd = folderWith({ 'm.nn': text, 'private.dot': 'old', 'build/m.safetensors': 'old' });
    chmodSync(join(cwd, 'private.dot'), 0o600);
    chmodSync(join(cwd, 'build/m.safetensors'), 0o640);
    expect((await nncHere(graph('private.dot'), { cwd })).code).toBe(0);
    expect(statSync(join(cwd, 'private.dot')).mode & 0o777).toBe(0o600);
    expect((await nncHere(['export', '--initial', '--format', 'safetensors'], { cwd })).code).toBe(0);
    expect(statSync(join(cwd, 'build/m.safetensors')).mode & 0o777).toBe(0o640);
  });

  it('follows no link in a folder that the user did not name', async () => {
    const cwd = folderWith({ 'm.nn': text, precious: 'mine', 'build/keep': '' });
    symlinkSync('../precious', join(cwd, 'build/m.safetensors'));
    expect((await nncHere(['export', '--initial', '--format', 'safetensors'], { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, 'precious'), 'utf8')).toBe('mine');
    expect(lstatSync(join(cwd, 'build/m.safetensors')).isFile()).toBe(true);
  });

  it('writes into a pipe', async () => {
    const cwd = folderWith({ 'm.nn': text });
    const pipe = join(cwd, 'pipe.dot');
    execFileSync('mkfifo', [pipe]);
    const writing = nnc(graph('pipe.dot'), { cwd });
    const read = execFileSync('timeout', ['60', 'cat', pipe], { encoding: 'utf8' });
    expect(read).toMatch(/^digraph/);
    expect((await writing).code).toBe(0);
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  it('adds to what a process has open', async () => {
    const cwd = folderWith({ 'm.nn': text, log: 'before\n' });
    const script = `exec 7>>log; exec "$@" --out /proc/self/fd/7`;
    const { programFile } = await import('./program.ts');
    execFileSync('sh', ['-c', script, 'sh', process.execPath, programFile(), ...graph('x').slice(0, -2)], {
      cwd,
      stdio: 'ignore',
    });
    expect(readFileSync(join(cwd, 'log'), 'utf8')).toMatch(/^before\ndigraph/);
  });

  it('takes no pipe for a checkpoint, and says so before anything is trained', async () => {
    const data = 'data csv("t.csv", target = "y")\n  train { epochs = 1  batch = 2 }\n}';
    const rows = 'a,b,y\n1,2,3\n2,3,4\n3,4,5\n4,5,6\n';
    const cwd = folderWith({ 'm.nn': text.replace(/}\n$/, data), 't.csv': rows });
    const pipe = join(cwd, 'pipe.safetensors');
    execFileSync('mkfifo', [pipe]);
    const { code, stderr } = await nnc(['train', 'm.nn', '--out', pipe], { cwd });
    expect([code, stderr]).toEqual([
      74,
      expect.stringContaining('it is a pipe or a device, and this takes a file'),
    ]);
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  it('trains into the file that a link leads to', async () => {
    const data = 'data csv("t.csv", target = "y")\n  train { epochs = 1  batch = 2 }\n}';
    const rows = 'a,b,y\n1,2,3\n2,3,4\n3,4,5\n4,5,6\n';
    const cwd = folderWith({ 'm.nn': text.replace(/}\n$/, data), 't.csv': rows, 'sub/keep': '' });
    writeFileSync(join(cwd, 'sub/real.safetensors'), '', { mode: 0o600 });
    symlinkSync('sub/real.safetensors', join(cwd, 'w.safetensors'));
    const { code, stderr } = await nnc(['train', 'm.nn', '--out', 'w.safetensors'], { cwd });
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    expect(readlinkSync(join(cwd, 'w.safetensors'))).toBe('sub/real.safetensors');
    const { size, mode } = statSync(join(cwd, 'sub/real.safetensors'));
    expect([size > 100, mode & 0o777]).toEqual([true, 0o600]);
  });
});
