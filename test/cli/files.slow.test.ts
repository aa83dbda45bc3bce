import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith, nncHere as nnc } from './program.ts';

const model = (name: string) => `model ${name} {
  input  x: [2]
  target y: [1]
  net { Linear(1) }
  loss      MSE
  optimizer SGD(lr = 0.1)
}
`;

describe('the file to work on', () => {
  it('is the only model of the folder and of models/, whatever else lies there', async () => {
    const cwd = folderWith({
      'models/only.nn': model('Only'),
      'layers.nn': 'layer Twice (x: [...]) { return 2 * x }\n',
      'notes.txt': 'model Not { }',
    });
    const { code, stdout, stderr } = await nnc(['summary'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Only (only.nn)');
  });

  it('is to be chosen where there are several', async () => {
    const cwd = folderWith({ 'a.nn': model('A'), 'models/b.nn': model('B') });
    const { code, stderr } = await nnc(['summary'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toBe(
      'error[file.several]: 2 files here hold a model\nhelp: Name one of them: a.nn, models/b.nn.\n',
    );
  });

  it('is to be named where there is none', async () => {
    const { code, stderr } = await nnc(['train'], { cwd: folderWith({ 'layers.nn': '// nothing yet\n' }) });
    expect(code).toBe(2);
    expect(stderr).toContain('help: Name a file: `nnc train FILE.nn`.');
  });

  it('has to exist', async () => {
    const { code, stderr } = await nnc(['summary', 'lenet.nn'], {
      cwd: folderWith({ 'lenets.nn': model('A') }),
    });
    expect(code).toBe(2);
    expect(stderr).toBe('error[file.missing]: there is no file lenet.nn\nhelp: Did you mean `lenets.nn`?\n');
  });

  it('is no folder', async () => {
    const { code, stderr } = await nnc(['summary', 'models'], {
      cwd: folderWith({ 'models/a.nn': model('A') }),
    });
    expect([code, stderr]).toEqual([2, 'error[file.folder]: models is a folder, not a file\n']);
  });

  it('is read no further than 10 MiB', async () => {
    const cwd = folderWith({ 'large.nn': Buffer.alloc(10 * 2 ** 20 + 1, ' ') });
    const { code, stderr } = await nnc(['check', 'large.nn'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('error[source.too-large]: large.nn');
    const endless = await nnc(['check', '/dev/zero'], { cwd });
    expect(endless.code).toBe(2);
    expect(endless.stderr).toContain('error[source.too-large]: /dev/zero');
  });

  it('may have any name that a file can have', async () => {
    // Object.fromEntries sets `__proto__` like any other key
    const names = [
      '__proto__.nn',
      'constructor.nn',
      '-x.nn',
      '...nn',
      '.nn',
      'a\'b"c.nn',
      '${process.exit(9)}.nn',
      '*⁄.nn',
      'line\nbreak.nn',
      'bell\u0007\u001b[31m.nn',
      'right\u202eleft.nn',
      `${'long'.repeat(60)}.nn`,
    ];
    const cwd = folderWith(Object.fromEntries(names.map((name) => [name, model('A')])));
    const all = await nnc(['check'], { cwd });
    expect([all.code, all.stderr]).toEqual([0, '']);
    expect(all.stdout.split('\n')).toHaveLength(names.length + 1);
    const chosen = await nnc(['check', '--', ...names], { cwd });
    expect([chosen.code, chosen.stdout.length]).toEqual([0, all.stdout.length]);
    for (const name of ['bell\u0007\u001b[31m.nn', 'right\u202eleft.nn', '/dev/null/x.nn', 'nul\nline.nn']) {
      const { code, stdout, stderr } = await nnc(['check', '--', `no-${name}`], { cwd });
      expect([name, code, stdout]).toEqual([name, 2, '']);

      expect(stdout + stderr).not.toMatch(/[\u0007\u001b\u202e]/);
    }
  });
});

describe('nnc compile', () => {
  it('stays inside the folder, whatever links lie there', async () => {
    const elsewhere = folderWith({});
    const cwd = folderWith({ 'a.nn': model('A') });
    symlinkSync(elsewhere, join(cwd, 'build'));
    const { code, stderr } = await nnc(['compile'], { cwd });
    expect(code).toBe(74);
    expect(stderr).toContain('build is a link that leads out of this folder');
  });
});
