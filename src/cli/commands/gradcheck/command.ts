// `nnc gradcheck`: compares the derived gradients with finite differences of the loss.
import { defineCommand } from '../../command.ts';
import { gradcheckOptions } from './options.ts';

export const gradcheck = defineCommand({
  name: 'gradcheck',
  describe: 'Compare every gradient with differences of the loss, in float64',
  positionals: [{ name: 'file', describe: "The .nn file; by default the project's only model" }],
  options: gradcheckOptions,
  async run([file], given, streams) {
    const [{ findSource }, { checkFile }] = await Promise.all([
      import('../../locate.ts'),
      import('./run.ts'),
    ]);
    return checkFile(await findSource(file, 'gradcheck'), given, streams);
  },
});
