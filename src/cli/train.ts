// `nnc train`: compiles the model where that is due, trains it, keeps checkpoints, and says how it does on the test part.
import { defineCommand } from './command.ts';
import { trainOptions } from './train-options.ts';

export const train = defineCommand({
  name: 'train',
  describe: 'Train the model on its data',
  positionals: [{ name: 'file', describe: "The .nn file; by default the project's only model" }],
  options: trainOptions,
  async run([file], given, streams) {
    const { findSource } = await import('./locate.ts');
    const source = await findSource(file, 'train');
    if (given['dry-run']) return (await import('./train-dry-run.ts')).runDry(source, given, streams);
    if (given['find-lr']) return (await import('./train-find-lr.ts')).findRate(source, given, streams);
    return (await import('./train-command.ts')).runTraining(source, given, streams);
  },
});
