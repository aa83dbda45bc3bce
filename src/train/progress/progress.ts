// Progress for people, on stderr: on a terminal a bar that is redrawn in place, and everywhere one line per epoch. It observes the loop
// and writes text to the sink.
import type { EpochReport, Evaluation, LoopPlan, StepReport, TrainingObserver } from '../loop/events.ts';
import { dotChart, LossHistory, sparkline } from './chart.ts';
import { showClock, showCount, showMetric, showNumber, showSeconds } from './text.ts';

export interface ProgressSink {
  /** Writes text unchanged. */
  write(text: string): void;
  /** The terminal's width in characters; undefined if there is no terminal. */
  columns(): number | undefined;
  /** Milliseconds since some fixed moment; never decreases. */
  now(): number;
}

/** Minimum milliseconds between redraws. */
const redrawEvery = 100;

/** Width of the sparkline beside the bar, on terminals of at least `widthForSpark` columns; the chart at the end has several rows. */
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

/** The observed events, and `close`, which clears the line. */
export type Progress = Required<
  Pick<TrainingObserver, 'started' | 'stepped' | 'evaluating' | 'epochEnded'>
> & {
  /** Files of the data set that have been read. */
  reading(done: number, total: number): void;
  /** The tensor being initialized, and the number of initialized ones. */
  starting(path: string, done: number, total: number): void;
  close(): void;
};

export function createProgress(sink: ProgressSink): Progress {
  const line = new ProgressLine(sink);
  const history = new LossHistory();
  let plan: LoopPlan | undefined;
  return {
    reading(done, total) {
      const files = `${showCount(done)} of ${showCount(total)} files`;
      line.draw((width) => `reading   ${bar(done, total, width)} ${files}`, done === total);
      if (done === total) line.clear();
    },
    starting(path, done, total) {
      line.draw((width) => `starting  ${bar(done, total, width)} initial values of ${path}`, false);
    },
    started(startedPlan) {
      line.clear();
      plan = startedPlan;
    },
    stepped(report) {
      history.add(report.loss);
      if (!plan) return;
      const { stepsPerEpoch, epochs } = plan;
      const wide = (sink.columns() ?? 0) >= widthForSpark;
      const spark = wide ? [sparkline(history.values(sparkWidth)).padEnd(sparkWidth)] : [];
      line.draw(
        (width) => describeStep(report, { stepsPerEpoch, epochs, width, spark }),
        report.position.batch === 0,
      );
    },
    evaluating(part, done, total) {
      const examples = `${showCount(done)} of ${showCount(total)} examples`;
      line.draw((width) => `${part.padEnd(9)} ${bar(done, total, width)} ${examples}`, done === total);
    },
    epochEnded(report) {
      line.clear();
      sink.write(`${describeEpoch(report, plan?.epochs ?? report.epoch)}\n`);
      if (report.epoch === plan?.epochs) drawHistory(sink, history);
    },
    close: () => line.clear(),
  };
}

/** A terminal line that is redrawn in place. */
class ProgressLine {
  #drawnAt = -Infinity;
  #isOnScreen = false;

  constructor(private readonly sink: ProgressSink) {}

  clear(): void {
    if (this.#isOnScreen) this.sink.write(clearLine);
    this.#isOnScreen = false;
  }

  /** @param always redraws even if the line was drawn a moment ago */
  draw(text: (barWidth: number) => string, always: boolean): void {
    const columns = this.sink.columns();
    if (columns === undefined) return;
    const now = this.sink.now();
    if (!always && now - this.#drawnAt < redrawEvery) return;
    this.#drawnAt = now;
    this.#isOnScreen = true;
    const barWidth = Math.max(5, Math.min(30, columns - 70));
    // One column is left free: a full line would wrap on some terminals.
    this.sink.write(clearLine + text(barWidth).slice(0, Math.max(1, columns - 1)));
  }
}

interface StepLayout {
  readonly stepsPerEpoch: number;
  readonly epochs: number;
  readonly width: number;
  /** The sparkline of the loss, if there is room. */
  readonly spark: readonly string[];
}

function describeStep(report: StepReport, { stepsPerEpoch, epochs, width, spark }: StepLayout): string {
  const { position } = report;
  // After an epoch's last step the position counts that epoch as complete.
  const epoch = position.batch === 0 ? position.epoch : position.epoch + 1;
  const batch = position.batch === 0 ? stepsPerEpoch : position.batch;
  const percent = String(Math.floor((100 * batch) / stepsPerEpoch)).padStart(3);
  return [
    `epoch ${epoch}/${epochs} ${bar(batch, stepsPerEpoch, width)} ${percent} %`,
    `loss ${showNumber(report.meanLoss)}`,
    ...spark,
    ...[...report.metrics].slice(0, 1).map(([name, value]) => showMetric(name, value)),
    `${showCount(report.samplesPerSecond)} samples/s`,
    `${showClock(report.secondsLeft)} left`,
  ].join('  ');
}

/** The chart of the loss, on a terminal and for at least a few values. */
function drawHistory(sink: ProgressSink, history: LossHistory): void {
  const columns = sink.columns();
  const values = history.values(2 * mostChartWidth);
  if (columns === undefined || values.length < 8) return;
  const width = Math.min(mostChartWidth, columns - 1);
  sink.write(`loss of training, by step\n${dotChart(values, width, chartRows, showNumber)}\n`);
}
