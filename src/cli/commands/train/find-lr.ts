// `nnc train --find-lr`: the learning-rate range test. The model is compiled with a learning rate of 1 and a library schedule that runs
// through all rates, so that the step is the same as in training.
import { printable, printableJson } from '../../../diagnostics/printable.ts';
import { join } from 'node:path';
import type { Source } from '../../../diagnostics/source.ts';
import { systemFiles, writeWhole } from '../../../train/checkpoint/files.ts';
import { showMany } from '../../../train/progress/text.ts';
import { drawSvg, drawText } from '../../../train/rate-range/chart.ts';
import { testRates, type RangeTest } from '../../../train/rate-range/rate-range.ts';
import { prepareRun } from '../../../train/run/prepare.ts';
import type { OptionValues } from '../../arguments.ts';
import { productName } from '../../../driver/build.ts';
import { CommandFailure, exitCodes } from '../../failure.ts';
import { RunFolder } from '../../run-folder.ts';
import { listenForSignals } from '../../signals.ts';
import type { Streams } from '../../streams.ts';
import { buildForTraining } from './build.ts';
import type { TrainOptions } from './options.ts';

const range = { start: 1e-7, end: 10 };
const updates = 200;

export async function findRate(
  source: Source,
  options: OptionValues<TrainOptions>,
  streams: Streams,
): Promise<number> {
  const built = await buildForTraining(source, options, streams, {
    overrides: new Map([['lr', '1']]),
    schedule: { name: 'RangeTest', settings: range },
  });
  const steps = updates * (built.specification.train.accumulate ?? 1);
  const { data, model, dataset } = await prepareRun(built);
  const interruption = listenForSignals((signal) => streams.note(`${signal}: ending the range test`));
  const columns = streams.terminal?.columns;
  let test: RangeTest;
  try {
    streams.note(`${built.specification.name} on ${model.mode}; ${printable(dataset.description)}`);
    test = await testRates({
      ...{ model, data, ...range, steps, signal: interruption.signal },
      stepped: (_, step) => {
        if (columns !== undefined) streams.raw(`\r\u001b[2Krange test, step ${step} of at most ${steps}`);
      },
    });
  } finally {
    if (columns !== undefined) streams.raw('\r\u001b[2K');
    interruption.close();
    await data.close();
    await model.destroy();
  }
  if (test.end === 'interrupted') return interruption.exitCode() ?? exitCodes.interrupted;
  if (test.points.length < 2)
    throw new CommandFailure(
      exitCodes.diverged,
      'the loss is not finite at any learning rate',
      'Train with --epochs 1 to see where it comes from.',
    );
  const places = new RunFolder(productName(source, options.model), options.out);
  const folder = await places.open();
  const picture = folder === undefined ? undefined : join(folder, 'find-lr.svg');
  if (folder !== undefined && picture !== undefined) {
    const title = `${built.specification.name}: range test of the learning rate`;
    await writeWhole(picture, Buffer.from(drawSvg(test, title)), systemFiles);
    await writeWhole(
      join(folder, 'find-lr.json'),
      Buffer.from(`${JSON.stringify(test, undefined, 2)}\n`),
      systemFiles,
    );
  }
  await places.close();
  if (options.json) streams.result(printableJson({ ...test, picture: picture ?? null }));
  else streams.result(show(test, picture, columns ?? 80));
  return exitCodes.done;
}

function show(test: RangeTest, picture: string | undefined, columns: number): string {
  const { points, suggestion, lowest, end } = test;
  const ran = `${showMany(points.length, 'step')}${end === 'diverged' ? ', until the loss ran away' : ''}`;
  return [
    drawText(test, Math.min(columns, 100)),
    suggestion === null
      ? `${ran}; the loss falls at no rate by more than it differs between batches`
      : `${ran}; the loss falls fastest at a learning rate of ${suggestion}, and is lowest at ${lowest}\ntry --set lr=${suggestion}, or a little more`,
    ...(end === 'completed' && lowest !== null && lowest >= range.end / 2
      ? ['the loss still falls at the largest rate: targets or features may be far too large for a new model']
      : []),
    ...(picture === undefined ? [] : [`drawn in ${printable(picture)}`]),
  ].join('\n');
}
