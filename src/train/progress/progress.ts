// Progress for people, on stderr: a bar that is drawn over itself on a terminal, one line an epoch where it is not one.
// Events of the loop enter; text leaves through the sink.
import type { EpochReport, Evaluation, LoopPlan, StepReport, TrainingObserver } from '../loop/events.ts';
import { dotChart, LossHistory, sparkline } from './chart.ts';
import { showClock, showCount, showMetric, showNumber, showSeconds } from './text.ts';

export interface ProgressSink {
  /** Writes text as it stands. */
  write(text: string): void;
  /** The terminal's width in characters; undefined where there is none. */
  columns(): number | undefined;
  /** Milliseconds, ever rising. */
  now(): number;
}

const redrawEvery = 100;

/** Characters that the loss so far takes beside the bar, where the terminal is wide enough; and the lines of its chart at the end. */
const sparkWidth = 16;
const widthForSpark = 100;
const chartRows = 6;
const mostChartWidth = 100;
const clearLine = '\r\u001b[2K';

function describeEvaluation(evaluation: Evaluation): string[] {
  const metrics = [...evaluation.metrics].map(([name, value]) => showMetric(name, value));
  return [`loss ${showNumber(evaluation.loss)}`, ...metrics];
}

/** `epoch 2/5  loss 0.2134  accuracy 93.10 %  validation: loss 0.2010, accuracy 94.00 %  12,345 samples/s  4.2 s` */
export function describeEpoch(report: EpochReport, epochs: number): string {
  const metrics = [...report.metrics].map(([name, value]) => showMetric(name, value));
  const parts = [`epoch ${report.epoch}/${epochs}`, `loss ${showNumber(report.loss)}`, ...metrics];
  if (report.validation) parts.push(`validation: ${describeEvaluation(report.validation).join(', ')}`);
  parts.push(`${showCount(report.samplesPerSecond)} samples/s`, showSeconds(report.seconds));
  return parts.join('  ');
}

function bar(done: number, total: number, width: number): string {
  const filled = total === 0 ? width : Math.round((width * done) / total);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

/** What of the loop's events is shown, and `close`, which wipes what will not be drawn again. */
export type Progress = Required<
  Pick<TrainingObserver, 'started' | 'stepped' | 'evaluating' | 'epochEnded'>
> & {
  /** Files of the data set that were read. */
  reading(done: number, total: number): void;
  /** The tensor that gets its initial values, and tensors that have theirs. */
  starting(path: string, done: number, total: number): void;
  close(): void;
};

export function createProgress(sink: ProgressSink): Progress {
  let plan: LoopPlan | undefined;
  let drawn = -Infinity;
  let onScreen = false;
  const history = new LossHistory();

  const clear = () => {
    if (onScreen) sink.write(clearLine);
    onScreen = false;
  };
  const draw = (text: (width: number) => string, always: boolean) => {
    const columns = sink.columns();
    if (columns === undefined) return;
    const now = sink.now();
    if (!always && now - drawn < redrawEvery) return;
    drawn = now;
    onScreen = true;
    // one column stays free: a full line would wrap on some terminals
    sink.write(clearLine + text(Math.max(5, Math.min(30, columns - 70))).slice(0, Math.max(1, columns - 1)));
  };

  const spark = () =>
    (sink.columns() ?? 0) < widthForSpark ? [] : [sparkline(history.values(sparkWidth)).padEnd(sparkWidth)];

  /** On a terminal, and where there is something to be seen. */
  const drawHistory = () => {
    const columns = sink.columns();
    const values = history.values(2 * mostChartWidth);
    if (columns === undefined || values.length < 8) return;
    const width = Math.min(mostChartWidth, columns - 1);
    sink.write(`loss of training, by step\n${dotChart(values, width, chartRows, showNumber)}\n`);
  };

  const describeStep = (report: StepReport, known: LoopPlan, width: number) => {
    const { position } = report;
    // after an epoch's last step the position already counts that epoch as complete
    const epoch = position.batch === 0 ? position.epoch : position.epoch + 1;
    const batch = position.batch === 0 ? known.stepsPerEpoch : position.batch;
    const percent = String(Math.floor((100 * batch) / known.stepsPerEpoch)).padStart(3);
    return [
      `epoch ${epoch}/${known.epochs} ${bar(batch, known.stepsPerEpoch, width)} ${percent} %`,
      `loss ${showNumber(report.meanLoss)}`,
      ...spark(),
      ...[...report.metrics].slice(0, 1).map(([name, value]) => showMetric(name, value)),
      `${showCount(report.samplesPerSecond)} samples/s`,
      `${showClock(report.secondsLeft)} left`,
    ].join('  ');
  };

  return {
    reading(done, total) {
      draw(
        (width) => `reading   ${bar(done, total, width)} ${showCount(done)} of ${showCount(total)} files`,
        done === total,
      );
      if (done === total) clear();
    },
    starting(path, done, total) {
      draw((width) => `starting  ${bar(done, total, width)} initial values of ${path}`, false);
    },
    started(given) {
      clear();
      plan = given;
    },
    stepped(report) {
      const known = plan;
      history.add(report.loss);
      if (known) draw((width) => describeStep(report, known, width), report.position.batch === 0);
    },
    evaluating(part, done, total) {
      draw(
        (width) =>
          `${part.padEnd(9)} ${bar(done, total, width)} ${showCount(done)} of ${showCount(total)} examples`,
        done === total,
      );
    },
    epochEnded(report) {
      clear();
      sink.write(`${describeEpoch(report, plan?.epochs ?? report.epoch)}\n`);
      if (report.epoch === plan?.epochs) drawHistory();
    },
    close: clear,
  };
}
