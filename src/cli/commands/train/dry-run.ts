// `nnc train --dry-run`: checks and compiles everything, runs one step on real data, and writes nothing.
import { printable, printableJson } from '../../../diagnostics/printable.ts';
import type { Source } from '../../../diagnostics/source.ts';
import { dryRun, type DryRun } from '../../../train/run/dry-run.ts';
import { showBytes, showCount, showMany, showNumber, showSeconds } from '../../../train/progress/text.ts';
import type { OptionValues } from '../../arguments.ts';
import { productName } from '../../../driver/build.ts';
import { exitCodes } from '../../failure.ts';
import { RunFolder } from '../../run-folder.ts';
import type { Streams } from '../../streams.ts';
import { programFrom } from '../../program-from.ts';
import { buildForTraining, trialIn } from './build.ts';
import type { TrainOptions } from './options.ts';
import { asFailure } from './text.ts';

export async function runDry(
  source: Source,
  options: OptionValues<TrainOptions>,
  streams: Streams,
): Promise<number> {
  const places = new RunFolder(productName(source, options.model), options.out);
  const resume = options.resume
    ? await places.findCheckpoint(trialIn(options), streams, Date.now())
    : undefined;
  const built = await buildForTraining(source, options, streams);
  const { allow: allowed } = options;
  const found = await dryRun({
    ...built,
    program: programFrom(source, options.set, options.model),
    ...(resume && { resume }),
    ...(allowed && { allowed }),
  }).catch((error: unknown) => {
    throw asFailure(error);
  });
  streams.result(options.json ? printableJson(found) : show(found));
  return exitCodes.done;
}

function show(found: DryRun): string {
  const parts = found.memory.filter(({ bytes }) => bytes > 0);
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const lines = [
    ['model', `${found.model}, ${showCount(found.parameters)} parameters`],
    [
      'would run',
      `${found.mode}, ${showMany(found.epochs, 'epoch')} of ${showMany(found.stepsPerEpoch, 'step')}`,
    ],
    ['data', printable(found.data)],
    ['one step', `loss ${showNumber(found.loss)}, ${showSeconds(found.stepSeconds)}`],
    ['memory', `about ${showBytes(total)}, ${showBytes(found.available)} free`],
    ...parts.map(({ name, bytes, detail }) => [
      '',
      `${showBytes(bytes).padStart(9)}  ${name}${detail && `: ${detail}`}`,
    ]),
    ['', 'nothing was written'],
  ];
  return lines.map(([name = '', value = '']) => `${name.padEnd(11)}${value}`).join('\n');
}
