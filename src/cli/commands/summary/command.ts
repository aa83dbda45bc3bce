// `nnc summary`: the layers of a model, as a table or as JSON.
import { printableJson } from '../../../diagnostics/printable.ts';
import type { ModelSpecification } from '../../../runtime/specification.ts';
import { defaultTarget, targetNames } from '../../../targets/table.ts';
import type { PlannedMemory } from './table.ts';
import { flag, oneOf, settings, text, wholeNumber } from '../../arguments.ts';
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
    target: oneOf(targetNames, `What it is planned for; by default ${defaultTarget}`),
  },
  async run([file], { json, batch, set, model, target: name }, streams) {
    const [{ compileUntil, compilationIn }, { targetOf }, { findSource }, { noteWarnings }, table] =
      await Promise.all([
        import('../../../compile.ts'),
        import('../../../targets/table.ts'),
        import('../../locate.ts'),
        import('../../warnings.ts'),
        import('./table.ts'),
      ]);
    const source = await findSource(file, 'summary');
    const target = targetOf(name);
    const compilation = compilationIn(
      await compileUntil({
        source,
        until: 'memory',
        options: {
          target: target.name,
          overrides: set,
          ...(batch !== undefined && { batch }),
          ...(model !== undefined && { model }),
        },
      }),
    );
    noteWarnings(compilation, streams);
    const described = table.describeModel(compilation);
    const memory = await plannedMemory(compilation.specification, target.place);
    streams.result(json ? printableJson({ ...described, memory }) : table.showModel(described, memory));
    return exitCodes.done;
  },
});

/** With the default number of threads. */
async function plannedMemory({ memory: use }: ModelSpecification, place: string): Promise<PlannedMemory> {
  const [{ usualThreads }, { allocatedBytes }] = await Promise.all([
    import('../../../runtime/wasm/host.ts'),
    import('../../../runtime/memory-use.ts'),
  ]);
  if (!use) throw new Error('nothing was planned');
  const threads = await usualThreads();
  return { place, threads, use, total: allocatedBytes(use, threads) };
}
