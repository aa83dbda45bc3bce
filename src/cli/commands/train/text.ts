// Prints the results of a completed or failed run.
import { printable } from '../../../diagnostics/printable.ts';
import { DivergedError } from '../../../train/loop/failure.ts';
import { showForecast } from '../../../train/forecast/text.ts';
import { showCount, showMany, showMetric, showNumber, showSeconds } from '../../../train/progress/text.ts';
import type { BestRecord, MetricRecord, RunRecord } from '../../../train/run/record.ts';
import { CommandFailure, exitCodes } from '../../failure.ts';

/** Converts a diverged run to the command's failure; other errors are unchanged. */
export function asFailure(error: unknown): unknown {
  if (!(error instanceof DivergedError)) return error;
  const { kept, explanation } = error.found;
  const state = kept === undefined ? '' : `The state before that step is in ${printable(kept)}. `;
  return new CommandFailure(
    exitCodes.diverged,
    explanation === undefined ? error.message : `${error.message}\n${explanation}`,
    `${state}A smaller learning rate often helps: --set lr=…`,
  );
}

/**
 * @param out the place that the user named
 * @param trial whether the run is resumed only if the same trial is asked for
 */
export function howToGoOn(
  { epochs, checkpoint }: RunRecord,
  out: string | undefined,
  trial: boolean,
): string {
  if (checkpoint === null) return 'interrupted before the first step; nothing was saved';
  const again =
    out !== undefined
      ? '--resume with the same --out'
      : trial
        ? '--resume with the same options'
        : '--resume';
  const done = showMany(epochs, 'complete epoch');
  return `interrupted after ${done}; ${printable(checkpoint)} holds the state, and ${again} goes on from there`;
}

export function showRecord(record: RunRecord): string {
  const lines = [
    ['model', `${record.model}, ${showCount(record.parameters)} parameters`],
    ['ran on', record.mode],
    [
      'trained',
      `${showMany(record.epochs, 'epoch')}, ${showMany(record.steps, 'step')}, batch ${record.batch}`,
    ],
    ['time', `${showSeconds(record.seconds)}, ${showCount(record.samples_per_second)} samples/s`],
    ...(record.ended === 'stopped' ? [['ended', 'no better epoch for as many as patience allows']] : []),
    ...(record.validation ? [['validation', showEvaluation(record.validation)]] : []),
    ...(record.test ? [['test', showEvaluation(record.test)]] : []),
    ...(record.forecast ? [['forecast', showForecast(record.forecast)]] : []),
    ...(record.best ? [['best', showBest(record.best)]] : []),
    ...(record.checkpoint === null ? [] : [['checkpoint', printable(record.checkpoint)]]),
  ];
  return lines.map(([name = '', value = '']) => `${name.padEnd(11)}${value}`).join('\n');
}

function showBest({ metric, value, epoch, test }: BestRecord): string {
  const found = `epoch ${epoch}, ${showMetric(metric, value)}`;
  return test ? `${found}; test: ${showEvaluation(test)}` : found;
}

function showEvaluation({ examples, loss, ...metrics }: MetricRecord): string {
  const shown = Object.entries(metrics).map(([name, value]) => showMetric(name, value));
  const count = typeof examples === 'number' ? ` (${showCount(examples)} examples)` : '';
  return `${[...shown, `loss ${showNumber(Number(loss))}`].join(', ')}${count}`;
}
