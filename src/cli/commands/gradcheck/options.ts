// The options of `nnc gradcheck`.
import { flag, settings, text, wholeNumber } from '../../arguments.ts';

export const gradcheckOptions = {
  targets: flag('Run every target there is too, and compare its gradients'),
  samples: wholeNumber('Elements checked of a tensor that has more; by default 16', 1),
  batch: wholeNumber('Examples in the batch; by default 3', 1),
  set: settings('Replace a constant or a hyper-parameter'),
  seed: wholeNumber(
    'What inputs and parameters are drawn from, and which elements are checked; by default 1',
    0,
  ),
  json: flag('Print one JSON object'),
  model: text('NAME', 'Which model, where the file has several'),
};

export type GradcheckOptions = typeof gradcheckOptions;
