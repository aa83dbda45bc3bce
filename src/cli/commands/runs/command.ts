// `nnc runs`: lists the runs of this folder with progress and results, compares runs, and names, pins and deletes them.
import { flag, text } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { runsFolder } from '../../runs-folder.ts';

export const runs = defineCommand({
  name: 'runs',
  describe: 'List the runs kept here; compare, name, pin or delete some',
  positionals: [
    {
      name: 'names',
      describe:
        'A model, whose runs are listed; or `compare RUN RUN…`, `name RUN NAME`, `note RUN TEXT`, `pin RUN`, `unpin RUN`, `delete RUN…`',
      variadic: true,
    },
  ],
  options: {
    folder: text('FOLDER', `Where the runs are; by default ${runsFolder}`),
    yes: flag('With delete: do it'),
    json: flag('Print one JSON object'),
  },
  examples: [
    ['nnc runs', 'every run, the newest of each model last'],
    ['nnc runs digits', 'those of digits.nn'],
    ['nnc runs compare digits/2026-03-01_14-05-09 last', 'a run beside the newest of all'],
    ['nnc runs name last "wide, no dropout"', 'a name, for `--checkpoint` too'],
    ['nnc runs pin 2026-03-01_14', 'its weights are used where no others are named'],
    ['nnc runs delete 2026-03-01_14 --yes', 'removes its folder'],
  ],
  async run(names, { folder = runsFolder, yes, json }, streams) {
    const [{ compareNamed, listNamed }, { deleteRuns, nameRun, noteRun, pinRun }] = await Promise.all([
      import('./run.ts'),
      import('./keep.ts'),
    ]);
    const [first, ...others] = names;
    switch (first) {
      case 'compare':
        return compareNamed(others, folder, json, streams);
      case 'name':
        return nameRun(others, folder, streams);
      case 'note':
        return noteRun(others, folder, streams);
      case 'pin':
      case 'unpin':
        return pinRun(others, first === 'pin', folder, streams);
      case 'delete':
        return deleteRuns(others, yes, folder, streams);
      default:
        return listNamed(names, folder, json, streams);
    }
  },
});
