// `nnc fmt`: the canonical layout, written in place or only checked.
import { flag } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';

export const fmt = defineCommand({
  name: 'fmt',
  describe: 'Lay .nn files out in the one canonical way',
  positionals: [
    { name: 'files', describe: 'The .nn files; by default all of this folder and models/', variadic: true },
  ],
  options: { check: flag('Write nothing; name the files that are laid out otherwise') },
  async run(files, { check }, streams) {
    const [{ formatFiles }, { findFiles }] = await Promise.all([
      import('./format-files.ts'),
      import('../../locate.ts'),
    ]);
    return formatFiles(await findFiles(files, 'fmt'), { check, named: files.length > 0 }, streams);
  },
});
