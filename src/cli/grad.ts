// `nnc grad`: one forward and backward of the user's own numbers.
import { flag, oneOf, settings, text, wholeNumber } from './arguments.ts';
import { defineCommand } from './command.ts';
import { exitCodes } from './failure.ts';
import { chooseTarget, defaultTarget, modes, targets } from './targets.ts';

export const grad = defineCommand({
  name: 'grad',
  describe: 'Print loss, outputs and gradients for the numbers of a JSON file',
  positionals: [
    { name: 'file', describe: 'The .nn file', required: true },
    {
      name: 'json',
      describe:
        '{"inputs": {NAME: …}, "params": {PATH: …}}: nested arrays, inputs and targets with the batch as first axis',
      required: true,
    },
  ],
  options: {
    inference: flag('Without training behaviour (dropout, batch statistics)'),
    seed: wholeNumber('What parameters that are not given start from, and what random layers draw', 0),
    target: oneOf(
      [...targets, 'interpreter'],
      `What to run on; by default ${defaultTarget}. interpreter: the float64 reference`,
    ),
    mode: oneOf(modes, "gpu.js's mode"),
    set: settings('Replace a constant or a hyper-parameter'),
    model: text('NAME', 'Which model, where the file has several'),
  },
  async run([file = '', json = ''], { inference, seed, target, mode, set, model }, streams) {
    const [{ findSource, readBounded }, { readGradFile, showGradient }, { gradientOf }] = await Promise.all([
      import('./locate.ts'),
      import('./grad-file.ts'),
      import('./grad-run.ts'),
    ]);
    const source = await findSource(file, 'grad');
    const given = readGradFile(json, await readBounded(json, 2 ** 28));
    const found = await gradientOf({
      source,
      given,
      target: chooseTarget(target, mode),
      ...(mode !== undefined && { mode }),
      ...(seed !== undefined && { seed }),
      options: {
        batch: given.batch,
        overrides: set,
        programs: ['gradient'],
        trainingGradient: !inference,
        ...(model !== undefined && { model }),
      },
      warn: streams.note,
    });
    const { text: shown, lost } = showGradient(found);
    if (lost > 0)
      streams.note(`warning: ${lost} values are not finite; JSON has no such numbers, they stand as null`);
    streams.result(shown);
    return exitCodes.done;
  },
});
