// What `nnc train` does: build, run, report. Results go to stdout, progress and everything else to stderr.
import { dirname, resolve } from 'node:path';
import type { Source } from '../diagnostics/source.ts';
import { printable } from '../diagnostics/printable.ts';
import { DivergedError } from '../train/loop-failure.ts';
import { showCount, showMany, showMetric, showNumber, showSeconds } from '../train/progress-text.ts';
import { createProgress } from '../train/progress.ts';
import type { MetricRecord, RunRecord } from '../train/run-record.ts';
import { runTraining as run } from '../train/run.ts';
import type { OptionValues } from './arguments.ts';
import { build, loadBuild, productName } from './build.ts';
import { formsHere } from './wasm-forms.ts';
import { CommandFailure, exitCodes } from './failure.ts';
import { RunFolder } from './run-folder.ts';
import { listenForSignals } from './signals.ts';
import type { Streams } from './streams.ts';
import { chooseTarget } from './targets.ts';
import type { TrainOptions } from './train-options.ts';

export async function runTraining(
  source: Source,
  options: OptionValues<TrainOptions>,
  streams: Streams,
): Promise<number> {
  const { epochs, batch, set, seed, validation, mode, threads, deterministic, json, model } = options;
  const target = chooseTarget(options.target, mode);
  const { 'data-root': dataRoot, 'limit-batches': limitBatches } = options;
  const folder = new RunFolder(productName(source, model), options.out);
  const resume = options.resume ? await folder.findCheckpoint(streams) : undefined;

  const built = await build({
    source,
    target,
    forms: await formsHere(deterministic),
    options: { overrides: set, ...(batch !== undefined && { batch }), ...(model !== undefined && { model }) },
  });
  for (const warning of built.warnings) streams.note(warning);
  const { specification, create } = await loadBuild(built);

  const progress = createProgress({
    write: streams.raw,
    columns: () => streams.terminal?.columns,
    now: () => performance.now(),
  });
  const interruption = listenForSignals((name) => {
    progress.close();
    streams.note(`${name}: ending this step and saving; a second one ends at once`);
  });
  try {
    const record = await run({
      specification,
      create,
      wishes: {
        ...(epochs !== undefined && { epochs }),
        ...(seed !== undefined && { seed }),
        ...(validation !== undefined && { validation }),
        ...(limitBatches !== undefined && { limitBatches }),
      },
      device: {
        deterministic,
        ...(mode !== undefined && { mode }),
        ...(threads !== undefined && { threads }),
      },
      folder: dirname(resolve(source.path)),
      ...(dataRoot !== undefined && { dataRoot }),
      checkpointPath: () => folder.checkpointPath(),
      ...(resume && { resume }),
      observer: progress,
      signal: interruption.signal,
      prepared: (facts) => streams.note(`${specification.name} on ${facts.mode}; ${facts.data}`),
    });
    progress.close();
    await folder.writeRecord(record);
    streams.result(json ? JSON.stringify(record) : showRecord(record));
    if (record.interrupted) streams.note(howToGoOn(record, options.out));
    return interruption.exitCode() ?? exitCodes.done;
  } catch (error) {
    progress.close();
    if (!(error instanceof DivergedError)) throw error;
    const kept = folder.checkpoint ?? resume?.path;
    const state = kept === undefined ? 'Nothing was saved.' : `The last good state is in ${printable(kept)}.`;
    throw new CommandFailure(
      exitCodes.diverged,
      error.message,
      `${state} A smaller learning rate often helps: --set lr=…`,
    );
  } finally {
    interruption.close();
  }
}

function howToGoOn({ epochs, checkpoint }: RunRecord, out: string | undefined): string {
  if (checkpoint === null) return 'interrupted before the first step; nothing was saved';
  const again = out === undefined ? '--resume' : '--resume with the same --out';
  const done = showMany(epochs, 'complete epoch');
  return `interrupted after ${done}; ${printable(checkpoint)} holds the state, and ${again} goes on from there`;
}

function showRecord(record: RunRecord): string {
  const lines = [
    ['model', `${record.model}, ${showCount(record.parameters)} parameters`],
    ['ran on', record.mode],
    [
      'trained',
      `${showMany(record.epochs, 'epoch')}, ${showMany(record.steps, 'step')}, batch ${record.batch}`,
    ],
    ['time', `${showSeconds(record.seconds)}, ${showCount(record.samples_per_second)} samples/s`],
    ...(record.validation ? [['validation', showEvaluation(record.validation)]] : []),
    ...(record.test ? [['test', showEvaluation(record.test)]] : []),
    ...(record.checkpoint === null ? [] : [['checkpoint', printable(record.checkpoint)]]),
  ];
  return lines.map(([name = '', value = '']) => `${name.padEnd(11)}${value}`).join('\n');
}

function showEvaluation({ examples, loss, ...metrics }: MetricRecord): string {
  const shown = Object.entries(metrics).map(([name, value]) => showMetric(name, value));
  const count = typeof examples === 'number' ? ` (${showCount(examples)} examples)` : '';
  return `${[...shown, `loss ${showNumber(Number(loss))}`].join(', ')}${count}`;
}
