// `nnc export`: a trained model for somebody else's program: ONNX, safetensors, or one module of JavaScript that needs nothing.
import { flag, oneOf, settings, text, wholeNumber } from './arguments.ts';
import { defineCommand } from './command.ts';

export const exportFormats = ['onnx', 'safetensors'] as const;
export const namings = ['pytorch', 'nnc'] as const;

export const exportModel = defineCommand({
  name: 'export',
  describe: 'Write a trained model as ONNX, as safetensors, or as one JavaScript module',
  positionals: [{ name: 'file', describe: "The .nn file; by default the project's only model" }],
  options: {
    format: oneOf(
      exportFormats,
      "onnx: the inference graph; safetensors: the weights alone; by --out's extension",
    ),
    standalone: flag('One JavaScript module with its weights, which predicts in Node and in a page'),
    checkpoint: text('PATH', "A checkpoint or a run's folder; by default the best of the newest run"),
    initial: flag('The weights that training would begin with'),
    names: oneOf(namings, "Of safetensors: pytorch's (linear_1.weight) by default, or nnc's (linear_1.W)"),
    out: text('PATH', 'The file to write; by default build/MODEL.onnx and so on'),
    batch: wholeNumber('Of ONNX: a fixed batch; by default it is free', 1),
    set: settings('Replace a constant or a hyper-parameter, as when it was trained'),
    model: text('NAME', 'Which model, where the file has several'),
  },
  examples: [
    ['nnc export digits.nn --format onnx', 'build/digits.onnx, for ONNX Runtime and others'],
    ['nnc export digits.nn --format safetensors', "weights under PyTorch's names and layouts"],
    ['nnc export digits.nn --standalone --out digits.mjs', '`import { predict } from "./digits.mjs"`'],
  ],
  async run([file], given, streams) {
    const [{ findSource }, { exportFile }] = await Promise.all([
      import('./locate.ts'),
      import('./export-run.ts'),
    ]);
    return exportFile(await findSource(file, 'export'), given, streams);
  },
});
