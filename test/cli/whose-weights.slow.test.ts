// Whose weights answer: after a full training, trials and a run that was cut short never do, and every command says which weights it uses.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { points, pointsCsv } from './points.ts';
import { finish, nnc, nncHere, start } from './program.ts';

const cwd = mkdtempSync(join(tmpdir(), 'nnc-whose-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const text = points.replace('seed = 1', 'seed = 1  validation = 0.2');
const write = (model: string) => writeFileSync(join(cwd, 'points.nn'), model);
const train = (...words: readonly string[]) => nnc(['train', '--no-report', ...words], { cwd });
const times = () => readdirSync(join(cwd, 'runs/points')).sort();
/** Without what depends on the machine's speed. */
const lines = (stderr: string) => stderr.replace(/(?:just now|\d+ minutes? ago)/g, 'lately').split('\n');
const weightsLine = (stderr: string) => lines(stderr).find((line) => line.startsWith('weights:'));
const exported = (...words: readonly string[]) =>
  nncHere(['export', '--out', 'build/w.safetensors', ...words], { cwd });

/** The runs' folders, by what they are. */
const run = { full: '', short: '', overfit: '', limited: '', interrupted: '' };
type Run = keyof typeof run;

async function trained(kind: Run, ...words: readonly string[]): Promise<void> {
  const before = new Set(readdirSync(join(cwd, 'runs/points')));
  const { code, stderr } = await train(...words);
  expect([code, stderr.includes('error')]).toEqual([0, false]);
  run[kind] = times().find((time) => !before.has(time)) ?? '';
}

beforeAll(async () => {
  write(text);
  writeFileSync(join(cwd, 'points.csv'), pointsCsv());
  expect((await train('--epochs', '8')).code).toBe(0);
  run.full = times()[0] ?? '';
  await trained('short', '--epochs', '1');
  await trained('overfit', '--overfit', '32');
  await trained('limited', '--limit-batches', '1');
  const before = new Set(times());
  const child = start(['train', '--no-report', '--epochs', '1000000'], { cwd });
  child.stderr.on('data', (shown: string) => {
    if (shown.includes('epoch 1/')) child.kill('SIGINT');
  });
  expect((await finish(child)).code).toBe(130);
  run.interrupted = times().find((time) => !before.has(time)) ?? '';
}, 240_000);

/** A test starts several processes, each of which may wait for the machine. */
const timeout = 240_000;

describe('without a name', { timeout }, () => {
  it('the best complete run answers, and says so', async () => {
    const record = JSON.parse(readFileSync(join(cwd, 'runs/points', run.full, 'run.json'), 'utf8')) as {
      best: { epoch: number; value: number };
    };
    const { epoch, value } = record.best;
    const place = `runs/points/${run.full}/checkpoint-best.safetensors`;
    const { code, stdout, stderr } = await nnc(['eval', '--json'], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      checkpoint: place,
      weights: { run: `points/${run.full}`, name: null, epoch, metric: { name: 'validation_loss', value } },
    });
    expect(lines(stderr)).toEqual([
      `note: the newest run is not used: points/${run.interrupted}, interrupted before its end; --checkpoint ${run.interrupted} uses it`,
      `weights: ${place}, epoch ${epoch}, validation_loss ${value.toPrecision(4)}, lately; the best of 2 runs by validation_loss`,
      '',
    ]);

    writeFileSync(join(cwd, 'new.csv'), 'x,y\n0.5,0.25\n');
    const predicted = await nnc(['predict', 'points.nn', 'new.csv', '--json'], { cwd });
    expect(weightsLine(predicted.stderr)).toBe(weightsLine(stderr));
    expect(JSON.parse(predicted.stdout)).toMatchObject({ weights: { run: `points/${run.full}`, epoch } });
    expect(weightsLine((await exported()).stderr)).toBe(weightsLine(stderr));
  });

  it('a pinned run answers, whatever it is', async () => {
    await nncHere(['runs', 'pin', run.overfit], { cwd });
    try {
      expect(weightsLine((await exported()).stderr)).toMatch(new RegExp(`${run.overfit}/.*; pinned$`));
      expect(weightsLine((await exported('--checkpoint', 'best')).stderr)).toContain(run.full);
    } finally {
      await nncHere(['runs', 'unpin', run.overfit], { cwd });
    }
  });

  it('a run of another net, loss or data is no candidate; of another rate it is', async () => {
    try {
      write(text.replace('Dropout(0.1)', 'Dropout(0.3)'));
      const { code, stderr } = await exported();
      expect(code).toBe(2);
      expect(stderr).toContain('error[run.unfit]: no run of points is taken by itself:');
      expect(stderr).toContain(
        `\n  points/${run.full}: of another model or other data: net: - net { Linear(8) Tanh Dropout(0.1) Linear(2) } + net { Linear(8) Tanh Dropout(0.3) Linear(2) }\n`,
      );
      expect(stderr).toContain(`\n  points/${run.overfit}: trained on 32 examples alone (--overfit)\n`);
      expect(stderr).toContain(`--checkpoint ${run.interrupted} takes that one`);
      const named = await exported('--checkpoint', run.full);
      expect(named.code).toBe(0);
      expect(named.stderr).toContain(
        'warning: the model has changed since these weights were trained:\n  net:\n',
      );
      write(text.replace('"points.csv", ', '"points.csv", normalize = true, '));
      expect((await exported()).stderr).toContain(
        'data: csv("points.csv", target = "kind", test = 0.25) then',
      );
      write(text.replace('width = 8', 'width = 4'));
      expect((await exported()).stderr).toContain('error[run.unfit]');
      expect((await exported('--set', 'width=8')).code).toBe(0);
      write(text.replace('lr = 0.1', 'lr = 0.2'));
      expect((await exported()).code).toBe(0);
    } finally {
      write(text);
    }
  });

  it('data that has changed since is said as it is', async () => {
    write(text.replace('"points.csv", ', '"points.csv", normalize = true, '));
    expect((await train('--epochs', '1', '--out', 'normalized')).code).toBe(0);
    writeFileSync(join(cwd, 'points.csv'), `${pointsCsv()}0.5,0.5,above\n`);
    try {
      const { code, stderr } = await nnc(['eval', '--checkpoint', 'normalized'], { cwd });
      expect([code, weightsLine(stderr)?.includes('normalized/checkpoint-best')]).toEqual([2, true]);
      expect(stderr).toContain('was trained on other data than csv holds now');
      expect(stderr).toContain('Train again on the data as it is now');
      const resumed = await train('--epochs', '2', '--resume', '--out', 'normalized');
      expect([resumed.code, resumed.stderr.includes('`--allow data` goes on')]).toEqual([2, true]);
      const allowed = await train('--epochs', '2', '--resume', '--out', 'normalized', '--allow', 'data');
      expect(allowed.code).toBe(0);
    } finally {
      write(text);
      writeFileSync(join(cwd, 'points.csv'), pointsCsv());
    }
  });
});

describe('--checkpoint', { timeout }, () => {
  it.each<[string, () => string, Run, string]>([
    ['last, the newest run', () => 'last', 'interrupted', 'the newest run: interrupted before its end'],
    ['a run by its time', () => run.short, 'short', 'as named'],
    ['a run by its path', () => `points/${run.short}`, 'short', 'as named'],
    [
      'a run by its folder',
      () => `runs/points/${run.overfit}/`,
      'overfit',
      'as named: trained on 32 examples alone',
    ],
    ['a checkpoint', () => `runs/points/${run.short}/checkpoint-last.safetensors`, 'short', 'as named'],
  ])('takes %s', async (_, given, kind, how) => {
    const { code, stderr } = await exported('--checkpoint', given());
    expect(code).toBe(0);
    const line = weightsLine(stderr);
    expect([line?.includes(run[kind]), line?.includes(`; ${how}`)]).toEqual([true, true]);
  });

  it('takes a run by its name, and knows what is meant', async () => {
    await nncHere(['runs', 'name', run.short, 'first try'], { cwd });
    expect(weightsLine((await exported('--checkpoint', 'first try')).stderr)).toContain(
      '"first try", epoch 1',
    );
    const refused = async (given: string) => {
      const { code, stderr } = await exported('--checkpoint', given);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refused('first tyr')).toContain('Did you mean `first try`?');
    expect(await refused('nowhere.safetensors')).toContain('there is no checkpoint nowhere.safetensors');
    expect(await refused('points.nn')).toContain('points.nn is not a checkpoint');
  });

  it('falls back to another complete run where the best is damaged, and says what is wrong', async () => {
    const folder = join(cwd, 'runs/points', run.full);
    const names = readdirSync(folder).filter((name) => name.endsWith('.safetensors'));
    const kept = names.map((name) => {
      const path = join(folder, name);
      return { path, bytes: readFileSync(path), changed: statSync(path).mtime };
    });
    try {
      for (const { path, bytes } of kept) writeFileSync(path, bytes.subarray(0, bytes.length - 9));
      const { code, stderr } = await exported();
      expect([code, stderr.includes('is cut short')]).toEqual([0, true]);
      expect(weightsLine(stderr)).toContain(run.short);
    } finally {
      for (const { path, bytes, changed } of kept) {
        writeFileSync(path, bytes);
        utimesSync(path, changed, changed);
      }
    }
  });
});

describe('--resume', { timeout }, () => {
  it('goes on with the run that was cut short, not with a trial that is newer', async () => {
    await trained('overfit', '--overfit', '16');
    const dry = await train('--dry-run', '--resume');
    expect(dry.code).toBe(0);
    expect(dry.stderr).toContain(
      `note: the newest run is not resumed: points/${run.overfit}, trained on 16 examples alone (--overfit); --out runs/points/${run.overfit} resumes it`,
    );
    expect(weightsLine(dry.stderr)).toMatch(new RegExp(`${run.interrupted}/checkpoint-last.*; resumed$`));
    const trial = await train('--resume', '--overfit', '16', '--epochs', '5', '--json');
    expect([trial.code, trial.stdout.includes(`${run.overfit}/checkpoint-last`)]).toEqual([0, true]);
  });

  it('plans as many epochs as the run did, also where its command line said so', async () => {
    const { stdout } = await train('--dry-run', '--resume');
    expect(stdout).toContain('1,000,000 epochs of');
    const full = await train('--resume', '--out', `runs/points/${run.full}`, '--json');
    expect(full.stderr).toContain('note: the run has its 8 epochs already; --epochs 9 or more goes on');
    expect(JSON.parse(full.stdout)).toMatchObject({ epochs: 8, ended: 'completed' });
  });
});
