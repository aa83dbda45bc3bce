import { describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts';
import { findRun } from '../../src/run-folders/find-run.ts';

const run = (model: string, time: string, name?: string) => ({
  id: `${model}/${time}`,
  path: `runs/${model}/${time}`,
  time,
  label: name === undefined ? {} : { name },
});
const all = [
  run('points', '2026-01-01_10-00-00', 'wide'),
  run('points', '2026-01-02_10-00-00'),
  run('trees', '2026-01-03_10-00-00', 'last but one'),
];

const found = (name: string) => findRun(name, all, 'Nothing yet.').id;

/** The help of the refusal. */
const refused = (name: string, runs = all) => {
  try {
    return findRun(name, runs, 'Nothing yet.');
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    const [first] = error.diagnostics;
    return first?.code === 'run.unknown' && 'help' in first.args ? first.args.help : first?.code;
  }
};

describe('a run', () => {
  it.each([
    ['wide', 'points/2026-01-01_10-00-00'],
    ['last but one', 'trees/2026-01-03_10-00-00'],
    ['last', 'trees/2026-01-03_10-00-00'],
    ['2026-01-02_10-00-00', 'points/2026-01-02_10-00-00'],
    ['2026-01-02', 'points/2026-01-02_10-00-00'],
    ['points/2026-01-02', 'points/2026-01-02_10-00-00'],
    ['runs/points/2026-01-02_10-00-00/', 'points/2026-01-02_10-00-00'],
    ['./runs/points/2026-01-02_10-00-00', 'points/2026-01-02_10-00-00'],
  ])('is found as %s', (name, id) => {
    expect(found(name)).toBe(id);
  });

  it('that is not there is refused with what may be meant', () => {
    expect(refused('wied')).toBe('Did you mean `wide`?');
    expect(refused('2026-01-02_10-00-01')).toContain('Did you mean');
    expect(refused('2026-01')).toBe(
      'It may be points/2026-01-01_10-00-00, points/2026-01-02_10-00-00, trees/2026-01-03_10-00-00.',
    );
    expect(refused('something else')).toBe('`nnc runs` lists them.');
    expect(refused('')).toBe('`nnc runs` lists them.');
    expect(refused('wide', [])).toBe('Nothing yet.');
  });
});
