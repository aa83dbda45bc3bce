// Unifies the shapes of a call's tensors with a definition's declared types. Inputs and dimensions are bound in the definition's scope;
// tensors get the axis names of their declaration.
import { showShape } from '../../runtime/tensor.ts';
import type { Span } from '../../diagnostics/source.ts';
import type { Related } from '../../diagnostics/diagnostic.ts';
import type { Definition, Dimension, Expression, Parameter, ShapeType } from '../../parser/ast.ts';
import type { Context, Environment } from '../context.ts';
import { brief, originOf } from './places.ts';
import { describe, exampleShape, type Label, type TensorValue, type Value } from './values.ts';

/** The text of a type as it was written. */
export function sourceText(node: { readonly span: Span }): string {
  return node.span.source.text.slice(node.span.start, node.span.end).replace(/\s+/g, ' ');
}

/** Axis names inside the definition for those of the caller, to translate its results back. */
export type LabelTranslation = Map<string, Label>;

/** The unification state of one call. */
export interface Unification {
  readonly context: Context;
  readonly definition: Definition;
  /** The definition's own scope, where its dimensions are bound. */
  readonly environment: Environment;
  /** The place of the arguments. */
  readonly call: Span;
  readonly translation: LabelTranslation;
  /** The dimensions matched by `...` in the first input that has it; they are the same for all. */
  leading?: { readonly shape: readonly number[]; readonly parameter: Parameter; readonly value: TensorValue };
}

/** Binds an input: unifies its shape with the declared type and binds its dimensions' names. Returns the value as seen in the body. */
export function bindInput(unification: Unification, parameter: Parameter, value: TensorValue): TensorValue {
  const { context, call } = unification;
  const { type } = parameter;
  if (!type) return value;
  if (type.kind === 'shape') {
    refuseIntegers(unification, parameter, type, value);
    return unifyShape(unification, parameter, type, value);
  }
  const kind = type.name.text;
  if (kind !== 'class' && kind !== 'int') context.fail('type.unknown', type.span, { name: kind });
  const shape = exampleShape(value);
  if (value.limit === undefined || (!type.shape && shape.length > 0)) {
    return context.fail(
      'type.mismatch',
      call,
      {
        owner: unification.definition.name.text,
        name: parameter.name.text,
        type: sourceText(type),
        found: value.limit === undefined ? `real numbers of shape ${showShape(shape)}` : describe(value),
        help: value.limit === undefined ? (integerHelp.get(kind) ?? '') : '',
      },
      { related: placesOf(parameter, value) },
    );
  }
  const [limit] = type.arguments;
  if (limit) unifyDimension(unification, parameter, limit, value.limit, value);
  return type.shape ? unifyShape(unification, parameter, type.shape, value) : value;
}

const integerHelp = new Map([
  ['class', 'A class is declared by how many there are, such as `target label: class(10)`.'],
  ['int', 'Whole numbers are declared with their limit, such as `input tokens: int(5000)[12]`.'],
]);

/** Integer tensors hold ids and classes: definitions that compute with them as quantities are refused. */
function refuseIntegers(
  { context, definition, call }: Unification,
  parameter: Parameter,
  type: ShapeType,
  value: TensorValue,
): void {
  const { kind } = definition;
  const passesOn = kind === 'layer' && type.dimensions.every((dimension) => dimension.kind === 'ellipsis');
  if (value.limit === undefined || passesOn || !['layer', 'loss', 'metric'].includes(kind)) return;
  const help =
    kind === 'layer'
      ? `\`Embedding(${value.limit}, dim)\` turns whole numbers into vectors.`
      : 'A loss such as `CrossEntropy` takes classes; real numbers are declared by shape, such as `target y: [10]`.';
  context.fail(
    'type.mismatch',
    call,
    {
      owner: definition.name.text,
      name: parameter.name.text,
      type: sourceText(type),
      found: describe(value),
      help,
    },
    { related: placesOf(parameter, value) },
  );
}

function placesOf(parameter: Parameter, value: TensorValue): Related[] {
  const { name, span } = parameter;
  return [...originOf(value), { span, message: `\`${name.text}\` is declared here` }];
}

function unifyShape(
  unification: Unification,
  parameter: Parameter,
  type: ShapeType,
  value: TensorValue,
): TensorValue {
  const shape = exampleShape(value);
  const matched = matchDimensions(type.dimensions, shape.length);
  if (!matched) return wrongRank(unification, parameter, type, value);
  unifyLeading(unification, parameter, matched, value);
  const named = new Set(
    type.dimensions.flatMap((dimension) => (dimension.kind === 'name' ? [dimension.text] : [])),
  );
  const labels = matched.map((dimension, axis): Label => {
    const outer = value.labels[axis];
    if (dimension.kind === 'ellipsis') return outer !== undefined && named.has(outer) ? undefined : outer;
    unifyDimension(unification, parameter, dimension, shape[axis] ?? 0, value);
    if (dimension.kind !== 'name') return undefined;
    unification.translation.set(dimension.text, outer);
    return dimension.text;
  });
  return { ...value, labels };
}

