// Writes the kernels of a group at one place of their domain: each formula once, then the stores. A kernel that reads what one
// before it has just computed takes the value, not the memory; a value that nobody outside needs is not stored.
import type { BufferId } from '../../ir/stages/type.ts';
import { LoopBuilder, placeAt, type Item } from './builder.ts';
import { addressKey, emitFormula } from './expression.ts';
import { nodesOf, type Point } from '../../ir/formula.ts';
import { pointerTo, type ExpressionContext } from './indices.ts';
import { integer, variable, type Value } from '../../ir/loops/type.ts';

/** The pointers of a routine: buffer by buffer in the order in which they are first met. */
export class Parameters {
  readonly buffers: BufferId[] = [];

  pointer(buffer: BufferId): Item {
    let index = this.buffers.indexOf(buffer);
    if (index < 0) index = this.buffers.push(buffer) - 1;
    return { value: variable(`$${index}`, 'pointer'), depth: 0 };
  }
}

export function newContext(builder: LoopBuilder, parameters: Parameters, lanes: number): ExpressionContext {
  return {
    builder,
    lanes,
    pointer: (buffer) => parameters.pointer(buffer),
    given: new Map(),
    computed: new Map(),
    sizes: new Map(),
    along: undefined,
    emit: emitFormula,
  };
}

/** `count`: how many lanes are stored, where not all are; `needed`: the buffers that are read elsewhere. */
export function emitPoints(
  context: ExpressionContext,
  points: readonly Point[],
  needed: ReadonlySet<BufferId>,
  count?: Value,
): void {
  const { builder } = context;
  const computed = new Map(context.computed);
  const inner: ExpressionContext = { ...context, computed, ...(count && { count }) };
  const values = points.map((point) => {
    const value = builder.let(emitFormula(inner, point.formula), 'result');
    computed.set(addressKey(point.output), value);
    return value;
  });
  points.forEach((point, i) => {
    const value = values[i];
    if (value && needed.has(point.output.buffer)) store(inner, point, value, count);
  });
}

function store(
  context: ExpressionContext,
  { output }: Point,
  { value }: Item,
  count: Value | undefined,
): void {
  const { builder, along, lanes } = context;
  const pointer = pointerTo(context, context.pointer(output.buffer), output.affine);
  const step = along === undefined ? 0 : (output.affine.terms.get(along) ?? 0);
  let constant = output.affine.constant;
  for (const [axis, factor] of output.affine.terms) {
    const bound = builder.axis(axis);
    if (bound.value.kind === 'integer') constant += factor * bound.value.value;
  }
  const at = (elements: number) => placeAt(pointer, elements).place;
  if (along === undefined) builder.emit({ kind: 'store', place: at(constant), value, count: integer(1) });
  else if (step === 1) builder.emit({ kind: 'store', place: at(constant), value, ...(count && { count }) });
  else {
    const places = Array.from({ length: lanes }, (_, lane) => at(constant + lane * step));
    builder.emit({ kind: 'scatter', places, value, ...(count && { count }) });
  }
}

/** The buffers that a point reads, aliases resolved. */
export function readsOf(point: Point): Set<BufferId> {
  const buffers = new Set<BufferId>();
  for (const node of nodesOf(point.formula)) {
    if (node.kind === 'read') buffers.add(node.address.buffer);
    if (node.kind === 'random') buffers.add(node.key);
  }
  return buffers;
}

/** Gives the routine's pointers a steady order: what is read, then what is written. */
export function declare(
  parameters: Parameters,
  points: readonly Point[],
  needed: ReadonlySet<BufferId>,
): void {
  const written = new Set(points.map((point) => point.output.buffer));
  for (const point of points) {
    for (const buffer of readsOf(point)) if (!written.has(buffer)) parameters.pointer(buffer);
  }
  for (const buffer of written) if (needed.has(buffer)) parameters.pointer(buffer);
}
