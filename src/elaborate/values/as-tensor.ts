// Converts a definition's arguments and results to tensors.
import type { Span } from '../../diagnostics/source.ts';
import type { Context } from '../context.ts';
import { describe, type TensorValue, type Value } from './values.ts';

/** A tensor unchanged; a number or a generator with dimensions as a constant tensor. */
export function asTensor(
  context: Context,
  value: Value,
  span: Span,
  owner: string,
  name: string,
): TensorValue {
  if (value.kind === 'tensor') return value;
  context.locate(span);
  if (value.kind === 'number')
    return context.tensors.of(context.tensors.builder.constant(value.value, []), false);
  if (value.kind === 'generator') return context.tensors.generate(value.generator);
  return context.fail('value.tensor', span, { owner, name: `\`${name}\``, found: describe(value) });
}
