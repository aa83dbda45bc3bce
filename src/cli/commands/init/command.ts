// `nnc init`: a first model, from data or from a template.
import { flag, oneOf, text } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { templateNames } from './template-names.ts';

export const init = defineCommand({
  name: 'init',
  describe: 'Write a first model: for your data, or from a template',
  positionals: [
    { name: 'data', describe: 'A CSV, Parquet or .npz file, or a folder of pictures with a folder a class' },
  ],
  options: {
    target: text('COLUMN', 'What is to be predicted: a column, by name or by number from 1, or an array'),
    template: oneOf(templateNames, 'Begin without data; table and images bring some'),
    out: text('FILE', 'The .nn file; by default called as the data is, in this folder'),
    force: flag('Replace files that are there already'),
  },
  examples: [
    [
      'nnc init trees.csv --target species',
      'classes or numbers, texts, missing cells: whatever the table holds',
    ],
    ['nnc init photos', 'a convolutional network for a folder of pictures'],
    ['nnc init --template digits', 'handwritten digits'],
  ],
  async run([data], options, streams) {
    const { initialize } = await import('./run.ts');
    return initialize(data, options, streams);
  },
});
