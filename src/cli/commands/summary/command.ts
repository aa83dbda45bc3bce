// `nnc summary`: what the model is made of, as a table or as JSON.
import { printableJson } from '../../../diagnostics/printable.ts';
import { flag, settings, text, wholeNumber } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { exitCodes } from '../../failure.ts';

export const summary = defineCommand({
  name: 'summary',
  describe: 'Show layers, output shapes, parameters, multiply-adds and memory',
  positionals: [{ name: 'file', describe: "The .nn file; by default the project's only model" }],
  options: {
    json: flag('Print one JSON object'),
    batch: wholeNumber('Examples in a batch', 1),
    set: settings('Replace a constant, a setting of train or a hyper-parameter'),
    model: text('NAME', 'Which model, where the file has several'),
  },
  async run([file], { json, batch, set, model }, streams) {
    const [{ compile }, { findSource }, { noteWarnings }, { describeModel, showModel }] = await Promise.all([
      import('../../../compile.ts'),
      import('../../locate.ts'),
      import('../../warnings.ts'),
      import('./table.ts'),
    ]);
    const source = await findSource(file, 'summary');
    const compilation = compile(source, {
      overrides: set,
      ...(batch !== undefined && { batch }),
      ...(model !== undefined && { model }),
    });
    noteWarnings(compilation, streams);
    const described = describeModel(compilation);
    streams.result(json ? printableJson(described) : showModel(described));
    return exitCodes.done;
  },
});
