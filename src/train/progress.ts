// Progress for people, on stderr: a bar that is drawn over itself on a terminal, one line an epoch where it is not one.
// Events of the loop enter; text leaves through the sink.
import type { EpochReport, Evaluation, LoopPlan, StepReport, TrainingObserver } from './loop-events.ts';
import { showClock, showCount, showMetric, showNumber, showSeconds } from './progress-text.ts';

export interface ProgressSink {
  /** Writes text as it stands. */
  write(text: string): void;
  /** The terminal's width in characters; undefined where there is none. */
  columns(): number | undefined;
  /** Milliseconds, ever rising. */
  now(): number;
}

const redrawEvery = 100;
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
> & { close(): void };

export function createProgress(sink: ProgressSink): Progress {
  let plan: LoopPlan | undefined;
  let drawn = -Infinity;
  let onScreen = false;

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

  const describeStep = (report: StepReport, known: LoopPlan, width: number) => {
    const { position } = report;
    // after an epoch's last step the position already counts that epoch as complete
    const epoch = position.batch === 0 ? position.epoch : position.epoch + 1;
    const batch = position.batch === 0 ? known.stepsPerEpoch : position.batch;
    const percent = String(Math.floor((100 * batch) / known.stepsPerEpoch)).padStart(3);
    return [
      `epoch ${epoch}/${known.epochs} ${bar(batch, known.stepsPerEpoch, width)} ${percent} %`,
      `loss ${showNumber(report.meanLoss)}`,
      `${showCount(report.samplesPerSecond)} samples/s`,
      `${showClock(report.secondsLeft)} left`,
    ].join('  ');
  };

  return {
    started(given) {
      plan = given;
    },
    stepped(report) {
      const known = plan;
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
    },
    close: clear,
  };
}
