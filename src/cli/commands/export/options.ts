// The options of `nnc export`.
import { flag, oneOf, settings, text, wholeNumber } from '../../arguments.ts';
import { defaultTarget, targetChoices } from '../../../targets/table.ts';
import { checkpointOption } from '../../run-options.ts';

export const exportFormats = ['onnx', 'safetensors', 'module'] as const;
export const namings = ['pytorch', 'nnc'] as const;

export const exportOptions = {
  format: oneOf(
    exportFormats,
    "onnx: the inference graph; safetensors: the weights alone; module: the compiled module, trained; by --out's extension",
  ),
  standalone: flag('One JavaScript module with its weights, which predicts in Node and in a page'),
  checkpoint: checkpointOption,
  initial: flag('The weights that training would begin with'),
  names: oneOf(namings, "Of safetensors: pytorch's (linear_1.weight) by default, or nnc's (linear_1.W)"),
  raw: flag('Of ONNX and --standalone: leave out the preparation of raw examples'),
  out: text('PATH', 'The file to write; by default build/MODEL.onnx and so on'),
  batch: wholeNumber('Of ONNX: a fixed batch; by default it is free. Of a module: as in `nnc compile`', 1),
  target: oneOf(targetChoices, `Of a module: what it runs on; by default ${defaultTarget}`),
  portable: flag('Of a module for wasm: also a form for pages without shared memory'),
  set: settings('Replace a constant or a hyper-parameter, as when it was trained'),
  model: text('NAME', 'Which model, where the file has several'),
};

export type ExportOptions = typeof exportOptions;
