// `nnc train`: build, run, report. Results go to stdout, progress and everything else to stderr.
import { renderDiagnostic } from '../../../diagnostics/render.ts';
import { printable, printableJson } from '../../../diagnostics/printable.ts';
import type { Checkpoint } from '../../../train/checkpoint/checkpoint.ts';
import { changesBetween, parseProgram, type Program } from '../../../train/run/changes.ts';
import type { Source } from '../../../diagnostics/source.ts';
import { reportLog } from '../../../report/report-log.ts';
import { runLogs } from '../../../train/logs/open-logs.ts';
import { createProgress } from '../../../train/progress/progress.ts';
import { runTraining as run } from '../../../train/run/run.ts';
import type { OptionValues } from '../../arguments.ts';
import { productName } from '../../../driver/build.ts';
import { exitCodes, report } from '../../failure.ts';
import { describeForReport } from '../../report-facts.ts';
import { RunFolder } from '../../run-folder.ts';
import { listenForSignals } from '../../signals.ts';
import type { Streams } from '../../streams.ts';
import { buildForTraining } from './build.ts';
import type { TrainOptions } from './options.ts';
import { asFailure, howToGoOn, showRecord } from './text.ts';
import { version } from '../../version.ts';

export async function runTraining(
  source: Source,
  options: OptionValues<TrainOptions>,
  streams: Streams,
): Promise<number> {
  const { set, json, model, 'max-time': maxSeconds, 'checkpoint-every': checkpointEvery } = options;
  const places = new RunFolder(productName(source, model), options.out);
  const resume = options.resume ? await places.findCheckpoint(streams) : undefined;
  const program = { text: source.text, overrides: set };
  if (resume) tellChanges(resume, program, streams);
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
      about: { nnc: version(), overrides: Object.fromEntries(set), program: source.text },
      program,
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
      prepared: (facts) => streams.note(printable(`${name} on ${facts.mode}; ${facts.data}`)),
    });
    progress.close();
    streams.result(json ? printableJson(record) : showRecord(record));
    if (record.ended === 'interrupted') streams.note(howToGoOn(record, options.out));
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

/** Maximum number of changed lines shown; the others are only counted. */
const mostChanges = 12;

/** A resumed run uses the present text: reports what differs from the text that the run was trained with. */
function tellChanges({ path, training }: Checkpoint, program: Program, streams: Streams): void {
  const { settings } = training;
  const saved =
    typeof settings === 'object' && settings !== null && 'program' in settings ? settings.program : undefined;
  const before = parseProgram(saved);
  const changes = before ? changesBetween(before, program) : [];
  if (changes.length === 0) return;
  const shown = changes.slice(0, mostChanges).map((line) => `  ${printable(line)}`);
  if (changes.length > mostChanges) shown.push(`  and ${changes.length - mostChanges} more lines`);
  streams.note(
    [
      `warning: the model is not what ${printable(path)} was trained with; the run goes on with what it is now`,
      ...shown,
    ].join('\n'),
  );
}
