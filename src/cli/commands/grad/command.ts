// `nnc grad`: one forward and backward pass with the user's numbers.
import { flag, oneOf, settings, text, wholeNumber } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { exitCodes } from '../../failure.ts';
import { chooseTarget, defaultTarget, modes, targetChoices } from '../../../targets/table.ts';

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
    jacobian: flag("Print the Jacobian of the output instead, for each example; always the interpreter's"),
    input: text('NAME', 'With --jacobian: towards which input, where the model has several'),
    output: text('NAME', 'With --jacobian: of which output, where the model has several'),
    inference: flag('Without training behavior (dropout, batch statistics)'),
    seed: wholeNumber('What parameters that are not given start from, and what random layers draw', 0),
    target: oneOf(
      [...targetChoices, 'interpreter'],
      `What to run on; by default ${defaultTarget}. interpreter: the float64 reference`,
    ),
    mode: oneOf(modes, "gpu.js's mode"),
    set: settings('Replace a constant or a hyper-parameter'),
    model: text('NAME', 'Which model, where the file has several'),
  },
  async run([file = '', json = ''], given, streams) {
    const [{ findSource, readBounded }, { readGradFile, showGradient }, { gradientOf }, { resolveTarget }] =
      await Promise.all([
        import('../../locate.ts'),
        import('./file.ts'),
        import('./run.ts'),
        import('../../../driver/choose-target.ts'),
      ]);
    const { inference, seed, target, mode, set, model } = given;
    const source = await findSource(file, 'grad');
    const options = { overrides: set, ...(model !== undefined && { model }) };
    const chosen = chooseTarget(target, mode);
    const numbers = readGradFile(json, await readBounded(json, 2 ** 28));
    const request = {
      source,
      given: numbers,
      target: await resolveTarget(chosen, { source, options, deterministic: false }, streams.note),
      ...(mode !== undefined && { mode }),
      ...(seed !== undefined && { seed }),
      options: {
        batch: numbers.batch,
        overrides: set,
        programs: ['gradient' as const],
        trainingGradient: !inference,
        ...(model !== undefined && { model }),
      },
      warn: streams.note,
    };
    if (given.jacobian) {
      const { jacobianOf } = await import('./jacobian.ts');
      streams.result(await jacobianOf(request, given));
      return exitCodes.done;
    }
    const { text: shown, lost } = showGradient(await gradientOf(request));
    if (lost > 0)
      streams.note(`warning: ${lost} values are not finite; JSON has no such numbers, they stand as null`);
    streams.result(shown);
    return exitCodes.done;
  },
});
