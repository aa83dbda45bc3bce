// `nnc export`: a trained model for other programs: ONNX, safetensors, or a self-contained JavaScript module.
import { defineCommand } from '../../command.ts';
import { exportOptions } from './options.ts';

export const exportModel = defineCommand({
  name: 'export',
  describe: 'Write a trained model as ONNX, as safetensors, or as a JavaScript module',
  positionals: [{ name: 'file', describe: "The .nn file; by default the project's only model" }],
  options: exportOptions,
  examples: [
    ['nnc export digits.nn --format onnx', 'build/digits.onnx, for ONNX Runtime and others'],
    ['nnc export digits.nn --format safetensors', "weights under PyTorch's names and layouts"],
    [
      'nnc export digits.nn --format module',
      'build/digits.trained.mjs: the compiled module with weights and preparation',
    ],
    ['nnc export digits.nn --standalone --out digits.mjs', '`import { predict } from "./digits.mjs"`'],
  ],
  async run([file], given, streams) {
    const [{ findSource }, { exportFile }] = await Promise.all([
      import('../../locate.ts'),
      import('./run.ts'),
    ]);
    return exportFile(await findSource(file, 'export'), given, streams);
  },
});
