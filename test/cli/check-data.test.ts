// `nnc check` says that data was not looked at; `--data` looks, and tells every fault with its line.
import { describe, expect, it } from 'vitest';
import { folderWith, nncHere } from './program.ts';

const model = (name: string, file: string, batch = 2) => `model ${name} {
  input  x: [1]
  target y: [1]
  net { Linear(1) }
  loss      MSE
  optimizer SGD(lr = 0.1)
  data  csv("${file}", target = "y")
  train { epochs = 1  batch = ${batch} }
}
`;
const table = 'a,y\n1,2\n2,3\n3,4\n';

describe('nnc check', () => {
  it('says that data was not looked at, where there is any', async () => {
    const bare = model('B', 't.csv').replace(/ {2}data.*\n/, '');
    const cwd = folderWith({ 'a.nn': model('A', 'nowhere.csv'), 'b.nn': bare });
    const { code, stdout } = await nncHere(['check'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toBe(
      'a.nn: no mistakes; its data was not looked at (--data reads it)\nb.nn: no mistakes\n',
    );
  });

  it('with --data says what it found, for each model', async () => {
    const cwd = folderWith({ 'm.nn': model('A', 't.csv') + model('B', 't.csv'), 't.csv': table });
    const { code, stdout, stderr } = await nncHere(['check', '--data'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.replaceAll(cwd, 'DIR')).toBe(
      'm.nn: no mistakes\n' +
        '  A: csv from DIR/t.csv: 3 examples to train on; [1]\n' +
        '  B: csv from DIR/t.csv: 3 examples to train on; [1]\n',
    );
  });

  it('with --data tells all faults, with their lines and the line of the model', async () => {
    const cwd = folderWith({ 'm.nn': model('A', 't.csv'), 't.csv': 'a,y\nNA,2\n2,x\n3\n4,5\n' });
    const { code, stdout, stderr } = await nncHere(['check', '--data'], { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('error[data.rows]');
    expect(stderr).toContain('t.csv has 3 faults:\n  line 2: the column `a` is "NA"');
    expect(stderr).toContain('\n  line 3: the column `y` is "x"');
    expect(stderr).toContain('\n  line 4: it has 1 cells, and the first row 2');
    expect(stderr).toContain('--> m.nn:7:3');
  });

  it('with --data tells what does not suit the model, and too few examples for a batch', async () => {
    const wide = folderWith({ 'm.nn': model('A', 't.csv'), 't.csv': 'a,b,y\n1,2,3\n' });
    expect((await nncHere(['check', '--data'], { cwd: wide })).stderr).toContain('`input x: [2]` takes them');
    const few = folderWith({ 'm.nn': model('A', 't.csv', 9), 't.csv': table });
    const { code, stderr } = await nncHere(['check', '--data'], { cwd: few });
    expect([code, stderr]).toEqual([2, expect.stringContaining('fewer than one batch of 9')]);
  });

  it('with --data-root looks there too', async () => {
    const cwd = folderWith({ 'm.nn': model('A', 't.csv'), 'sets/t.csv': table });
    expect((await nncHere(['check', '--data'], { cwd })).code).toBe(2);
    expect((await nncHere(['check', '--data-root', 'sets'], { cwd })).code).toBe(0);
  });
});
