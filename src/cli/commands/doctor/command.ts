// `nnc doctor`: what this machine has to train with, and how to get what it lacks.
import { flag, text } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';

export const doctor = defineCommand({
  name: 'doctor',
  describe: 'Look what is here to train with: compilers, GPU, threads, data sets; say how to get the rest',
  positionals: [],
  options: {
    'data-root': text('FOLDER', 'Look for data sets here too'),
    json: flag('Print one JSON object'),
  },
  async run(_, options, streams) {
    const { examine } = await import('./run.ts');
    return examine(options, streams);
  },
});
