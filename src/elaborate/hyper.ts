// Hyper-parameter types, and whether a value matches one.
import type { DiagnosticOptions, Related } from '../diagnostics/diagnostic.ts';
import type { Span } from '../diagnostics/source.ts';
import type { Parameter, TypeExpression } from '../parser/ast.ts';
import type { Context, Environment } from './context.ts';
import { enumerate } from '../diagnostics/enumerate.ts';
import type { PlainHyperType } from '../names/hyper-types.ts';
import { generatorOf } from './values/generators.ts';
import { describe, type Value } from './values/values.ts';

interface Kind {
  /** The type's name in messages. */
  readonly called: string;
  readonly holds: (value: Value) => boolean;
}

const kinds: ReadonlyMap<string, Kind> = new Map<PlainHyperType, Kind>([
  [
    'int',
    {
      called: 'a whole number',
      holds: (value) => value.kind === 'number' && Number.isInteger(value.value),
    },
  ],
  ['float', { called: 'a number', holds: (value) => value.kind === 'number' }],
  ['bool', { called: '`true` or `false`', holds: (value) => value.kind === 'boolean' }],
  ['string', { called: 'a text', holds: (value) => value.kind === 'string' }],
  ['list', { called: 'a list in brackets', holds: (value) => value.kind === 'list' }],
  ['none', { called: '`none`', holds: (value) => value.kind === 'none' }],
  ['layer', { called: 'a layer', holds: isLayer }],
  [
    'initializer',
    {
      called: 'an initializer, such as `zeros`, `he` or `normal(0.02)`',
      holds: (value) => isNamedInitializer(value) || generatorOf(value) !== undefined,
    },
  ],
]);

function isLayer(value: Value): boolean {
  if (value.kind === 'definition')
    return value.definition.kind === 'layer' || value.definition.kind === 'function';
  return value.kind === 'chain' || value.kind === 'builtin';
}

function isNamedInitializer(value: Value): boolean {
  return value.kind === 'definition' && value.definition.kind === 'initializer';
}

/** The words and kinds allowed by a type `one_of(…)` or `symbol(…)`; undefined for other types. */
export function symbolOptions(type: TypeExpression | undefined): readonly string[] | undefined {
  if (type?.kind !== 'named' || (type.name.text !== 'one_of' && type.name.text !== 'symbol'))
    return undefined;
  return type.arguments.flatMap((argument) =>
    argument.kind === 'name' ? [argument.text] : argument.kind === 'none' ? ['none'] : [],
  );
}

/** The options that are literal words, rather than kinds of values. */
export function wordsOf(options: readonly string[]): readonly string[] {
  return options.filter((option) => option === 'none' || !kinds.has(option));
}

/** Whether a name that is none of a parameter's words is looked up: it is bound, or it is known and the options include types. */
export function standsForValue(
  context: Context,
  name: string,
  options: readonly string[],
  environment: Environment,
): boolean {
  if (environment.scope.find(name)) return true;
  return wordsOf(options).length < options.length && context.knows(name, environment);
}

/** `` `same`, `valid`, a whole number or a list `` */
export function describeOptions(options: readonly string[]): string {
  return enumerate(options.map((option) => kinds.get(option)?.called ?? `\`${option}\``));
}

/** Whether a value is of a hyper-parameter's declared type. */
export function fitsHyper({ type }: Parameter, value: Value): boolean {
  if (!type || type.kind === 'shape') return true;
  const options = symbolOptions(type);
  const kind = kinds.get(type.name.text);
  if (!options) return !kind || kind.holds(value);
  return options.some((option) =>
    value.kind === 'symbol' ? value.text === option : kinds.get(option)?.holds(value) === true,
  );
}

/** Checks a hyper-parameter's value against its declared type and reports a mismatch. */
export function checkHyper(
  context: Context,
  owner: string,
  parameter: Parameter,
  value: Value,
  span: Span,
): void {
  const { type } = parameter;
  if (!type || type.kind === 'shape' || value.kind === 'poison') return;
  const name = parameter.name.text;
  const related: Related[] = [{ span: parameter.span, message: `\`${name}\` is declared here` }];
  if (type.name.text === 'int' && value.kind === 'number' && value.quotient) {
    const [numerator, denominator] = value.quotient;
    const what = `\`${name}\` of \`${owner}\``;
    context.fail('dimension.not-divisible', span, { what, numerator, denominator }, { related });
  }
  const options = symbolOptions(type);
  const kind = kinds.get(type.name.text);
  if (fitsHyper(parameter, value)) return;
  const expected = options ? describeOptions(options) : (kind?.called ?? type.name.text);
  context.fail(
    'argument.type',
    span,
    { owner, name, expected, found: describe(value) },
    { related, ...unquoted(value, span, options ?? []) },
  );
}

/** A word in quotation marks, by mistake. */
function unquoted(value: Value, span: Span, options: readonly string[]): Pick<DiagnosticOptions, 'edit'> {
  if (value.kind !== 'string' || !wordsOf(options).includes(value.value)) return {};
  return { edit: { span, replacement: value.value } };
}
