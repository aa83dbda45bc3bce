// The options of `nnc train`.
import { duration, flag, oneOf, settings, share, text, wholeNumber } from '../../arguments.ts';
import { allowableParts, parseAllowed, type AllowablePart } from '../../../train/run/changes.ts';
import { defaultTarget, modes, targetChoices } from '../../../targets/table.ts';

const allowedParts = {
  ...text(
    'PART,…',
    `With --resume: what may differ from what the run was trained with: ${allowableParts.join(', ')}`,
  ),
  parse: (values: readonly string[]): ReadonlySet<AllowablePart> | undefined =>
    values.length === 0 ? undefined : parseAllowed(values.join(',')),
};

export const trainOptions = {
  epochs: wholeNumber('Passes over the training part', 1),
  batch: wholeNumber('Examples in a batch', 1),
  set: settings('Replace a constant, a setting of train or a hyper-parameter: lr=0.01; may be repeated'),
  seed: wholeNumber('What the parameters start from, and what shuffling and random layers draw', 0),
  validation: share('The share of the training part that is kept to validate each epoch'),
  target: oneOf(targetChoices, `What to run on; by default ${defaultTarget}`),
  mode: oneOf(modes, "gpu.js's mode, which chooses that target; by default the best there is"),
  threads: wholeNumber('Threads of wasm or native; by default one a core, at most 8', 1),
  deterministic: flag('wasm without fused multiply-adds, so that two machines agree to the bit'),
  'data-root': text('FOLDER', 'Where data is looked for beside the folder of the .nn file'),
  out: text('PATH', "The run's folder, or a checkpoint alone: FILE.safetensors; by default runs/MODEL/TIME/"),
  resume: flag('Go on from the checkpoint at --out, or else from the newest of runs/MODEL/ that is no trial'),
  allow: allowedParts,
  patience: wholeNumber('Stop after so many epochs without a better one', 1),
  monitor: text('NAME', 'What makes an epoch better: validation_loss, accuracy, NAME:lower, NAME:higher'),
  'max-time': duration('Stop after this time, save, and test'),
  'checkpoint-every': wholeNumber(
    'Steps between checkpoints; by default each epoch, and each five minutes',
    1,
  ),
  'limit-batches': wholeNumber('Steps in an epoch, at most', 1),
  overfit: wholeNumber('Train, validate and test on this many examples only', 1),
  'dry-run': flag('Check everything, run one step, and write nothing'),
  'find-lr': flag('Look for a learning rate: run through all rates, and draw what the loss does'),
  'no-report': flag('Write no report.html at the end of the run'),
  json: flag('Print one JSON object as the last line of stdout'),
  model: text('NAME', 'Which model, where the file has several'),
};

export type TrainOptions = typeof trainOptions;
