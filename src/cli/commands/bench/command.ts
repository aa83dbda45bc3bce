// `nnc bench`: times a training step here, and its kernels.
import { benchOptions } from './options.ts';
import { defineCommand } from '../../command.ts';

export const bench = defineCommand({
  name: 'bench',
  describe: 'Time a training step on random data, kernel by kernel',
  positionals: [{ name: 'file', describe: "The .nn file; by default the project's only model" }],
  options: benchOptions,
  async run([file], given, streams) {
    const [{ findSource }, { runBench }] = await Promise.all([import('../../locate.ts'), import('./run.ts')]);
    return runBench(await findSource(file, 'bench'), given, streams);
  },
});
