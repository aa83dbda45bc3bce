// Resolves a run's settings: as requested, else as in the resumed run, else the model's own. A resumed run with another seed, loss or
// learning rate is another run: it is refused, unless the change was asked for by name.
import { fail } from '../../diagnostics/diagnostic.ts';
import type { Json, ModelSpecification } from '../../runtime/specification.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { changesBetween, refuseChanges, type AllowablePart, type Change } from './changes.ts';
import { programIn, type Program } from './program.ts';

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

/** What a run is resumed from, and the changes that were asked for. */
export interface Resumption {
  readonly checkpoint: Checkpoint;
  /** The present program; its changes are not looked for if it is absent. */
  readonly program?: Program;
  readonly allowed?: ReadonlySet<AllowablePart>;
}

export interface ResolvedSettings {
  readonly settings: RunSettings;
  /** What a resumed run has otherwise than before, as it was asked for. */
  readonly changes: readonly Change[];
}

/** @throws DiagnosticError where a resumed run would have something otherwise that was not asked for */
export function resumeSettings(
  specification: ModelSpecification,
  wishes: RunWishes,
  resumption?: Resumption,
): ResolvedSettings {
  const { epochs, seed, validation, patience, monitor } = specification.train;
  const { batch } = specification;
  const own = {
    ...{ epochs, batch, seed, validation },
    ...(patience !== undefined && { patience }),
    ...(monitor !== undefined && { monitor }),
  };
  if (!resumption) return { settings: { ...own, ...wishes }, changes: [] };
  const { checkpoint, program, allowed = new Set() } = resumption;
  const saved = readSettings(checkpoint);
  const before = programIn(checkpoint.training.settings);
  const inText = before && program ? changesBetween(before, program) : [];
  const edited = (part: Change['part']) => inText.some((change) => change.part === part);
  const changes = [
    ...inText.filter(({ part }) => !(resolved as readonly string[]).includes(part)),
    ...compare('batch', saved.batch, batch),
    ...compare('seed', saved.seed, wishes.seed ?? (edited('seed') ? seed : undefined)),
    ...compare(
      'validation',
      saved.validation,
      wishes.validation ?? (edited('validation') ? validation : undefined),
    ),
    ...compare('overfit', saved.overfit, wishes.overfit),
    // the last step of an epoch must not change after the epoch has begun
    ...(checkpoint.training.position > 0
      ? compare('limit-batches', saved.limitBatches, wishes.limitBatches)
      : []),
  ];
  refuseChanges({ path: checkpoint.path, within: checkpoint.training.position > 0 }, changes, allowed);
  // what was edited since replaces what the run had, also where the run had it from its command line
  const { epochs: planned, patience: waited, monitor: watched, ...kept } = saved;
  const waits = edited('patience') ? patience : (waited ?? patience);
  const watches = edited('monitor') ? monitor : (watched ?? monitor);
  return {
    settings: {
      ...kept,
      batch,
      epochs: !before || edited('epochs') ? epochs : (planned ?? epochs),
      ...(waits !== undefined && { patience: waits }),
      ...(watches !== undefined && { monitor: watches }),
      ...wishes,
    },
    changes,
  };
}

/** Parts compared by their resolved values rather than by their text. */
const resolved = ['batch', 'seed', 'validation'] as const satisfies readonly Change['part'][];

function compare(part: Change['part'], found: number | undefined, given: number | undefined): Change[] {
  if (given === undefined || given === found) return [];
  return [{ part, before: found === undefined ? [] : [String(found)], now: [String(given)] }];
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

interface SavedSettings extends Omit<RunSettings, 'epochs'> {
  readonly epochs?: number;
}

function readSettings({ path, training: { settings, position } }: Checkpoint): SavedSettings {
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
  const epochs = optional('epochs', 1);
  const limitBatches = optional('limitBatches', Math.max(1, position));
  const overfit = optional('overfit', 1);
  const patience = optional('patience', 1);
  const { monitor } = found;
  if (monitor !== undefined && typeof monitor !== 'string') invalid('monitor');
  return {
    batch: number('batch', whole(1)),
    seed: number('seed', whole(0)),
    validation: number('validation', (value) => value >= 0 && value < 1),
    ...(epochs !== undefined && { epochs }),
    ...(limitBatches !== undefined && { limitBatches }),
    ...(overfit !== undefined && { overfit }),
    ...(patience !== undefined && { patience }),
    ...(typeof monitor === 'string' && { monitor }),
  };
}
