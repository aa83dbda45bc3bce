// `nnc derive`: the backward pass as formulas.
import { oneOf, text } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { exitCodes } from '../../failure.ts';

export const derive = defineCommand({
  name: 'derive',
  describe: 'Print the backward pass as formulas, from the gradients that are compiled',
  positionals: [{ name: 'file', describe: "The .nn file; by default the project's only model" }],
  options: {
    layer: text(
      'NAME',
      "A layer or loss, of the file or the library; by default all of the file and its model's chain",
    ),
    format: oneOf(['text', 'latex', 'markdown'], 'By default text'),
    model: text('NAME', 'Which model, where the file has several'),
  },
  async run([file], { layer, format = 'text', model }, streams) {
    const [{ findSource }, { deriveFile }] = await Promise.all([
      import('../../locate.ts'),
      import('./run.ts'),
    ]);
    const source = await findSource(file, 'derive');
    streams.result(
      deriveFile(source, {
        format,
        ...(layer !== undefined && { layer }),
        ...(model !== undefined && { model }),
      }),
    );
    return exitCodes.done;
  },
});
