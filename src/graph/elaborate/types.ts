// Binding a call's values to a definition's declared types: dimensions are unified, hyper-parameters checked.
// What leaves are bindings in the definition's scope; tensors carry the axis names of their declaration.
import { positionAt, type Span } from '../../diagnostics/source.ts';
import type { Related } from '../../diagnostics/diagnostic.ts';
import type { Dimension, Expression, Parameter, ShapeType, TypeExpression } from '../../parser/ast.ts';
import type { Context, Environment } from './context.ts';
import { describe, describeShape, exampleShape, type Label, type TensorValue, type Value } from './values.ts';

/** The text of a type as it was written. */
export function sourceText(node: { readonly span: Span }): string {
  return node.span.source.text.slice(node.span.start, node.span.end).replace(/\s+/g, ' ');
}

/** The words and kinds that a hyper-parameter of type `one_of(…)` or `symbol(…)` may be; undefined for other types. */
export function symbolOptions(type: TypeExpression | undefined): readonly string[] | undefined {
  if (type?.kind !== 'named' || (type.name.text !== 'one_of' && type.name.text !== 'symbol'))
    return undefined;
  return type.arguments.flatMap((argument) =>
    argument.kind === 'name' ? [argument.text] : argument.kind === 'none' ? ['none'] : [],
  );
}

const kinds: Readonly<Record<string, (value: Value) => boolean>> = {
  int: (value) => value.kind === 'number' && Number.isInteger(value.value),
  float: (value) => value.kind === 'number',
  bool: (value) => value.kind === 'boolean',
  string: (value) => value.kind === 'string',
  list: (value) => value.kind === 'list',
  none: (value) => value.kind === 'none',
  layer: (value) => value.kind === 'definition' || value.kind === 'chain' || value.kind === 'builtin',
};

/** Whether a hyper-parameter's declared type is known to the language. */
export function isHyperType(type: TypeExpression | undefined): boolean {
  return (
    type?.kind === 'named' &&
    (type.name.text in kinds || symbolOptions(type) !== undefined || type.name.text === 'initialiser')
  );
}

/** Checks a hyper-parameter's value against its declared type and reports where it does not fit. */
export function checkHyper(
  context: Context,
  owner: string,
  parameter: Parameter,
  value: Value,
  span: Span,
): void {
  const { type } = parameter;
  if (!type || value.kind === 'poison') return;
  const name = parameter.name.text;
  const related: Related[] = [{ span: parameter.span, message: `\`${name}\` is declared here` }];
  if (type.kind === 'shape') return;
  if (type.name.text === 'int' && value.kind === 'number' && value.quotient) {
    const [numerator, denominator] = value.quotient;
    context.fail('dimension.not-divisible', span, { numerator, denominator }, { related });
  }
  const options = symbolOptions(type);
  const fits = options
    ? options.some((option) =>
        value.kind === 'symbol' ? value.text === option : kinds[option]?.(value) === true,
      )
    : (kinds[type.name.text]?.(value) ?? true);
  if (fits) return;
  const expected = options
    ? `one of ${options.join(', ')}`
    : (expectations[type.name.text] ?? type.name.text);
  context.fail('argument.type', span, { owner, name, expected, found: describe(value) }, { related });
}

const expectations: Readonly<Record<string, string>> = {
  int: 'a whole number',
  float: 'a number',
  bool: '`true` or `false`',
  string: 'a text',
  list: 'a list',
  layer: 'a layer',
};

/** How the axis names of a call's values read inside the definition, to be translated back in its results. */
export type LabelTranslation = Map<string, Label>;

/**
 * Binds an input: unifies its shape with the declared type and binds its dimensions' names. `call` is where the value was
 * given. Returns the value as the body sees it.
 */
export function bindInput(
  context: Context,
  owner: string,
  parameter: Parameter,
  value: TensorValue,
  environment: Environment,
  call: Span,
  translation: LabelTranslation,
): TensorValue {
  const { type } = parameter;
  if (!type) return value;
  const name = parameter.name.text;
  const shape = exampleShape(value);
  const related = (): Related[] => [
    ...originOf(value),
    { span: parameter.span, message: `\`${name}\` is declared here` },
  ];
  if (type.kind === 'named') {
    const wholeNumbers = type.name.text === 'class' || type.name.text === 'int';
    if (!wholeNumbers) context.fail('type.unknown', type.span, { name: type.name.text });
    if (value.limit === undefined) {
      context.fail(
        'type.mismatch',
        call,
        { owner, name, type: sourceText(type), found: describe(value) },
        { related: related() },
      );
    }
    const [limit] = type.arguments;
    if (limit) unifyDimension(context, owner, name, limit, value.limit, environment, call, related);
    if (type.shape)
      return unifyShape(context, owner, parameter, type.shape, value, environment, call, translation);
    if (shape.length > 0) {
      context.fail(
        'type.mismatch',
        call,
        { owner, name, type: sourceText(type), found: describe(value) },
        { related: related() },
      );
    }
    return value;
  }
  return unifyShape(context, owner, parameter, type, value, environment, call, translation);
}

