// `nnc check`: diagnostics, and with --data what the data holds.
import { flag, settings, text, wholeNumber } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { exitCodes } from '../../failure.ts';

export const check = defineCommand({
  name: 'check',
  describe: 'Look for mistakes: names, hyper-parameters, shapes; with --data also in the data',
  positionals: [
    { name: 'files', describe: 'The .nn files; by default all of this folder and models/', variadic: true },
  ],
  options: {
    set: settings('Replace a constant, a setting of train or a hyper-parameter, as for train'),
    batch: wholeNumber('Examples in a batch', 1),
    data: flag('Read the data too, and check it against the model'),
    'data-root': text('FOLDER', 'Read the data, and look for it here beside the folder of the .nn file'),
    inverse: flag("Whether a model's inputs can be computed from its outputs; if not, say why"),
  },
  async run(files, { set, batch, inverse, data, 'data-root': dataRoot }, streams) {
    const [{ checkSources }, { findSources }] = await Promise.all([
      import('./check-sources.ts'),
      import('../../locate.ts'),
    ]);
    const sources = await findSources(files, 'check');
    const options = {
      ...{ overrides: set, inverse, data: data || dataRoot !== undefined },
      ...(batch !== undefined && { batch }),
      ...(dataRoot !== undefined && { dataRoot }),
    };
    return (await checkSources(sources, options, streams)) > 0 ? exitCodes.badInput : exitCodes.done;
  },
});
