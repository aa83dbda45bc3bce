import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRuns } from '../../src/run-folders/compare-runs.ts';
import { listRuns } from '../../src/run-folders/list-runs.ts';
import { summarizeRun } from '../../src/run-folders/run-summary.ts';
import { showLine, type MetricLine } from '../../src/train/logs/metric-lines.ts';
import { folderWith, nncHere } from '../cli/program.ts';

const epoch = (number: number, loss: number, accuracy: number): MetricLine => ({
  kind: 'epoch',
  step: 10 * number,
  epoch: number,
  time: number,
  loss,
  metrics: new Map([['accuracy', accuracy]]),
  validation: { examples: 5, loss: 2 * loss, metrics: new Map([['accuracy', accuracy / 2]]) },
  seconds: 1.5,
  samples_per_second: 1000 * number,
  best: true,
});

const metrics = (...lines: readonly MetricLine[]) =>
  [{ kind: 'start', step: 0, time: 0, epochs: 3, steps_per_epoch: 10, batch: 4 } as const, ...lines]
    .map(showLine)
    .join('');

const config = (lr: string) =>
  JSON.stringify({
    target: 'wasm',
    mode: 'wasm, 2 threads',
    begun: '2026-03-01T14:05:09Z',
    settings: { epochs: 3, batch: 4, seed: 1 },
    parameters: 42,
    about: { overrides: { lr }, program: 'model A {\n}' },
  });

/** Runs in every state that a folder can be in. */
function someRuns(): string {
  return folderWith({
    'runs/digits/2026-01-01_00-00-01/config.json': config('0.1'),
    'runs/digits/2026-01-01_00-00-01/metrics.jsonl': metrics(
      epoch(1, 2, 0.5),
      epoch(2, 1, 0.8),
      epoch(3, 1.5, 0.7),
      {
        kind: 'test',
        step: 30,
        time: 4,
        state: 'last',
        result: { examples: 5, loss: 1.25, metrics: new Map([['accuracy', 0.75]]) },
      },
    ),
    'runs/digits/2026-01-01_00-00-01/run.json': JSON.stringify({ ended: 'completed', epochs: 3 }),
    'runs/digits/2026-01-01_00-00-02/config.json': config('0.2'),
    'runs/digits/2026-01-01_00-00-02/metrics.jsonl': metrics(epoch(1, 3, 0.4)),
    'runs/digits/2026-01-01_00-00-03/config.json': '{"settings":',
    'runs/digits/2026-01-01_00-00-04/nothing.txt': 'of a run',
    'runs/letters/2026-01-01_00-00-05/run.json': JSON.stringify({
      interrupted: true,
      epochs: 2,
      steps: 20,
      test: { loss: 0.5, accuracy: 0.9, examples: 10, confusion: [1, 2] },
    }),
    'runs/notes.txt': 'no model',
  });
}

describe('the runs below runs/', () => {
  it('are listed with what their files say', async () => {
    const folder = someRuns();
    const runs = await listRuns(join(folder, 'runs'));
    expect(runs.map(({ id, state }) => [id, state])).toEqual([
      ['digits/2026-01-01_00-00-01', 'completed'],
      ['digits/2026-01-01_00-00-02', 'running'],
      ['digits/2026-01-01_00-00-03', 'damaged'],
      ['digits/2026-01-01_00-00-04', 'damaged'],
      ['letters/2026-01-01_00-00-05', 'interrupted'],
    ]);
    const [first, , , , last] = runs;
    expect(first).toMatchObject({
      epochs: 3,
      plannedEpochs: 3,
      steps: 30,
      mode: 'wasm, 2 threads',
      parameters: 42,
      seconds: 4.5,
      samplesPerSecond: 3000,
      faults: [],
    });
    expect(first?.progress).toEqual(
      new Map([
        ['loss', { last: 1.5, best: 1 }],
        ['accuracy', { last: 0.7, best: 0.8 }],
        ['validation_loss', { last: 3, best: 2 }],
        ['validation_accuracy', { last: 0.35, best: 0.4 }],
      ]),
    );
    expect(first?.test).toEqual(
      new Map([
        ['loss', 1.25],
        ['accuracy', 0.75],
      ]),
    );
    expect(last?.test).toEqual(
      new Map([
        ['loss', 0.5],
        ['accuracy', 0.9],
      ]),
    );
    expect(await listRuns(join(folder, 'nowhere'))).toEqual([]);
  });

  it('that have been silent for long are no longer running', async () => {
    const folder = join(someRuns(), 'runs');
    const now = Date.now();
    const state = async (at: number) =>
      (await summarizeRun(folder, 'digits', '2026-01-01_00-00-02', at)).state;
    expect(await state(now)).toBe('running');
    expect(await state(now + 3_600_000)).toBe('unfinished');
  });

  it('that only tested rates are told apart from those that are damaged', async () => {
    const folder = folderWith({ 'runs/digits/one/find-lr.json': '{}', 'runs/digits/one/find-lr.svg': '' });
    expect(await listRuns(join(folder, 'runs'))).toMatchObject([{ state: 'range test', faults: [] }]);
  });

  it('are listed whatever their files hold', async () => {
    const names = ['config.json', 'run.json', 'metrics.jsonl'] as const;
    const deep = (open: string, close: string) => open.repeat(5000) + close.repeat(5000);
    const wrong = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(
        deep('[', ']'),
        `{"settings":${deep('{"a":', '}')}`,
        '{"settings":{"__proto__":1}}',
        'null',
        '7',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.tuple(wrong, wrong, wrong), async (texts) => {
        const folder = join(someRuns(), 'runs');
        names.forEach((name, i) =>
          writeFileSync(join(folder, 'digits/2026-01-01_00-00-01', name), texts[i] ?? ''),
        );
        const runs = await listRuns(folder, 'digits');
        expect(runs).toHaveLength(4);
        expect(() => JSON.stringify(compareRuns(runs).settings)).not.toThrow();
      }),
      { numRuns: 60 },
    );
  });

  it('are folders: a link that leads elsewhere is none', async () => {
    const folder = someRuns();
    mkdirSync(join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'runs/digits/link'));
    expect((await listRuns(join(folder, 'runs'))).map(({ time }) => time)).not.toContain('link');
  });

  it('side by side show the settings that differ, and the results of all', async () => {
    const [a, b] = await listRuns(join(someRuns(), 'runs'), 'digits');
    const { settings, alike, results } = compareRuns(a && b ? [a, b] : []);
    expect(settings).toEqual([{ name: 'overrides', values: [{ lr: '0.1' }, { lr: '0.2' }] }]);
    expect(alike).toBe(6);
    expect(results.find(({ name }) => name === 'best loss')?.values).toEqual([1, 3]);
    expect(results.find(({ name }) => name === 'test_accuracy')?.values).toEqual([0.75, null]);
  });
});

