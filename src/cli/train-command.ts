// What `nnc train` does: build, run, report. Results go to stdout, progress and everything else to stderr.
import { dirname, resolve } from 'node:path';
import type { Source } from '../diagnostics/source.ts';
import { renderDiagnostic } from '../diagnostics/render.ts';
import { printable } from '../diagnostics/printable.ts';
import { DivergedError } from '../train/loop-failure.ts';
import { showCount, showMany, showMetric, showNumber, showSeconds } from '../train/progress-text.ts';
import { createProgress } from '../train/progress.ts';
import type { BestRecord, MetricRecord, RunRecord } from '../train/run-record.ts';
import { runLogs } from '../train/logs/open-logs.ts';
import { runTraining as run } from '../train/run.ts';
import { reportLog } from '../report/report-log.ts';
import type { OptionValues } from './arguments.ts';
import { resolveTarget } from './auto-target.ts';
import { build, loadBuild, productName } from './build.ts';
import { formsHere } from './wasm-forms.ts';
import { CommandFailure, exitCodes } from './failure.ts';
import { describeForReport } from './report-facts.ts';
import { RunFolder } from './run-folder.ts';
import { listenForSignals } from './signals.ts';
import type { Streams } from './streams.ts';
import { version } from './version.ts';
import { chooseTarget } from './targets.ts';
import type { TrainOptions } from './train-options.ts';

export async function runTraining(
  source: Source,
  options: OptionValues<TrainOptions>,
  streams: Streams,
): Promise<number> {
  const { epochs, batch, set, seed, validation, mode, threads, deterministic, json, model } = options;
  const chosenTarget = chooseTarget(options.target, mode, deterministic);
  const { patience, monitor, overfit, 'max-time': maxSeconds, 'checkpoint-every': checkpointEvery } = options;
  const { 'data-root': dataRoot, 'limit-batches': limitBatches } = options;
  const folder = new RunFolder(productName(source, model), options.out);
  const resume = options.resume ? await folder.findCheckpoint(streams) : undefined;

  const target = await resolveTarget(
    chosenTarget,
    {
      source,
      options: {
        overrides: set,
        ...(batch !== undefined && { batch }),
        ...(model !== undefined && { model }),
      },
      deterministic,
      ...(threads !== undefined && { threads }),
    },
    streams,
  );
  const forms = await formsHere(deterministic);
  const buildWith = async (size: number | undefined) => {
    const chosen = { ...(size !== undefined && { batch: size }), ...(model !== undefined && { model }) };
    const built = await build({ source, target, forms, options: { overrides: set, ...chosen } });
    return { built, ...(await loadBuild(built)) };
  };
  const first = await buildWith(batch);
  // a batch of the few examples there are, unless another was asked for
  const tooLarge = batch === undefined && overfit !== undefined && overfit < first.specification.batch;
  const { built, specification, create } = tooLarge ? await buildWith(overfit) : first;
  for (const warning of built.warnings) streams.note(warning);

  const describe = () =>
    describeForReport(source, {
      overrides: set,
      batch: specification.batch,
      ...(model !== undefined && { model }),
    });
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
        ...(overfit !== undefined && { overfit }),
        ...(patience !== undefined && { patience }),
        ...(monitor !== undefined && { monitor }),
      },
      device: {
        deterministic,
        ...(mode !== undefined && { mode }),
        ...(threads !== undefined && { threads }),
      },
      folder: dirname(resolve(source.path)),
      ...(dataRoot !== undefined && { dataRoot }),
      places: folder,
      ...(resume && { resume }),
      observers: [progress],
      logs: options['no-report'] ? runLogs : [...runLogs, reportLog(describe)],
      about: { nnc: version(), overrides: Object.fromEntries(set), program: source.text },
      ...(maxSeconds !== undefined && { maxSeconds }),
      ...(checkpointEvery !== undefined && { checkpointEvery }),
      examining: () => {
        progress.close();
        streams.note('training has diverged: repeating it from the last checkpoint, to find where');
      },
      locate: async (failed) => {
        const { explainNonFinite } = await import('./explain-non-finite.ts');
        const used = { overrides: set, batch: specification.batch, ...(model !== undefined && { model }) };
        const found = await explainNonFinite(source, used, failed);
        return found && renderDiagnostic(found, { color: streams.color });
      },
      signal: interruption.signal,
      prepared: (facts) => streams.note(`${specification.name} on ${facts.mode}; ${facts.data}`),
    });
    progress.close();
    streams.result(json ? JSON.stringify(record) : showRecord(record));
    if (record.ended === 'interrupted') streams.note(howToGoOn(record, options.out));
    if (record.ended === 'out of time') streams.note('the time is used up; --resume goes on from here');
    return interruption.exitCode() ?? exitCodes.done;
  } catch (error) {
    progress.close();
    if (!(error instanceof DivergedError)) throw error;
    const { kept, explanation } = error.found;
    const state = kept === undefined ? '' : `The state before that step is in ${printable(kept)}. `;
    throw new CommandFailure(
      exitCodes.diverged,
      explanation === undefined ? error.message : `${error.message}\n${explanation}`,
      `${state}A smaller learning rate often helps: --set lr=…`,
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
    ...(record.ended === 'stopped' ? [['ended', 'no better epoch for as many as patience allows']] : []),
    ...(record.validation ? [['validation', showEvaluation(record.validation)]] : []),
    ...(record.test ? [['test', showEvaluation(record.test)]] : []),
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
