// Emits the kernels of a group at one point of their domain: each formula once, then the stores. What an earlier kernel has just computed
// is taken from its register, not from memory; a value that nothing outside the group reads is not stored.
import type { BufferId } from '../../ir/stages/type.ts';
import { placeAt, type Item } from './builder.ts';
import type { EmitContext } from './context.ts';
import { emitFormula } from './expression.ts';
import { addressKey } from '../../ir/linear/key.ts';
import type { Computation } from '../../ir/linear/type.ts';
import { constantOf, pointerTo, stepOf } from './indices.ts';
import { integer, type Value } from '../../ir/loops/type.ts';

/** `count`: how many lanes are stored, where not all are; `stored`: the buffers that others read. */
export function emitComputations(
  context: EmitContext,
  computations: readonly Computation[],
  stored: ReadonlySet<BufferId>,
  count?: Value,
): void {
  const { builder } = context;
  const computed = new Map(context.computed);
  const inner: EmitContext = { ...context, computed, ...(count && { count }) };
  const values = computations.map((computation) => {
    const value = builder.let(emitFormula(inner, computation.formula), 'result');
    computed.set(addressKey(computation.output), value);
    return value;
  });
  computations.forEach((computation, i) => {
    const value = values[i];
    if (value && stored.has(computation.output.buffer)) store(inner, computation, value, count);
  });
}

function store(
  context: EmitContext,
  { output }: Computation,
  { value }: Item,
  count: Value | undefined,
): void {
  const { builder, along, lanes } = context;
  const pointer = pointerTo(context, context.parameters.pointer(output.buffer), output.position);
  const step = stepOf(context, output.position);
  const constant = constantOf(context, output.position);
  const at = (elements: number) => placeAt(pointer, elements).place;
  if (along === undefined) builder.emit({ kind: 'store', place: at(constant), value, count: integer(1) });
  else if (step === 1) builder.emit({ kind: 'store', place: at(constant), value, ...(count && { count }) });
  else {
    const places = Array.from({ length: lanes }, (_, lane) => at(constant + lane * step));
    builder.emit({ kind: 'scatter', places, value, ...(count && { count }) });
  }
}
