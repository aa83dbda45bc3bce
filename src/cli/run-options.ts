// Options shared by commands that run a trained model.
import { flag, oneOf, settings, text, wholeNumber } from './arguments.ts';
import { defaultTarget, modes, targetChoices } from '../targets/table.ts';

export const trainedOptions = {
  checkpoint: text('PATH', "A checkpoint or a run's folder; by default the best of the newest run"),
  set: settings('Replace a constant or a hyper-parameter, as when it was trained'),
  batch: wholeNumber('Examples that are computed at a time', 1),
  target: oneOf(targetChoices, `What to run on; by default ${defaultTarget}`),
  mode: oneOf(modes, "gpu.js's mode, which chooses that target"),
  threads: wholeNumber('Threads; by default one a core, at most 8', 1),
  deterministic: flag('wasm without fused multiply-adds, so that two machines agree to the bit'),
  model: text('NAME', 'Which model, where the file has several'),
};

export type TrainedOptions = typeof trainedOptions;
