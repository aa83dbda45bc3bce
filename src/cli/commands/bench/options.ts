// The options of `nnc bench`.
import { flag, oneOf, settings, text, wholeNumber } from '../../arguments.ts';
import { defaultTarget, modes, targetChoices } from '../../../targets/table.ts';

export const benchOptions = {
  target: oneOf(targetChoices, `What to run on; by default ${defaultTarget}`),
  mode: oneOf(modes, "gpu.js's mode, which chooses that target; by default the best there is"),
  threads: wholeNumber('Threads of wasm or native; by default one a core, at most 8', 1),
  deterministic: flag('wasm without fused multiply-adds'),
  seconds: wholeNumber('How long to time steps, and then kernels; by default 2', 1),
  batch: wholeNumber('Examples in a batch', 1),
  set: settings('Replace a constant, a setting of train or a hyper-parameter'),
  json: flag('Print one JSON object'),
  model: text('NAME', 'Which model, where the file has several'),
};

export type BenchOptions = typeof benchOptions;
