// The settings of a resumed run: what it had, what was edited or asked for since, and what is refused.
import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile.ts';
import { DiagnosticError } from '../../../src/diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../../../src/diagnostics/render.ts';
import type { Checkpoint } from '../../../src/train/checkpoint/checkpoint.ts';
import { noSums } from '../../../src/train/loop/metrics.ts';
import type { AllowablePart } from '../../../src/train/run/changes.ts';
import { showProgram, type Program } from '../../../src/train/run/program.ts';
import { resumeSettings, showSettings, type RunWishes } from '../../../src/train/run/settings.ts';
import { points } from '../../cli/points.ts';

const text = points.replace('seed = 1', 'seed = 1  validation = 0.2  patience = 3');

interface Now {
  readonly edit?: readonly [from: string, to: string];
  readonly set?: { readonly [name: string]: string };
  readonly batch?: number;
  readonly wishes?: RunWishes;
  readonly allowed?: readonly AllowablePart[];
  /** Steps of the epoch that is under way. */
  readonly position?: number;
  /** Of the run that is resumed. */
  readonly before?: RunWishes;
  /** Whether its checkpoint has no text. */
  readonly unknown?: boolean;
}

function resume(now: Now) {
  const {
    edit: [from, to] = ['', ''],
    set = {},
    batch,
    wishes = {},
    allowed,
    position = 0,
    before = {},
  } = now;
  expect(text).toContain(from);
  const specified = (program: Program, size?: number) =>
    compile(
      { path: 'points.nn', text: program.text, library: false },
      { overrides: program.overrides, programs: ['forward'], ...(size !== undefined && { batch: size }) },
    ).specification;
  const then: Program = { text, overrides: new Map() };
  const program: Program = { text: text.replace(from, to), overrides: new Map(Object.entries(set)) };
  const { settings } = resumeSettings(specified(then), before);
  const checkpoint: Checkpoint = {
    path: 'last.safetensors',
    state: { metadata: new Map(), tensors: new Map() },
    ...{ model: 'Points', fingerprint: '' },
    training: {
      ...{ epoch: 1, position, best: null, data: '', preprocessing: null, sums: noSums, history: [] },
      settings: { ...showSettings(settings), ...(!now.unknown && { program: showProgram(then) }) },
    },
  };
  return resumeSettings(specified(program, batch), wishes, {
    ...{ checkpoint, program },
    ...(allowed && { allowed: new Set(allowed) }),
  });
}

function refusal(now: Now): string {
  try {
    resume(now);
  } catch (error) {
    if (error instanceof DiagnosticError) return renderDiagnostics(error.diagnostics, { color: false });
    throw error;
  }
  return 'not refused';
}

describe('a resumed run', () => {
  it('has what it had, though its command line is not repeated', () => {
    const before = { epochs: 9, seed: 7, validation: 0.5, patience: 2, monitor: 'loss', limitBatches: 3 };
    expect(resume({ before })).toEqual({ settings: { ...before, batch: 16 }, changes: [] });
  });

  it('has what was edited since of how long it trains, or is asked for', () => {
    const before = { epochs: 9, patience: 2 };
    expect(resume({ before, edit: ['epochs = 4', 'epochs = 6'] }).settings.epochs).toBe(6);
    expect(resume({ before, edit: ['patience = 3', 'patience = 5'] }).settings.patience).toBe(5);
    expect(resume({ before, edit: ['patience = 3', ''] }).settings).not.toHaveProperty('patience');
    expect(resume({ before, wishes: { epochs: 20 } }).settings.epochs).toBe(20);
  });

  it('of which no text is kept has the epochs of the present text', () => {
    expect(resume({ before: { epochs: 9 }, unknown: true }).settings.epochs).toBe(4);
    expect(refusal({ unknown: true, edit: ['Dropout(0.1)', 'Dropout(0.9)'] })).toBe('not refused');
  });

  it.each<[string, Now, string]>([
    ['lr: 0.1 then, 0.5 now', { set: { lr: '0.5' } }, '--allow lr goes on'],
    ['batch: 16 then, 10 now', { batch: 10 }, '--allow batch goes on'],
    ['batch: 16 then, 10 now', { set: { batch: '10' } }, '--allow batch goes on'],
    [
      'batch: 16 then, 10 now',
      { batch: 10, position: 2, allowed: ['batch'] },
      'Within an epoch, batch cannot change',
    ],
    ['seed: 1 then, 2 now', { wishes: { seed: 2 } }, 'Within a run, seed cannot change'],
    ['seed: 1 then, 2 now', { edit: ['seed = 1', 'seed = 2'] }, 'Within a run, seed cannot change'],
    [
      'validation: 0.2 then, 0.1 now',
      { edit: ['validation = 0.2', 'validation = 0.1'] },
      'validation cannot change',
    ],
    ['overfit: not set then, 8 now', { wishes: { overfit: 8 } }, 'overfit cannot change'],
    [
      'limit-batches: 3 then, 4 now',
      { before: { limitBatches: 3 }, wishes: { limitBatches: 4 }, position: 2 },
      'cannot change',
    ],
    [
      'loss: CrossEntropy then, CrossEntropy(smoothing = 0.1) now',
      { edit: ['CrossEntropy', 'CrossEntropy(smoothing = 0.1)'] },
      '--allow loss goes on',
    ],
    [
      '  - net { Linear(8) Tanh Dropout(0.1) Linear(2) }',
      { edit: ['Dropout(0.1)', 'Dropout(0.2)'] },
      '--allow net goes on',
    ],
    [
      'optimizer: SGD(momentum = 0.9) then, SGD(momentum = 0.8) now',
      { edit: ['0.9', '0.8'] },
      '--allow optimizer goes on',
    ],
    [
      'lr: 0.1 then, 0.5 now',
      { batch: 10, set: { lr: '0.5' }, allowed: ['batch'] },
      '--allow lr,batch goes on',
    ],
  ])('is refused with %s: %j', (message, now, help) => {
    const text = refusal(now);
    expect(text).toContain(`error[resume.changed]: last.safetensors was trained otherwise:\n`);
    expect(text).toContain(`\n  ${message}`);
    expect(text).toContain(help);
  });

  it('has what was asked for by name, and says so', () => {
    const { settings, changes } = resume({ batch: 10, set: { lr: '0.5' }, allowed: ['batch', 'lr'] });
    expect([settings.batch, changes.map(({ part }) => part)]).toEqual([10, ['lr', 'batch']]);
    expect(resume({ wishes: { limitBatches: 4 } }).settings.limitBatches).toBe(4);
  });
});
