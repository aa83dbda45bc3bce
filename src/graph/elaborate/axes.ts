// Which axes an argument means: names of the tensor's axes, `batch`, positions from the left or, negative, from the right.
import type { Span } from '../../diagnostics/source.ts';
import type { Context } from './context.ts';
import type { AxisReference } from './tensors.ts';
import { describe, describeShape, exampleShape, type TensorValue, type Value } from './values.ts';

export type { AxisReference };

/** The axes that a value names; a list names several. */
export function resolveAxes(
  context: Context,
  value: Value,
  x: TensorValue,
  span: Span,
): readonly AxisReference[] {
  if (value.kind === 'list') return value.items.flatMap((item) => resolveAxes(context, item, x, span));
  if (value.kind === 'symbol' && value.text === 'batch') return ['batch'];
  if (value.kind !== 'number') return context.fail('axis.invalid', span, { found: describe(value) });
  if (value.label !== undefined) {
    const named = x.labels.indexOf(value.label);
    if (named >= 0) return [named];
    if (value.dimension === true) {
      const axes = x.labels.map((label, i) => label ?? String(i)).join(', ');
      context.fail('axis.unknown', span, { name: value.label, shape: describeShape(exampleShape(x)), axes });
    }
  }
  const rank = x.labels.length;
  const axis = value.value < 0 ? value.value + rank : value.value;
  if (!Number.isInteger(axis) || axis < 0 || axis >= rank) {
    context.fail('axis.range', span, { axis: value.value, shape: describeShape(exampleShape(x)), rank });
  }
  return [axis];
}
