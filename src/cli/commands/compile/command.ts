// `nnc compile`: writes the generated module, or prints one of the compiler's forms.
import { flag, oneOf, settings, text, wholeNumber } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { exitCodes } from '../../failure.ts';
import { defaultTarget, readableTarget, targetChoices, targets } from '../../../targets/table.ts';

const forms = ['ast', 'graph', 'gradient', 'kernels', 'ts'] as const;

export const compile = defineCommand({
  name: 'compile',
  describe: 'Write the generated TypeScript to build/',
  positionals: [{ name: 'file', describe: "The .nn file; by default the project's only model" }],
  options: {
    emit: oneOf(forms, 'Print this form to stdout and write nothing'),
    target: oneOf(targetChoices, `What to generate for; by default ${defaultTarget}`),
    out: text('PATH', 'The folder, or the .ts file, to write; by default build/'),
    batch: wholeNumber('Examples in a batch', 1),
    set: settings('Replace a constant, a setting of train or a hyper-parameter: lr=0.01'),
    model: text('NAME', 'Which model, where the file has several'),
    portable: flag('For wasm: also a form for pages without shared memory and engines without relaxed SIMD'),
  },
  async run(
    [file],
    {
      emit: form,
      target: choice = form === 'ts' ? readableTarget : defaultTarget,
      out,
      batch,
      set,
      model,
      portable,
    },
    streams,
  ) {
    const { findSource } = await import('../../locate.ts');
    const source = await findSource(file, 'compile');
    const options = {
      overrides: set,
      ...(batch !== undefined && { batch }),
      ...(model !== undefined && { model }),
    };
    const { resolveTarget } = await import('../../../driver/choose-target.ts');
    const target = await resolveTarget(choice, { source, options, deterministic: false }, streams.note);
    if (form !== undefined) {
      const [{ compile }, { emit }, { noteWarnings }] = await Promise.all([
        import('../../../compile.ts'),
        import('../../../driver/emit.ts'),
        import('../../warnings.ts'),
      ]);
      await targets[target].cacheKey();
      const compilation = compile(source, { ...options, target });
      noteWarnings(compilation, streams);
      streams.result((await emit(compilation, form)).replace(/\n$/, ''));
      return exitCodes.done;
    }
    const [{ build }, { copyProducts, placeOf }] = await Promise.all([
      import('../../../driver/build.ts'),
      import('../../write-products.ts'),
    ]);
    const { folder, name } = placeOf(out);
    const built = await build({ source, target, options, portable, ...(name !== undefined && { name }) });
    for (const warning of built.warnings) streams.note(warning);
    for (const { path, bytes } of await copyProducts(built, folder))
      streams.result(`wrote ${path} (${bytes} bytes)`);
    return exitCodes.done;
  },
});
