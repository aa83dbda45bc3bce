// `nnc export --format module`: the compiled module, its trained weights, and a module that opens it with them.
import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { fail } from '../../../diagnostics/diagnostic.ts';
import type { Source } from '../../../diagnostics/source.ts';
import { build } from '../../../driver/build.ts';
import { resolveTarget } from '../../../driver/choose-target.ts';
import { printTrainedModule } from '../../../export/trained-module.ts';
import type { ModelSpecification } from '../../../runtime/specification.ts';
import { moduleFile } from '../../../targets/module-files.ts';
import { defaultTarget } from '../../../targets/table.ts';
import type { Checkpoint } from '../../../train/checkpoint/checkpoint.ts';
import type { OptionValues } from '../../arguments.ts';
import type { Streams } from '../../streams.ts';
import { preprocessingOf } from '../../trained.ts';
import { version } from '../../version.ts';
import { writeOut } from '../../write-out.ts';
import { copyProducts } from '../../write-products.ts';
import type { ExportOptions } from './options.ts';
import { typesPath } from './paths.ts';

export interface ModuleRequest {
  readonly source: Source;
  /** The base name of the products. */
  readonly name: string;
  readonly specification: ModelSpecification;
  readonly trained: Checkpoint | undefined;
  readonly out: string;
}

export async function exportModule(
  { source, name, specification, trained, out }: ModuleRequest,
  { set, model, batch, target: wish, portable }: OptionValues<ExportOptions>,
  streams: Streams,
): Promise<void> {
  if (!trained) {
    const found = 'a model that has not been trained; `nnc compile` writes its module';
    return fail('option.value', undefined, {
      option: '--format',
      expected: 'a trained model for `module`',
      found,
    });
  }
  if (extname(out) !== '.mjs')
    fail('option.value', undefined, { option: '--out', expected: 'a file that ends in .mjs', found: out });
  const options = {
    overrides: set,
    ...(batch !== undefined && { batch }),
    ...(model !== undefined && { model }),
  };
  const request = { source, options, deterministic: false };
  const target = await resolveTarget(wish ?? defaultTarget, request, streams.note);
  const built = await build({ source, target, options, portable, name });
  const compiled = moduleFile(name);
  const own = basename(out, '.mjs');
  if (`${own}.mjs` === compiled) {
    const expected = 'another name than the compiled module beside it has';
    fail('option.value', undefined, { option: '--out', expected, found: out });
  }
  const preparation = preprocessingOf(trained);
  if (!preparation)
    streams.note('note: nothing says how examples were prepared; `forward` takes them as the model does');
  const { module, types } = printTrainedModule({
    specification,
    ...(preparation && { preparation }),
    ...{ compiled, own, state: `${own}.safetensors`, version: version() },
  });
  for (const { path, bytes } of await copyProducts(built, dirname(out)))
    streams.note(`wrote ${path} (${bytes} bytes)`);
  await writeOut(join(dirname(out), `${own}.safetensors`), await readFile(trained.path), streams);
  await writeOut(out, module, streams);
  await writeOut(typesPath(out), types, streams);
}
