// The options of `nnc compile`.
import { flag, oneOf, settings, text, wholeNumber } from '../../arguments.ts';
import { defaultTarget, targetChoices } from '../../../targets/table.ts';

export const compileOptions = {
  emit: text(
    'FORM',
    'Print a form to stdout and write nothing: after:PASS, ast, graph, gradient, kernels, ts',
  ),
  timings: flag('Say on stderr how long each pass took, and how large its form is'),
  target: oneOf(targetChoices, `What to generate for; by default ${defaultTarget}`),
  out: text('PATH', 'The folder, or the .mjs file, to write; by default build/'),
  batch: wholeNumber('Examples in a batch', 1),
  set: settings('Replace a constant, a setting of train or a hyper-parameter: lr=0.01'),
  model: text('NAME', 'Which model, where the file has several'),
  portable: flag('For wasm: also a form for pages without shared memory and engines without relaxed SIMD'),
};

export type CompileOptions = typeof compileOptions;
