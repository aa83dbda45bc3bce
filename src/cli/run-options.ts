// Options shared by commands that run a trained model.
import { flag, oneOf, settings, text, wholeNumber } from './arguments.ts';
import { defaultTarget, modes, targetChoices } from '../targets/table.ts';

export const checkpointOption = text(
  'best|last|RUN|PATH',
  "Whose weights: a run (its name, time or folder) or a checkpoint; best: of the complete run that is best by what it monitors; last: of the newest run, whatever it is; by default a pinned run's, else best",
);

export const trainedOptions = {
  checkpoint: checkpointOption,
  set: settings('Replace a constant or a hyper-parameter, as when it was trained'),
  batch: wholeNumber('Examples that are computed at a time', 1),
  target: oneOf(targetChoices, `What to run on; by default ${defaultTarget}`),
  mode: oneOf(modes, "gpu.js's mode, which chooses that target"),
  threads: wholeNumber('Threads; by default one a core, at most 8', 1),
  deterministic: flag('wasm without fused multiply-adds, so that two machines agree to the bit'),
  model: text('NAME', 'Which model, where the file has several'),
};

export type TrainedOptions = typeof trainedOptions;
