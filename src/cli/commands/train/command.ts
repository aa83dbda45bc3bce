// `nnc train`: compiles the model if necessary, trains it, saves checkpoints, and reports its test results.
import { defineCommand } from '../../command.ts';
import { trainOptions } from './options.ts';

export const train = defineCommand({
  name: 'train',
  describe: 'Train the model on its data',
  positionals: [{ name: 'file', describe: "The .nn file; by default the project's only model" }],
  options: trainOptions,
  async run([file], given, streams) {
    const { findSource } = await import('../../locate.ts');
    const source = await findSource(file, 'train');
    if (given['dry-run']) return (await import('./dry-run.ts')).runDry(source, given, streams);
    if (given['find-lr']) return (await import('./find-lr.ts')).findRate(source, given, streams);
    return (await import('./run.ts')).runTraining(source, given, streams);
  },
});
