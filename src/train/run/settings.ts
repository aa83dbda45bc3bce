// Resolves a run's settings: as requested, else as in the resumed run, else the model's own. Resuming with another seed, batch or split
// of the data would be another run: a request for one is refused.
import { fail } from '../../diagnostics/diagnostic.ts';
import type { Json, ModelSpecification } from '../../runtime/specification.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';

/** The user's request; absent settings are the model's own or, when resuming, the earlier run's. */
export interface RunWishes {
  readonly epochs?: number;
  readonly seed?: number;
  readonly validation?: number;
  readonly limitBatches?: number;
  readonly overfit?: number;
  readonly patience?: number;
  readonly monitor?: string;
}

export interface RunSettings {
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  /** The share of the training part held out for validation. */
  readonly validation: number;
  /** Maximum number of steps per epoch. */
  readonly limitBatches?: number;
  /** The number of training examples used for everything: training, validation and test. */
  readonly overfit?: number;
  /** Early stopping: epochs without improvement before training stops. */
  readonly patience?: number;
  /** The metric that measures improvement, followed by `:lower` or `:higher` if its direction is not evident. */
  readonly monitor?: string;
}

export function resumeSettings(
  { train, batch }: ModelSpecification,
  wishes: RunWishes,
  resume: Checkpoint | undefined,
): RunSettings {
  const { epochs, seed, validation, patience, monitor } = train;
  const own = {
    epochs,
    batch,
    seed,
    validation,
    ...(patience !== undefined && { patience }),
    ...(monitor !== undefined && { monitor }),
    ...wishes,
  };
  if (!resume) return own;
  const saved = readSettings(resume);
  const compare = (setting: string, given: number | undefined, found: number | undefined) => {
    if (given === undefined || given === found) return;
    fail('checkpoint.setting', undefined, { path: resume.path, setting, found: found ?? 'none', given });
  };
  compare('batch', batch, saved.batch);
  compare('seed', wishes.seed, saved.seed);
  compare('validation', wishes.validation, saved.validation);
  compare('overfit', wishes.overfit, saved.overfit);
  // the last step of an epoch must not change after the epoch has begun
  if (resume.training.position > 0) compare('limit-batches', wishes.limitBatches, saved.limitBatches);
  return { ...own, ...saved, epochs: own.epochs, ...wishes };
}

export function showSettings(settings: RunSettings): { readonly [name: string]: Json } {
  const { epochs, batch, seed, validation, limitBatches, overfit, patience, monitor } = settings;
  return {
    epochs,
    batch,
    seed,
    validation,
    ...(limitBatches !== undefined && { limitBatches }),
    ...(overfit !== undefined && { overfit }),
    ...(patience !== undefined && { patience }),
    ...(monitor !== undefined && { monitor }),
  };
}

function readSettings({ path, training: { settings, position } }: Checkpoint): Omit<RunSettings, 'epochs'> {
  const found: { readonly [name: string]: unknown } =
    typeof settings === 'object' && settings !== null && !Array.isArray(settings)
      ? (settings as Readonly<Record<string, Json>>)
      : {};
  const invalid = (name: string): never =>
    fail('checkpoint.invalid', undefined, { path, reason: `its training state has no valid ${name}` });
  const number = (name: string, holds: (value: number) => boolean): number => {
    const value = found[name];
    return typeof value === 'number' && holds(value) ? value : invalid(name);
  };
  const whole = (least: number) => (value: number) => Number.isSafeInteger(value) && value >= least;
  const optional = (name: string, least: number) =>
    found[name] === undefined ? undefined : number(name, whole(least));
  const limitBatches = optional('limitBatches', Math.max(1, position));
  const overfit = optional('overfit', 1);
  const patience = optional('patience', 1);
  const { monitor } = found;
  if (monitor !== undefined && typeof monitor !== 'string') invalid('monitor');
  return {
    batch: number('batch', whole(1)),
    seed: number('seed', whole(0)),
    validation: number('validation', (value) => value >= 0 && value < 1),
    ...(limitBatches !== undefined && { limitBatches }),
    ...(overfit !== undefined && { overfit }),
    ...(patience !== undefined && { patience }),
    ...(typeof monitor === 'string' && { monitor }),
  };
}
