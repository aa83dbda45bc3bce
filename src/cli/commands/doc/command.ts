// `nnc doc`: explains a name of the library, of the language or of a file.
import { text } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { exitCodes } from '../../failure.ts';

export const doc = defineCommand({
  name: 'doc',
  describe:
    'Show the formula, arguments and shapes of a layer, loss, function …; without a name, list them all',
  positionals: [{ name: 'name', describe: 'Linear, CrossEntropy, softmax …' }],
  options: { file: text('FILE', 'Look at the definitions of this .nn file too') },
  async run([name], { file }, streams) {
    const [{ listNames, showName }, { findSource }] = await Promise.all([
      import('./text.ts'),
      import('../../locate.ts'),
    ]);
    const source = file === undefined ? undefined : await findSource(file, 'doc');
    streams.result(name === undefined ? listNames(source) : showName(name, source));
    return exitCodes.done;
  },
});
