// The settings of a run: what was asked for, else what an interrupted run was trained with, else what the model says. Going on
// with another seed, batch or division of the data would be another run: what was asked for must then be what was.
import { fail } from '../diagnostics/diagnostic.ts';
import type { Json, ModelSpecification } from '../runtime/specification.ts';
import type { Checkpoint } from './checkpoint.ts';

/** What the user asked for; what is absent is the model's own or, when resuming, the earlier run's. */
export interface RunWishes {
  readonly epochs?: number;
  readonly seed?: number;
  readonly validation?: number;
  readonly limitBatches?: number;
}

export interface RunSettings {
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  readonly validation: number;
  readonly limitBatches?: number;
}

export function resumeSettings(
  { train, batch }: ModelSpecification,
  wishes: RunWishes,
  resume: Checkpoint | undefined,
): RunSettings {
  const own = { ...train, batch, ...wishes };
  if (!resume) return own;
  const saved = readSettings(resume);
  const compare = (setting: string, given: number | undefined, found: number | undefined) => {
    if (given === undefined || given === found) return;
    fail('checkpoint.setting', undefined, { path: resume.path, setting, found: found ?? 'none', given });
  };
  compare('batch', batch, saved.batch);
  compare('seed', wishes.seed, saved.seed);
  compare('validation', wishes.validation, saved.validation);
  // the step at which an epoch ends must not move under an epoch that has begun
  if (resume.training.position > 0) compare('limit-batches', wishes.limitBatches, saved.limitBatches);
  return { ...own, ...saved, epochs: own.epochs, ...wishes };
}

export function showSettings({ epochs, batch, seed, validation, limitBatches }: RunSettings): Json {
  return { epochs, batch, seed, validation, ...(limitBatches !== undefined && { limitBatches }) };
}

function readSettings({ path, training: { settings, position } }: Checkpoint): Omit<RunSettings, 'epochs'> {
  const found: { readonly [name: string]: unknown } =
    typeof settings === 'object' && settings !== null && !Array.isArray(settings) ? { ...settings } : {};
  const number = (name: string, holds: (value: number) => boolean): number => {
    const value = found[name];
    if (typeof value === 'number' && holds(value)) return value;
    return fail('checkpoint.invalid', undefined, { path, reason: `its training state has no valid ${name}` });
  };
  const whole = (least: number) => (value: number) => Number.isSafeInteger(value) && value >= least;
  const limit =
    found['limitBatches'] === undefined ? undefined : number('limitBatches', whole(Math.max(1, position)));
  return {
    batch: number('batch', whole(1)),
    seed: number('seed', whole(0)),
    validation: number('validation', (value) => value >= 0 && value < 1),
    ...(limit !== undefined && { limitBatches: limit }),
  };
}
