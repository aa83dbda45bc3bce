// Arguments that layers of other frameworks take and those of this language do not: an activation, the size of the input, a device.
import type { Edit } from '../diagnostics/diagnostic.ts';
import { activationArguments, foreignName, needlessArguments } from '../diagnostics/foreign-names.ts';
import type { Span } from '../diagnostics/source.ts';
import { meant } from '../names/meant.ts';
import { visibleDefinitions } from '../names/module.ts';
import type { Argument, Definition, Name } from '../parser/ast.ts';
import type { CallSite, Context } from './context.ts';
import { sourceText } from './values/types.ts';
import type { BoundArgument, Value } from './values/values.ts';

/** Reports a named argument that only other frameworks have; returns where it is none of them. */
export function refuseForeign(
  context: Context,
  definition: Definition,
  argument: Argument & { readonly name: Name },
  site: CallSite,
): void {
  const owner = definition.name.text;
  const { text: name, span } = argument.name;
  const own = definition.hyperParameters.map((parameter) => parameter.name.text);
  if (foreignName(name, own) !== undefined) return;
  if (activationArguments.includes(name)) {
    const given = argument.value.kind === 'string' ? argument.value.value : sourceText(argument.value);
    const layers = visibleDefinitions(site.environment.scope.module, ['layer']);
    const layer = layers.includes(given) ? given : meant(given, layers);
    const { source, start, end } = site.span;
    const cut = removal(argument.span, site.span);
    const call = source.text.slice(start, cut.span.start) + source.text.slice(cut.span.end, end);
    const replacement = layer === undefined ? call : `${call} -> ${layer}`;
    const args = { owner, name, example: `\`${replacement}\`` };
    context.fail('habit.activation', span, args, { edit: { span: site.span, replacement } });
  }
  const help = needlessArguments.get(name);
  if (help === undefined) return;
  const edit = removal(argument.span, site.span);
  context.fail('argument.unknown', span, { owner, name, help }, { edit });
}

/** Leaves an argument of a call out, with the comma before or behind it. */
function removal({ source, start, end }: Span, call: Span): Edit {
  const [before = ''] = /,\s*$/.exec(source.text.slice(call.start, start)) ?? [];
  const [behind = ''] = before === '' ? (/^\s*,\s*/.exec(source.text.slice(end, call.end)) ?? []) : [];
  return { span: { source, start: start - before.length, end: end + behind.length }, replacement: '' };
}

/** `Linear(784, 10)`: the first number is the size of the input. */
export function refuseInputSize(
  context: Context,
  definition: Definition,
  hyper: ReadonlyMap<string, BoundArgument>,
  { value, span }: { readonly value: Value; readonly span: Span },
): void {
  const [first] = definition.hyperParameters;
  const before = first && hyper.get(first.name.text);
  const sizes = value.kind === 'number' && before?.value.kind === 'number';
  if (definition.kind !== 'layer' || !sizes || hyper.size !== 1 || before.span.source !== span.source) return;
  const [found, next] = [sourceText({ span: before.span }), sourceText({ span })];
  const example = `\`${definition.name.text}(${next})\``;
  const edit = { span: { ...before.span, end: span.start }, replacement: '' };
  const args = { owner: definition.name.text, found: `\`${found}\``, next: `\`${next}\``, example };
  context.fail('habit.input-size', before.span, args, { edit });
}
