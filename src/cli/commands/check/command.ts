// `nnc check`: diagnostics only.
import { flag, settings, wholeNumber } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { exitCodes } from '../../failure.ts';

export const check = defineCommand({
  name: 'check',
  describe: 'Look for mistakes: names, hyper-parameters, shapes',
  positionals: [
    { name: 'files', describe: 'The .nn files; by default all of this folder and models/', variadic: true },
  ],
  options: {
    set: settings('Replace a constant, a setting of train or a hyper-parameter, as for train'),
    batch: wholeNumber('Examples in a batch', 1),
    inverse: flag("Whether a model's inputs can be computed from its outputs; if not, say why"),
  },
  async run(files, { set, batch, inverse }, streams) {
    const [{ checkSources }, { findSources }] = await Promise.all([
      import('./check-sources.ts'),
      import('../../locate.ts'),
    ]);
    const sources = await findSources(files, 'check');
    const options = { overrides: set, inverse, ...(batch !== undefined && { batch }) };
    return checkSources(sources, options, streams) > 0 ? exitCodes.badInput : exitCodes.done;
  },
});
