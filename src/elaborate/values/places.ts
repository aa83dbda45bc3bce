// Related places of an error: where a value was computed, and the calls that led to it.
import { showShape } from '../../runtime/tensor.ts';
import type { Related } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../diagnostics/source.ts';
import { describe, exampleShape, type TensorValue } from './values.ts';

/** A tensor in brief: its shape, or the integers that it holds. */
export function brief(value: TensorValue): string {
  return value.limit === undefined ? showShape(exampleShape(value)) : describe(value);
}

/** The place where a value was computed. */
export function originOf(value: TensorValue): Related[] {
  const { span } = value.node.origin;
  const verb = value.limit === undefined ? 'comes' : 'come';
  return span ? [{ span, message: `${brief(value)} ${verb} from here` }] : [];
}

export function originsOf(values: readonly TensorValue[]): Related[] {
  return values.flatMap(originOf);
}

/** A call that led to an error inside its callee. */
export function calledHere(call: {
  readonly name: string;
  readonly span: Span;
  readonly inputs?: readonly TensorValue[];
}): Related {
  const given = (call.inputs ?? []).map(brief).join(' and ');
  return { span: call.span, message: `\`${call.name}\` is called here${given && `, with ${given}`}` };
}
