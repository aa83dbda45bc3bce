// The options of `nnc eval`.
import { flag, oneOf, text } from '../../arguments.ts';
import { trainedOptions } from '../../run-options.ts';

export const parts = ['test', 'validation', 'train'] as const;
export type Part = (typeof parts)[number];

export const evalOptions = {
  ...trainedOptions,
  part: oneOf(parts, 'Which examples; by default test, or validation where there is no test part'),
  'data-root': text('FOLDER', 'Where data is looked for beside the folder of the .nn file'),
  report: text('FILE', 'Write a page to look at: confusion matrix, the worst mistakes as pictures'),
  json: flag('Print one JSON object'),
};

export type EvalOptions = typeof evalOptions;
