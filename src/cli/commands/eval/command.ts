// `nnc eval`: loss and metrics of a trained model over a part of its data, every example once.
import { defineCommand } from '../../command.ts';
import { evalOptions } from './options.ts';

export const evaluate = defineCommand({
  name: 'eval',
  describe: 'Loss and metrics of a trained model over the test part of its data',
  positionals: [{ name: 'file', describe: "The .nn file; by default the project's only model" }],
  options: evalOptions,
  examples: [
    ['nnc eval digits.nn', 'the best state of the best complete run, on the test part'],
    ['nnc eval digits.nn --checkpoint runs/digits/2026-03-01_14-05-09 --part validation', 'another run'],
  ],
  async run([file], given, streams) {
    const [{ findSource }, { evaluateTrained }] = await Promise.all([
      import('../../locate.ts'),
      import('./run.ts'),
    ]);
    return evaluateTrained(await findSource(file, 'eval'), given, streams);
  },
});
