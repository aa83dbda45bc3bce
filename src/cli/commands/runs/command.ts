// `nnc runs`: lists the runs of this folder with progress and results; and compares runs.
import { flag, text } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { runsFolder } from '../../runs-folder.ts';

export const runs = defineCommand({
  name: 'runs',
  describe: 'List the runs kept here, or compare some',
  positionals: [
    { name: 'names', describe: 'A model, whose runs are listed; or `compare` and the runs', variadic: true },
  ],
  options: {
    folder: text('FOLDER', `Where the runs are; by default ${runsFolder}`),
    json: flag('Print one JSON object'),
  },
  examples: [
    ['nnc runs', 'every run, the newest of each model last'],
    ['nnc runs digits', 'those of digits.nn'],
    ['nnc runs compare digits/2026-03-01_14-05-09 last', 'a run beside the newest of all'],
  ],
  async run(names, { folder = runsFolder, json }, streams) {
    const { compareNamed, listNamed } = await import('./run.ts');
    const [first, ...others] = names;
    return first === 'compare'
      ? compareNamed(others, folder, json, streams)
      : listNamed(names, folder, json, streams);
  },
});