function wrongRank(
  { context, definition, call }: Unification,
  parameter: Parameter,
  type: ShapeType,
  value: TensorValue,
): never {
  const shape = exampleShape(value);
  const open = type.dimensions.some((dimension) => dimension.kind === 'ellipsis');
  const wanted = type.dimensions.length - (open ? 1 : 0);
  const reshape =
    wanted === 1 ? '`Flatten`' : `\`Reshape([${Array.from({ length: wanted }, () => '…').join(', ')}])\``;
  const help =
    shape.length === 0 || wanted === 0
      ? ''
      : shape.length > wanted
        ? `Put ${reshape} before it.`
        : `Put ${reshape} before it, or use it where the value still has its axes.`;
  return context.fail(
    'shape.rank',
    call,
    {
      owner: definition.name.text,
      name: parameter.name.text,
      type: sourceText(type),
      expected: `${open ? 'at least ' : ''}${wanted === 0 ? 'no axes' : wanted === 1 ? '1 axis' : `${wanted} axes`}`,
      found: showShape(shape),
      rank: shape.length === 0 ? 'none' : shape.length,
      help,
    },
    { related: placesOf(parameter, value) },
  );
}

/** `...` matches the same dimensions in all inputs of a definition. */
function unifyLeading(
  unification: Unification,
  parameter: Parameter,
  matched: readonly Dimension[],
  value: TensorValue,
): void {
  const { context, definition, call, leading } = unification;
  const { type } = parameter;
  const dimensions = type?.kind === 'shape' ? type.dimensions : (type?.shape?.dimensions ?? []);
  if (!dimensions.some((dimension) => dimension.kind === 'ellipsis')) return;
  const shape = exampleShape(value).filter((_, axis) => matched[axis]?.kind === 'ellipsis');
  if (!leading) {
    unification.leading = { shape, parameter, value };
    return;
  }
  if (sameShape(leading.shape, shape)) return;
  const whole = [parameter, leading.parameter].every(
    (each) => each.type?.kind === 'shape' && each.type.dimensions.length === 1,
  );
  const names = {
    owner: definition.name.text,
    first: sourceText(leading.parameter),
    second: sourceText(parameter),
  };
  const related = [...originOf(leading.value), ...placesOf(parameter, value)];
  const [left, right] = [showShape(leading.shape), showShape(shape)];
  if (!whole) context.fail('shape.leading', call, { ...names, left, right }, { related });
  const args = { ...names, first: leading.parameter.name.text, second: parameter.name.text, left, right };
  context.fail('shape.same', call, args, { related });
}

function sameShape(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((size, i) => size === right[i]);
}

/** The declared dimension of each axis, with the ellipsis expanded to the remaining axes; undefined if the ranks differ. */
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
  { context, definition, environment, call }: Unification,
  parameter: Parameter,
  dimension: Expression,
  found: number,
  value: TensorValue,
): void {
  const { scope } = environment;
  const bound = dimension.kind === 'name' ? scope.own(dimension.text) : undefined;
  if (dimension.kind === 'name' && !bound && !scope.module.constants.has(dimension.text)) {
    scope.bind(dimension.text, {
      value: { kind: 'number', value: found, label: dimension.text, dimension: true },
      span: value.node.origin.span ?? call,
    });
    return;
  }
  const expected = context.evaluate(dimension, environment);
  if (expected.kind === 'poison') return;
  const text = sourceText(dimension);
  if (expected.kind === 'number' && expected.value === found) return;
  if (expected.kind === 'number' && expected.quotient) {
    const [numerator, denominator] = expected.quotient;
    const args = { what: `\`${text}\``, numerator, denominator };
    context.fail('dimension.not-divisible', call, args, { related: placesOf(parameter, value) });
  }
  const shown = expected.kind === 'number' ? String(expected.value) : describe(expected);
  const source = bound?.span ?? scope.module.constants.get(text)?.span;
  const because: Related[] = source
    ? [{ span: source, message: `\`${text}\` is ${shown} because of this` }]
    : [];
  context.fail(
    'shape.mismatch',
    call,
    {
      owner: definition.name.text,
      input: sourceText(parameter),
      where: dimension.kind === 'number' ? '' : ` with ${text} = ${shown}`,
      found: brief(value),
    },
    { related: [...because, ...placesOf(parameter, value)] },
  );
}

/** The value of a dimension: an integer of at least 1. An error in a library's dimension is shown where its value was given. */
export function dimensionSize(context: Context, dimension: Expression, environment: Environment): number {
  const value = context.evaluate(dimension, environment);
  const given = dimension.kind === 'name' ? environment.scope.find(dimension.text) : undefined;
  const elsewhere = given && dimension.span.source.library && !given.span.source.library;
  const what = dimension.kind === 'number' ? 'a size' : `\`${sourceText(dimension)}\``;
  return checkedInteger(context, value, elsewhere ? given.span : dimension.span, 1, what);
}

/** An integer of at least `least`; otherwise an error at `span` about `what`. */
export function checkedInteger(
  context: Context,
  value: Value,
  span: Span,
  least: number,
  what = 'a size',
): number {
  if (
    value.kind === 'number' &&
    Number.isInteger(value.value) &&
    value.value >= least &&
    value.value <= maximumDimension
  ) {
    return value.value;
  }
  if (value.kind === 'poison') context.abandon();
  if (value.kind === 'number' && value.quotient) {
    const [numerator, denominator] = value.quotient;
    context.fail('dimension.not-divisible', span, { what, numerator, denominator });
  }
  if (value.kind === 'number' && value.value > maximumDimension)
    context.fail('dimension.too-large', span, { what, found: describe(value), limit: maximumDimension });
  const inferred = value.kind === 'number' && value.value === -1;
  const help = inferred ? 'No size is inferred from the others; `flatten(x)` makes one axis of all.' : '';
  return context.fail('dimension.invalid', span, { what, found: describe(value), least, help });
}

/** Sizes, and products of sizes, stay where float32 and 32-bit addresses can count them. */
export const maximumDimension = 2 ** 31 - 1;
