// Resolves an axis argument: names of the tensor's axes, `batch`, or positions from the left or, if negative, from the right.
import { showShape } from '../runtime/tensor.ts';
import type { Span } from '../diagnostics/source.ts';
import type { Expression } from '../parser/ast.ts';
import type { Context, Environment } from './context.ts';
import { enumerate } from '../diagnostics/enumerate.ts';
import { meantInstead } from '../names/meant.ts';
import { definingModule } from '../names/module.ts';
import { originOf } from './values/places.ts';
import type { AxisReference } from './values/tensors.ts';
import { describe, exampleShape, poison, type TensorValue, type Value } from './values/values.ts';

export type { AxisReference };

/** The axes that a value refers to; a list refers to several. */
export function resolveAxes(
  context: Context,
  value: Value,
  x: TensorValue,
  span: Span,
): readonly AxisReference[] {
  if (value.kind === 'list') return value.items.flatMap((item) => resolveAxes(context, item, x, span));
  if (value.kind === 'symbol' && value.text === 'batch') return ['batch'];
  if (value.kind === 'symbol') return unknownAxis(context, value.text, x, span);
  if (value.kind !== 'number') return context.fail('axis.invalid', span, { found: describe(value) });
  if (value.label !== undefined) {
    const named = x.labels.indexOf(value.label);
    if (named >= 0) return [named];
    if (value.dimension === true) return unknownAxis(context, value.label, x, span);
  }
  const rank = x.labels.length;
  const axis = value.value < 0 ? value.value + rank : value.value;
  if (!Number.isInteger(axis) || axis < 0 || axis >= rank) {
    const args = { axis: value.value, shape: showShape(exampleShape(x)), help: positions(rank) };
    context.fail('axis.range', span, args, { related: originOf(x) });
  }
  return [axis];
}

function unknownAxis(context: Context, name: string, x: TensorValue, span: Span): never {
  const names = x.labels.filter((label) => label !== undefined);
  const listed = x.labels.map((label, i) => label ?? String(i));
  const otherwise = listed.length === 0 ? 'It has no axes.' : `Its axes are ${enumerate(listed, 'and')}.`;
  const { help, options } = meantInstead(name, span, names, otherwise);
  const shape = showShape(exampleShape(x));
  return context.fail('axis.unknown', span, { name, shape, help }, { related: originOf(x), ...options });
}

function positions(rank: number): string {
  if (rank === 0) return 'It is one number.';
  if (rank === 1) return 'Its only axis is 0.';
  const list = (from: number) => Array.from({ length: rank }, (_, i) => String(from + i));
  return `Its axes are ${enumerate(list(0), 'and')}, or ${enumerate(list(-rank), 'and')} counted from the right.`;
}

/** Unresolved names may be axis names or misspelt ones: an error that lists the tensor's axes says more than an unknown name. */
export function evaluateAxes(context: Context, expression: Expression, environment: Environment): Value {
  if (expression.kind === 'list') {
    const items = expression.items.map((item) => evaluateAxes(context, item, environment));
    return items.some((item) => item.kind === 'poison') ? poison : { kind: 'list', items };
  }
  const unknown = expression.kind === 'name' && !isKnownName(expression.text, environment);
  return unknown ? { kind: 'symbol', text: expression.text } : context.evaluate(expression, environment);
}

function isKnownName(name: string, { scope }: Environment): boolean {
  return (
    scope.find(name) !== undefined || definingModule(scope.module, name) !== undefined || name === 'batch'
  );
}
