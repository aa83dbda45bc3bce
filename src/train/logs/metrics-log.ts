// Logs a run to metrics.jsonl: a line per logged event of the loop.
import { join } from 'node:path';
import type { Now } from '../loop/clock.ts';
import type { RunLogger, RunContext } from '../run/context.ts';
import { epochLine, evaluationEntry, startLine } from './metric-lines.ts';
import { MetricsFile, metricsName } from './metrics-file.ts';
import { StepSampler } from './step-sampling.ts';

/**
 * @param now the clock that limits output to 20 lines per second
 * @throws a system error when the file cannot be written
 */
export async function openMetricsLog(
  { folder, from }: RunContext,
  now: Now = () => performance.now(),
): Promise<RunLogger> {
  const file = await MetricsFile.open(join(folder, metricsName), from.step);
  const time = () => Date.now() / 1000;
  let sampler = new StepSampler(1);
  let step = from.step;
  return {
    started(plan) {
      sampler = new StepSampler(plan.epochs * plan.stepsPerEpoch);
      file.write(startLine(plan, time()));
      file.flush();
    },
    stepped(report) {
      step = report.position.step;
      const line = sampler.add(report, now(), time());
      if (line) file.write(line);
    },
    epochEnded(report) {
      step = report.step;
      file.write(epochLine(report, time()));
      file.flush();
    },
    tested(evaluation, state) {
      file.write({ kind: 'test', step, time: time(), state, result: evaluationEntry(evaluation) });
    },
    close: () => file.close(),
  };
}
