// `nnc predict`: a trained model's predictions for examples from files: JSON, CSV, images, NumPy arrays.
import { flag, text, wholeNumber } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { trainedOptions } from '../../run-options.ts';

export const predict = defineCommand({
  name: 'predict',
  describe: 'What a trained model makes of examples: JSON, CSV, PNG, JPEG or .npy',
  positionals: [
    { name: 'file', describe: 'The .nn file', required: true },
    {
      name: 'inputs',
      describe: 'Files with examples, prepared as the training data was; - is stdin',
      required: true,
      variadic: true,
    },
  ],
  options: {
    ...trainedOptions,
    top: wholeNumber('Classes that are shown, the likeliest first; by default 3', 1),
    raw: flag('Values as the model takes them: nothing is done to them'),
    json: flag('Print one JSON object'),
    csv: flag('Print a table of comma-separated values, a line an example'),
    out: text('PATH', 'The file to write; by default stdout'),
  },
  examples: [
    ['nnc predict digits.nn seven.png two.jpg', 'class, name and probability of pictures'],
    ['nnc predict iris.nn new.csv --csv --out answers.csv', 'a table, columns by their names'],
    ['echo "[5.1, 3.5, 1.4, 0.2]" | nnc predict iris.nn - --json', 'numbers of one example'],
  ],
  async run([file = '', ...inputs], given, streams) {
    const [{ findSource }, { predictFiles }] = await Promise.all([
      import('../../locate.ts'),
      import('./run.ts'),
    ]);
    return predictFiles(await findSource(file, 'predict'), inputs, given, streams);
  },
});
