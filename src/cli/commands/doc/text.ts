// Prints the reference from the compiler's own sources: a definition's comment, signature and formula; for a builtin function, its usage
// and its primitive's semantics.
import { foreignName } from '../../../diagnostics/foreign-names.ts';
import { DiagnosticError, fail, type Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { printable } from '../../../diagnostics/printable.ts';
import { positionAt, type Source, type Span } from '../../../diagnostics/source.ts';
import { builtins } from '../../../elaborate/builtins/table.ts';
import { elementwiseBuiltins } from '../../../elaborate/builtins/elementwise.ts';
import { generatorBuiltins } from '../../../elaborate/builtins/generators.ts';
import { reductionBuiltins } from '../../../elaborate/builtins/reductions.ts';
import { statisticBuiltins } from '../../../elaborate/builtins/statistics.ts';
import { shapeBuiltins } from '../../../elaborate/builtins/shapes.ts';
import { operations } from '../../../ops/table.ts';
import type { Definition } from '../../../parser/ast.ts';
import { parse } from '../../../parser/parse.ts';
import { readLibrary } from '../../../driver/read-sources.ts';
import { helpWith } from '../../suggestion.ts';

interface Family {
  readonly title: string;
  readonly definitions: readonly Definition[];
}

/** The definitions of a user's file or of the library. */
function familyOf(source: Source): Family {
  const { program, diagnostics } = parse(source);
  const errors = diagnostics.filter(({ severity }: Diagnostic) => severity === 'error');
  if (errors.length > 0) throw new DiagnosticError(errors);
  const definitions = program.declarations.flatMap((declaration) =>
    declaration.kind === 'model' || declaration.kind === 'const' ? [] : [declaration],
  );
  const title = source.library ? source.path.replace(/^std\/(.*)\.nn$/, '$1') : printable(source.path);
  return { title, definitions };
}

function families(source: Source | undefined): readonly Family[] {
  return [...(source ? [source] : []), ...readLibrary()].map(familyOf);
}

const builtinFamilies = [
  ['functions of an element', elementwiseBuiltins],
  ['functions along axes', reductionBuiltins],
  ['functions that move elements', shapeBuiltins],
  ['tensors by formula', generatorBuiltins],
  ['of means over all examples', statisticBuiltins],
] as const;

export function listNames(source: Source | undefined): string {
  const blocks = families(source).map(({ title, definitions }) =>
    [title, ...definitions.map((definition) => `  ${headOf(definition)}${summaryOf(definition)}`)].join('\n'),
  );
  const functions = builtinFamilies.map(([title, rows]) =>
    [title, ...Object.values(rows).map(({ usage }) => `  ${usage}`)].join('\n'),
  );
  return [...blocks, ...functions].join('\n\n');
}

export function showName(name: string, source: Source | undefined): string {
  const definitions = families(source).flatMap((family) => family.definitions);
  const found = definitions.find((definition) => definition.name.text === name);
  if (found) return showDefinition(found);
  if (builtins.has(name)) return showBuiltin(name);
  const known = [...definitions.map((definition) => definition.name.text), ...builtins.keys()];
  const other = foreignName(name, known);
  const help =
    other === undefined
      ? helpWith(name, known, '`nnc doc` lists what there is.')
      : `It is called \`${other}\` here.`;
  return fail('name.documented', undefined, { name: printable(name), help });
}

function showDefinition(definition: Definition): string {
  const { kind, documentation, span } = definition;
  return [
    `${kind} ${headOf(definition)}`,
    placeOf(span),
    ...(documentation === undefined ? [] : ['', indent(documentation)]),
    '',
    indent(textOf(span)),
  ].join('\n');
}

function showBuiltin(name: string): string {
  const usage = builtins.get(name)?.usage ?? name;
  const formula = new Map<string, { readonly formula: string }>(Object.entries(operations)).get(
    name,
  )?.formula;
  return [
    `function ${usage}`,
    'part of the language',
    ...(formula === undefined ? [] : ['', indent(formula)]),
  ].join('\n');
}

/** `Linear(out: int, bias: bool = true, init = he) (x: [..., D]) -> [..., out]` */
function headOf({ name, hyperParameters, inputs, result }: Definition): string {
  const list = (nodes: readonly { readonly span: Span }[]) =>
    nodes.map(({ span }) => oneLine(span)).join(', ');
  return [
    name.text,
    hyperParameters.length > 0 ? `(${list(hyperParameters)})` : '',
    inputs.length > 0 ? ` (${list(inputs)})` : '',
    result ? ` -> ${oneLine(result.span)}` : '',
  ].join('');
}

/** The first sentence of the comment, after two slashes. */
function summaryOf({ documentation }: Definition): string {
  const [first = ''] = documentation?.split('\n') ?? [];
  return first === '' ? '' : `  // ${first}`;
}

function textOf({ source, start, end }: Span): string {
  return source.text.slice(start, end);
}

const oneLine = (span: Span): string => textOf(span).replace(/\s+/g, ' ');

function placeOf({ source, start }: Span): string {
  return `${printable(source.path)}:${positionAt(source.text, start).line}`;
}

const indent = (block: string): string => block.replace(/^(?=.)/gm, '  ');
