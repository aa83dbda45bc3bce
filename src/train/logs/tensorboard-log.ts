// Logs a run for TensorBoard: in tensorboard/ one folder each for training, validation and test, so that TensorBoard draws the same tag
// of all three in one chart. Logged steps and epochs become events; histograms of the parameters are added at the end.
import { join } from 'node:path';
import type { MetricValue } from '../loop/events.ts';
import type { RunContext, RunLogger } from '../run/context.ts';
import { EventFile } from './event-file.ts';
import { StepSampler } from './step-sampling.ts';
import { histogramOf, type SummaryValue } from './tensorboard-events.ts';

export const tensorBoardFolder = 'tensorboard';

type Part = 'train' | 'validation' | 'test';

/** @throws a system error when the files cannot be written */
export async function openTensorBoardLog({ folder, from, model, dataset }: RunContext): Promise<RunLogger> {
  const place = (part: Part) => EventFile.open(join(folder, tensorBoardFolder, part), from.step);
  const train = await place('train');
  const validation =
    dataset.validation && dataset.validation.count > 0 ? await place('validation') : undefined;
  const test = dataset.test && dataset.test.count > 0 ? await place('test') : undefined;
  const time = () => Date.now() / 1000;
  let sampler = new StepSampler(1);
  let step = from.step;

  return {
    started(plan) {
      sampler = new StepSampler(plan.epochs * plan.stepsPerEpoch);
    },
    stepped(report) {
      step = report.position.step;
      const line = sampler.add(report, performance.now(), time());
      if (!line) return;
      train.write(line.step, line.time, [
        { tag: 'loss', scalar: line.loss },
        ...scalars(line.metrics),
        ...(line.learning_rate === undefined ? [] : [{ tag: 'learning_rate', scalar: line.learning_rate }]),
        { tag: 'samples_per_second', scalar: line.samples_per_second },
      ]);
    },
    epochEnded(report) {
      step = report.step;
      train.write(report.step, time(), [
        { tag: 'epoch_loss', scalar: report.loss },
        ...scalars(report.metrics, 'epoch_'),
      ]);
      train.flush();
      if (!report.validation) return;
      const { loss, metrics } = report.validation;
      validation?.write(report.step, time(), [
        { tag: 'loss', scalar: loss },
        ...scalars(metrics),
        { tag: 'epoch_loss', scalar: loss },
        ...scalars(metrics, 'epoch_'),
      ]);
      validation?.flush();
    },
    tested({ loss, metrics }) {
      test?.write(step, time(), [{ tag: 'loss', scalar: loss }, ...scalars(metrics)]);
    },
    async close(record) {
      if (record) {
        const learned = [...(await model.parameters())];
        const histograms = learned.map(([path, { data }]) => ({
          tag: `parameters/${path}`,
          histogram: histogramOf(data),
        }));
        // an empty histogram has no bounds
        train.write(
          step,
          time(),
          histograms.filter(({ histogram }) => histogram.count > 0),
        );
      }
      for (const file of [train, validation, test]) await file?.close();
    },
  };
}

function scalars(metrics: ReadonlyMap<string, MetricValue>, prefix = ''): SummaryValue[] {
  return [...metrics].flatMap(([name, value]) =>
    typeof value === 'number' ? [{ tag: prefix + name, scalar: value }] : [],
  );
}
