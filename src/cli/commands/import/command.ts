// `nnc import`: converts foreign weights to a checkpoint for train, eval, predict and export.
import { flag, settings, text, wholeNumber } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';

export const importWeights = defineCommand({
  name: 'import',
  describe: 'Make a checkpoint of the weights in a safetensors file (of PyTorch, for example)',
  positionals: [
    { name: 'file', describe: 'The .nn file', required: true },
    { name: 'weights', describe: "The .safetensors file, with PyTorch's names or nnc's", required: true },
  ],
  options: {
    map: text(
      'FILE',
      'JSON: names of tensors or modules in the file, and what they are in the model, or null',
    ),
    out: text('PATH', "The run's folder, or FILE.safetensors; by default runs/MODEL/TIME/"),
    'data-root': text('FOLDER', 'Where data is looked for, whose statistics prepare examples'),
    'no-data': flag('Do not look for the data: predict then takes examples as they are'),
    batch: wholeNumber('Examples in a batch, for training on', 1),
    set: settings('Replace a constant, a setting of train or a hyper-parameter'),
    model: text('NAME', 'Which model, where the file has several'),
  },
  examples: [
    ['nnc import digits.nn weights.safetensors', 'names as `nnc export --format safetensors` writes them'],
    ['nnc import digits.nn net.safetensors --map names.json', '{"0": "linear_1", "2": "linear_2"}'],
    ['nnc train digits.nn --resume', 'goes on from there, with fresh optimizer state'],
  ],
  async run([file = '', weights = ''], given, streams) {
    const [{ findSource }, { importFile }] = await Promise.all([
      import('../../locate.ts'),
      import('./run.ts'),
    ]);
    return importFile(await findSource(file, 'import'), weights, given, streams);
  },
});
