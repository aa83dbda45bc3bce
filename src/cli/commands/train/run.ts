// `nnc train`: build, run, report. Results go to stdout, progress and everything else to stderr.
import { renderDiagnostic } from '../../../diagnostics/render.ts';
import { printable, printableJson } from '../../../diagnostics/printable.ts';
import type { Checkpoint } from '../../../train/checkpoint/checkpoint.ts';
import { showChange } from '../../../train/run/changes.ts';
import { aboutProgram } from '../../../train/run/program.ts';
import type { Source } from '../../../diagnostics/source.ts';
import { reportLog } from '../../../report/report-log.ts';
import { runLogs } from '../../../train/logs/open-logs.ts';
import { createProgress } from '../../../train/progress/progress.ts';
import { showMany } from '../../../train/progress/text.ts';
import { runTraining as run, type PreparedFacts } from '../../../train/run/run.ts';
import type { OptionValues } from '../../arguments.ts';
import { productName } from '../../../driver/build.ts';
import { exitCodes, report } from '../../failure.ts';
import { describeForReport } from '../../report-facts.ts';
import { RunFolder } from '../../run-folder.ts';
import { programFrom } from '../../program-from.ts';
import { listenForSignals } from '../../signals.ts';
import type { Streams } from '../../streams.ts';
import { buildForTraining, trialIn } from './build.ts';
import type { TrainOptions } from './options.ts';
import { asFailure, howToGoOn, showRecord } from './text.ts';
import { version } from '../../version.ts';

export async function runTraining(
  source: Source,
  options: OptionValues<TrainOptions>,
  streams: Streams,
): Promise<number> {
  const {
    set,
    json,
    model,
    allow: allowed,
    'max-time': maxSeconds,
    'checkpoint-every': checkpointEvery,
  } = options;
  const places = new RunFolder(productName(source, model), options.out);
  const resume = options.resume
    ? await places.findCheckpoint(trialIn(options), streams, Date.now())
    : undefined;
  const program = programFrom(source, set, model);
  const { compiled, ...built } = await buildForTraining(source, options, streams);
  const { name } = built.specification;

  const progress = createProgress({
    write: streams.raw,
    columns: () => streams.terminal?.columns,
    now: () => performance.now(),
  });
  const interruption = listenForSignals((signal) => {
    progress.close();
    streams.note(`${signal}: ending this step and saving; a second one ends at once`);
  });
  const unwritten: unknown[] = [];
  try {
    const record = await run({
      ...built,
      places,
      ...(resume && { resume }),
      observers: [progress],
      reading: (done, total) => progress.reading(done, total),
      starting: (path, done, total) => progress.starting(printable(path), done, total),
      logs: options['no-report']
        ? runLogs
        : [...runLogs, reportLog(() => describeForReport(source, compiled))],
      about: { nnc: version(), ...aboutProgram(program) },
      program,
      ...(allowed && { allowed }),
      logFailed: (error) => unwritten.push(error),
      ...(maxSeconds !== undefined && { maxSeconds }),
      ...(checkpointEvery !== undefined && { checkpointEvery }),
      examining: () => {
        progress.close();
        streams.note('training has diverged: repeating it from the last checkpoint, to find where');
      },
      locate: async (failed) => {
        const { explainNonFinite } = await import('./explain-non-finite.ts');
        const found = await explainNonFinite(source, compiled, failed);
        return found && renderDiagnostic(found, { color: streams.color });
      },
      signal: interruption.signal,
      prepared: (facts) => {
        streams.note(printable(`${name} on ${facts.mode}; ${facts.data}`));
        if (resume) tellResumed(facts, resume, streams);
      },
    });
    progress.close();
    streams.result(json ? printableJson(record) : showRecord(record));
    if (record.ended === 'interrupted') {
      const isTrial = Object.keys(trialIn(options)).length > 0;
      streams.note(howToGoOn(record, options.out, isTrial));
    }
    if (record.ended === 'out of time') streams.note('the time is used up; --resume goes on from here');
    let code: number = interruption.exitCode() ?? exitCodes.done;
    for (const error of unwritten) {
      const found = await report(error, streams);
      if (code === exitCodes.done) code = found;
    }
    return code;
  } catch (error) {
    progress.close();
    const code = interruption.exitCode();
    if (code !== undefined && error === interruption.signal.reason) {
      streams.note('nothing was trained: the model was not ready');
      return code;
    }
    throw asFailure(error);
  } finally {
    interruption.close();
  }
}

/** What a resumed run has otherwise, and whether it has anything left to do. */
function tellResumed({ settings, changes }: PreparedFacts, checkpoint: Checkpoint, streams: Streams): void {
  const { epoch } = checkpoint.training;
  if (changes.length > 0)
    streams.note(['going on with what is there now:', ...changes.flatMap(showChange)].join('\n  '));
  if (epoch >= settings.epochs)
    streams.note(
      `note: the run has its ${showMany(settings.epochs, 'epoch')} already; --epochs ${epoch + 1} or more goes on`,
    );
}
