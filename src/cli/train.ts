// `nnc train`: compiles the model where that is due, trains it, keeps checkpoints, and says how it does on the test part.
import { defineCommand } from './command.ts';
import { trainOptions } from './train-options.ts';

export const train = defineCommand({
  name: 'train',
  describe: 'Train the model on its data',
  positionals: [{ name: 'file', describe: "The .nn file; by default the project's only model" }],
  options: trainOptions,
  async run([file], given, streams) {
    const [{ findSource }, { runTraining }] = await Promise.all([
      import('./locate.ts'),
      import('./train-command.ts'),
    ]);
    return runTraining(await findSource(file, 'train'), given, streams);
  },
});
