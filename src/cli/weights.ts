// Says which weights a command uses: the checkpoint, its epoch, the metric that it is measured by, its age, and how it was chosen.
import { printable } from '../diagnostics/printable.ts';
import type { RunFacts } from '../run-folders/run-facts.ts';
import type { Json } from '../runtime/specification.ts';
import type { Checkpoint } from '../train/checkpoint/checkpoint.ts';
import type { TrainingState } from '../train/checkpoint/state.ts';
import { monitoredValue } from '../train/loop/monitor.ts';
import { showMany, showMetricValue } from '../train/progress/text.ts';

export interface Weights {
  readonly checkpoint: Checkpoint;
  /** Absent if the checkpoint is in no run's folder. */
  readonly run?: RunFacts;
  /** How it was chosen: `the best of 3 runs by validation_loss`. */
  readonly how: string;
  /** The time of its file, in milliseconds since 1970. */
  readonly saved: number;
}

interface Measured {
  readonly name: string;
  readonly value: number;
}

/** The monitored metric of the checkpoint's last complete epoch, or else its training loss. */
function measureOf({ best, epoch, history }: TrainingState): Measured | undefined {
  if (best?.epoch === epoch) return { name: best.metric, value: best.value };
  const last = history.at(-1);
  if (!last) return undefined;
  const value = best && monitoredValue({ name: best.metric, better: 'lower' }, last);
  return best && typeof value === 'number' && Number.isFinite(value)
    ? { name: best.metric, value }
    : { name: 'training loss', value: last.loss };
}

/** `weights: PATH "name", epoch 4, validation_loss 0.1234, 2 hours ago; the best of 3 runs` */
export function describeWeights({ checkpoint, run, how, saved }: Weights, now: number): string {
  const { training, path } = checkpoint;
  const measured = measureOf(training);
  const name = run?.label.name;
  const facts = [
    `${printable(path)}${name === undefined ? '' : ` "${printable(name)}"`}`,
    training.epoch === 0 ? 'before its first epoch' : `epoch ${training.epoch}`,
    ...(measured
      ? [
          `${printable(measured.name)} ${showMetricValue(measured.name.replace(/^validation_/, ''), measured.value)}`,
        ]
      : []),
    showAge(now - saved),
  ];
  return `weights: ${facts.join(', ')}; ${how}`;
}

/** The same as fields of a command's JSON. */
export function weightsJson({ checkpoint, run, saved }: Weights): Json {
  const measured = measureOf(checkpoint.training);
  return {
    run: run?.id ?? null,
    name: run?.label.name ?? null,
    epoch: checkpoint.training.epoch,
    metric: measured ? { name: measured.name, value: measured.value } : null,
    saved: new Date(saved).toISOString(),
  };
}

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** `2 hours ago`; a file from the future is as good as new. */
export function showAge(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  for (const [unit, size] of units)
    if (seconds >= size) return `${showMany(Math.floor(seconds / size), unit)} ago`;
  return 'just now';
}
