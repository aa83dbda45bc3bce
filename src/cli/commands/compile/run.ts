// `nnc compile`: builds the products and copies them out, or runs the passes up to the form to be printed.
import { printableLines } from '../../../diagnostics/printable.ts';
import { build } from '../../../driver/build.ts';
import { resolveTarget } from '../../../driver/choose-target.ts';
import { emit, emittedForm, emittedForms } from '../../../driver/emit.ts';
import type { PassTiming } from '../../../driver/passes/run.ts';
import { fail } from '../../../diagnostics/diagnostic.ts';
import { renderDiagnostic } from '../../../diagnostics/render.ts';
import type { Source } from '../../../diagnostics/source.ts';
import { defaultTarget } from '../../../targets/table.ts';
import type { OptionValues } from '../../arguments.ts';
import { exitCodes } from '../../failure.ts';
import type { Streams } from '../../streams.ts';
import { helpWith } from '../../suggestion.ts';
import { showTable } from '../../table.ts';
import { copyProducts, importLine, placeOf } from '../../write-products.ts';
import type { CompileOptions } from './options.ts';

export async function runCompile(
  source: Source,
  given: OptionValues<CompileOptions>,
  streams: Streams,
): Promise<number> {
  const { batch, set, model, emit: form, portable, timings: timed } = given;
  const options = {
    overrides: set,
    ...(batch !== undefined && { batch }),
    ...(model !== undefined && { model }),
  };
  const timings: PassTiming[] = [];
  const watch = timed ? (timing: PassTiming) => void timings.push(timing) : undefined;
  const request = { source, options, deterministic: false };
  const usual = form === undefined ? defaultTarget : targetOfForm(form);
  const target = await resolveTarget(given.target ?? usual, request, streams.note);
  if (form !== undefined) {
    const { text, warnings } = await emit(source, form, { ...options, target }, watch);
    for (const warning of warnings) streams.note(renderDiagnostic(warning, { color: streams.color }));
    streams.result(printableLines(text).replace(/\n$/, ''));
  } else {
    const { folder, name } = placeOf(given.out);
    const built = await build({
      ...{ source, target, options, portable },
      ...(name !== undefined && { name }),
      ...(watch && { watch }),
    });
    for (const warning of built.warnings) streams.note(warning);
    for (const { path, bytes } of await copyProducts(built, folder))
      streams.result(`wrote ${path} (${bytes} bytes)`);
    streams.result(`use it: ${importLine(built, folder)}`);
  }
  if (timed) streams.note(showTimings(timings));
  return exitCodes.done;
}

/** The default target of a form. @throws DiagnosticError if the form does not exist */
function targetOfForm(form: string): string {
  if (emittedForms.includes(form)) return emittedForm(form).target;
  const pass = `after:${form}`;
  const help = emittedForms.includes(pass)
    ? `Did you mean \`${pass}\`?`
    : helpWith(form, emittedForms, `It takes one of: ${emittedForms.join(', ')}.`);
  return fail('option.choice', undefined, { option: '--emit', found: JSON.stringify(form), help });
}

function showTimings(timings: readonly PassTiming[]): string {
  const total = timings.reduce((sum, { ran, verified }) => sum + ran + verified, 0);
  const rows = timings.map(({ name, ran, verified, size }) => [
    name,
    ran.toFixed(1),
    verified.toFixed(1),
    size,
  ]);
  const table = showTable(['pass', 'ms', 'verify', 'leaves'], rows, [1, 2]);
  return `${table}\n\n${total.toFixed(1)} ms`;
}