function unifyShape(
  context: Context,
  owner: string,
  parameter: Parameter,
  type: ShapeType,
  value: TensorValue,
  environment: Environment,
  call: Span,
  translation: LabelTranslation,
): TensorValue {
  const shape = exampleShape(value);
  const name = parameter.name.text;
  const related = (): Related[] => [
    ...originOf(value),
    { span: parameter.span, message: `\`${name}\` is declared here` },
  ];
  const matched = matchDimensions(type.dimensions, shape.length);
  if (!matched) {
    context.fail(
      'shape.rank',
      call,
      { owner, name, type: sourceText(type), found: describeShape(shape) },
      { related: related() },
    );
  }
  const named = new Set(
    type.dimensions.flatMap((dimension) => (dimension.kind === 'name' ? [dimension.text] : [])),
  );
  const labels = matched.map((dimension, axis): Label => {
    const outer = value.labels[axis];
    if (dimension.kind === 'ellipsis') return outer !== undefined && named.has(outer) ? undefined : outer;
    unifyDimension(context, owner, name, dimension, shape[axis] ?? 0, environment, call, related, value);
    if (dimension.kind !== 'name') return undefined;
    translation.set(dimension.text, outer);
    return dimension.text;
  });
  return { ...value, labels };
}

/** The declared dimension of each axis, the ellipsis standing for as many as are left; undefined where the ranks differ. */
export function matchDimensions(
  dimensions: readonly Dimension[],
  rank: number,
): readonly Dimension[] | undefined {
  const at = dimensions.findIndex((dimension) => dimension.kind === 'ellipsis');
  if (at < 0) return dimensions.length === rank ? dimensions : undefined;
  const [ellipsis] = dimensions.slice(at);
  const missing = rank - (dimensions.length - 1);
  if (missing < 0 || !ellipsis) return undefined;
  return [
    ...dimensions.slice(0, at),
    ...Array.from({ length: missing }, () => ellipsis),
    ...dimensions.slice(at + 1),
  ];
}

function unifyDimension(
  context: Context,
  owner: string,
  input: string,
  dimension: Expression,
  found: number,
  environment: Environment,
  call: Span,
  related: () => Related[],
  bearer?: TensorValue,
): void {
  const { scope } = environment;
  if (dimension.kind === 'name') {
    const known = scope.own(dimension.text);
    const constant =
      known ?? (scope.module.constants.has(dimension.text) ? scope.find(dimension.text) : undefined);
    if (!constant) {
      const from = bearer?.node.origin.span ?? call;
      scope.bind(dimension.text, {
        value: { kind: 'number', value: found, label: dimension.text, dimension: true },
        span: from,
      });
      return;
    }
  }
  const expected = context.evaluate(dimension, environment);
  if (expected.kind === 'poison') return;
  if (expected.kind === 'number' && expected.value === found) return;
  const bound = dimension.kind === 'name' ? scope.own(dimension.text) : undefined;
  const places = related();
  if (bound && expected.kind === 'number') {
    places.unshift({
      span: bound.span,
      message: `\`${sourceText(dimension)}\` is ${expected.value} because of this`,
    });
  }
  context.fail(
    'shape.mismatch',
    call,
    {
      owner,
      input,
      dimension: sourceText(dimension),
      expected: expected.kind === 'number' ? expected.value : describe(expected),
      found,
    },
    { related: places },
  );
}

/** The place that computed a value, for a message. */
export function originOf(value: TensorValue): Related[] {
  const { span } = value.node.origin;
  return span ? [{ span, message: `${describeShape(exampleShape(value))} comes from here` }] : [];
}

/** The value of a dimension: a whole number of at least 1. */
export function dimensionSize(context: Context, dimension: Expression, environment: Environment): number {
  const value = context.evaluate(dimension, environment);
  return wholeNumber(context, value, dimension.span, 1);
}

/** A whole number of at least `least`; anything else is an error at `span`. */
export function wholeNumber(context: Context, value: Value, span: Span, least: number): number {
  if (
    value.kind === 'number' &&
    Number.isInteger(value.value) &&
    value.value >= least &&
    value.value <= maximumDimension
  ) {
    return value.value;
  }
  if (value.kind === 'number' && value.quotient) {
    const [numerator, denominator] = value.quotient;
    context.fail('dimension.not-divisible', span, { numerator, denominator });
  }
  return context.fail('dimension.invalid', span, { found: describe(value), least });
}

/** Sizes, and products of sizes, stay where float32 and 32-bit addresses can count them. */
export const maximumDimension = 2 ** 31 - 1;

/** `models/x.nn:9` */
export function place(span: Span): string {
  return `${span.source.path}:${positionAt(span.source.text, span.start).line}`;
}
