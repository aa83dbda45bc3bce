// `nnc data`: inspects data, and downloads data sets.
import { flag, text } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';

export const data = defineCommand({
  name: 'data',
  describe: 'Look into data (`inspect`), or download a data set (`get`)',
  positionals: [
    { name: 'action', describe: 'inspect or get', required: true, choices: ['inspect', 'get'] },
    { name: 'what', describe: 'A file, a folder or the name of a data set', required: true },
  ],
  options: {
    'data-root': text('FOLDER', 'Where data is; `get` puts it there. By default the current folder'),
    separator: text('CHARACTER', 'Between the cells of a CSV file; by default it is found'),
    headerless: flag('The first row of a CSV file is data, not names'),
    json: flag('Print one JSON object'),
  },
  examples: [
    ['nnc data inspect iris.csv', 'rows, ranges, missing cells and the balance of classes'],
    ['nnc data inspect photos', 'a folder of pictures, a folder a class'],
    ['nnc data get mnist --data-root data', 'downloads into data/mnist'],
  ],
  async run([action = '', what = ''], options, streams) {
    const { runData } = await import('./run.ts');
    return runData(action, what, options, streams);
  },
});
