import { describe, expect, it } from 'vitest';
import { folderWith, nnc, nncHere } from './program.ts';

const here = () => ({ cwd: folderWith({}) });

describe('nnc', () => {
  it('lists its commands and exit codes', async () => {
    const { code, stdout } = await nnc(['--help'], here());
    expect(code).toBe(0);
    for (const command of ['check', 'compile', 'train', 'summary', 'grad', 'fmt'])
      expect(stdout).toContain(`nnc ${command}`);
    expect(stdout).toContain('3 diverged');
  });

  it('says its version', async () => {
    const { code, stdout } = await nnc(['--version'], here());
    expect([code, stdout]).toEqual([0, '0.1.0\n']);
  });

  it('shows the help on stderr where no command is given', async () => {
    const { code, stdout, stderr } = await nnc([], here());
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('nnc train');
  });

  it('exits with 2 and no stack trace', async () => {
    const { code, stdout, stderr } = await nnc(['trian'], here());
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe('error[command.unknown]: nnc has no command "trian"\nhelp: Did you mean `train`?\n');
  });

  it.each<readonly [string, readonly string[], string]>([
    [
      'a command',
      ['trian'],
      'error[command.unknown]: nnc has no command "trian"\nhelp: Did you mean `train`?\n',
    ],
    ['a command far from any', ['x'], 'help: The commands are init, check, compile, train, '],
    [
      'an option',
      ['train', '--epoch', '3'],
      '`nnc train` has no option --epoch\nhelp: Write it as `nnc train --epochs 3`.\n',
    ],
    ['the beginning of an option', ['train', '--limit', '3'], 'help: Did you mean `--limit-batches`?\n'],
    [
      'a short option',
      ['train', '-x'],
      '`nnc train` has no option -x\nhelp: `nnc train --help` lists the options.\n',
    ],
    ['an option of another command', ['check', '--json'], '`nnc check` has no option --json'],
    [
      'a time without a unit',
      ['train', '--max-time', '10'],
      '--max-time takes a time such as 90s, 10m or 1h30m, but was given "10"',
    ],
    ['a time of nothing', ['train', '--max-time', '0s'], '--max-time takes a time such as'],
    ['a negated flag', ['train', '--no-json'], '`nnc train` has no option --no-json'],
    ['an option without a command', ['--epochs', '3'], '`nnc` has no option --epochs'],
    [
      'a surplus argument',
      ['summary', 'a.nn', 'b.nn'],
      '`nnc summary` was given "b.nn", which is one argument too many',
    ],
    ['a missing argument', ['grad', 'a.nn'], '`nnc grad` needs json'],
    ['a missing value', ['train', '--epochs'], '--epochs takes a value, but was given nothing'],
    ['a value of a flag', ['train', '--json=5'], '--json takes no value, but was given "5"'],
    [
      'a number that is none',
      ['train', '--epochs', 'many'],
      '--epochs takes a whole number of at least 1, but was given "many"',
    ],
    [
      'a number too small',
      ['train', '--batch', '-1'],
      '--batch takes a whole number of at least 1, but was given "-1"',
    ],
    [
      'a number with a point',
      ['train', '--seed=1.5'],
      '--seed takes a whole number of at least 0, but was given "1.5"',
    ],
    ['a number too large', ['train', '--seed=9007199254740993'], '--seed takes a whole number'],
    [
      'a share of one',
      ['train', '--validation=1'],
      '--validation takes a number from 0 up to, but not including, 1',
    ],
    ['a setting without a value', ['train', '--set', 'lr'], '--set takes key=value, but was given "lr"'],
    ['a choice', ['train', '--mode', 'webgp'], '--mode was given "webgp"\nhelp: Did you mean `webgpu`?\n'],
  ])('refuses %s', async (_, words, message) => {
    const { code, stdout, stderr } = await nncHere(words, here());
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