describe('nnc runs', () => {
  it('lists runs by model, the damaged with what is wrong', async () => {
    const cwd = someRuns();
    const long = new Date(0);
    utimesSync(join(cwd, 'runs/digits/2026-01-01_00-00-02/metrics.jsonl'), long, long);
    utimesSync(join(cwd, 'runs/digits/2026-01-01_00-00-02/config.json'), long, long);
    const { code, stdout } = await nncHere(['runs'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^digits\nrun +state +epochs +loss +best +validation_loss/);
    expect(stdout).toMatch(
      /^2026-01-01_00-00-01 +completed +3\/3 +1\.500 +1\.000 .* 75\.00 % +4\.5 s +3,000$/m,
    );
    expect(stdout).toMatch(/^2026-01-01_00-00-02 +unfinished +1\/3 /m);
    expect(stdout).toMatch(/^ {2}2026-01-01_00-00-03: config\.json: it is not JSON$/m);
    expect(stdout).toMatch(/^ {2}2026-01-01_00-00-04: it holds nothing that a run writes$/m);
    expect(stdout).toMatch(/^letters$/m);
  });

  it('--json gives the same as data', async () => {
    const { stdout } = await nncHere(['runs', 'digits', '--json'], { cwd: someRuns() });
    const { runs } = JSON.parse(stdout) as { runs: { id: string; progress: object; test: object }[] };
    expect(runs).toHaveLength(4);
    expect(runs[0]).toMatchObject({
      id: 'digits/2026-01-01_00-00-01',
      progress: { validation_accuracy: { last: 0.35, best: 0.4 } },
      test: { accuracy: 0.75 },
    });
  });

  it('compares runs by place, by time and by `last`', async () => {
    const cwd = someRuns();
    const names = ['digits/2026-01-01_00-00-01', '2026-01-01_00-00-02', 'last'];
    const { code, stdout } = await nncHere(['runs', 'compare', ...names], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^result .*digits\/2026-01-01_00-00-01 .*letters\/2026-01-01_00-00-05$/m);
    expect(stdout).toMatch(/^best loss +1\.000 +3\.000 +–$/m);
    expect(stdout).toMatch(/^overrides +\{"lr":"0\.1"\} +\{"lr":"0\.2"\} +–$/m);
    const json = await nncHere(['runs', 'compare', ...names.slice(0, 2), '--json'], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({
      settings: { overrides: [{ lr: '0.1' }, { lr: '0.2' }] },
      results: { loss: [1.5, 3] },
    });
  });

  it('says what it does not find, and what was meant', async () => {
    const cwd = someRuns();
    const failing = async (...words: readonly string[]) => {
      const { code, stderr } = await nncHere(['runs', ...words], { cwd });
      expect(code).toBe(2);
      return stderr;
    };
    expect(await failing('digit')).toContain('Did you mean `digits`?');
    expect(await failing('compare', 'last')).toContain('two runs or more');
    expect(await failing('compare', 'last', '2026')).toContain('It may be digits/');
    expect(await failing('compare', 'last', 'digits/2026-01-01_00-00-09')).toContain('Did you mean');
    const empty = await nncHere(['runs'], { cwd: folderWith({}) });
    expect([empty.code, empty.stdout]).toEqual([0, '']);
    expect(empty.stderr).toContain('Nothing was trained into runs yet.');
  });

  it('shows names as text, whatever is in them', async () => {
    const cwd = folderWith({ 'runs/a\u001b[31m/b\u202e/run.json': '{}' });
    const { stdout } = await nncHere(['runs'], { cwd });
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
    expect(stdout).toContain('a<U+001B>[31m');
  });
});
