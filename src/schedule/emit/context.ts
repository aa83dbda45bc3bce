// What is passed along while one routine is emitted: the builder, the routine's pointers, and what is known at the current place.
import type { Axis, BufferId } from '../../ir/stages/type.ts';
import type { Formula, Computation } from '../../ir/linear/type.ts';
import { buffersReadBy } from '../../ir/linear/walk.ts';
import { variable, type Routine, type Value } from '../../ir/loops/type.ts';
import { LoopBuilder, type Item } from './builder.ts';

export interface EmitContext {
  readonly builder: LoopBuilder;
  readonly parameters: Parameters;
  readonly lanes: number;
  /** The values of `given` formulas, by name. */
  readonly given: ReadonlyMap<string, Item>;
  /** Values that have just been computed here and are in registers, by the `addressKey` of where they are stored. */
  readonly computed: ReadonlyMap<string, Item>;
  /** The sizes of the axes that may be bound here, for the bounds of positions. */
  readonly sizes: ReadonlyMap<string, number>;
  /** How many lanes are stored, where not all are. */
  readonly count?: Value;
  /** The vectorized axis; undefined: every lane holds the same value. */
  readonly along: string | undefined;
}

/** The pointer parameters of a routine: buffers in order of first use. */
export class Parameters {
  readonly buffers: BufferId[] = [];

  pointer(buffer: BufferId): Item {
    let index = this.buffers.indexOf(buffer);
    if (index < 0) index = this.buffers.push(buffer) - 1;
    return { value: variable(`$${index}`, 'pointer'), depth: 0 };
  }

  /** Fixes the order of the pointers: what the formulas read from outside first, then what is stored. */
  declare(
    formulas: readonly Formula[],
    computations: readonly Computation[],
    stored: ReadonlySet<BufferId>,
  ): void {
    const written = new Set(computations.map((computation) => computation.output.buffer));
    for (const formula of formulas) {
      for (const buffer of buffersReadBy(formula)) if (!written.has(buffer)) this.pointer(buffer);
    }
    for (const buffer of written) if (stored.has(buffer)) this.pointer(buffer);
  }
}

export function newContext(lanes: number, axes: readonly Axis[]): EmitContext {
  return {
    builder: new LoopBuilder(),
    parameters: new Parameters(),
    lanes,
    given: new Map(),
    computed: new Map(),
    sizes: new Map(axes.map(({ id, size }) => [id, size])),
    along: undefined,
  };
}

export function withSizes(context: EmitContext, axes: readonly Axis[]): EmitContext {
  return {
    ...context,
    sizes: new Map([...context.sizes, ...axes.map(({ id, size }) => [id, size] as const)]),
  };
}

export function finishRoutine(
  { builder, parameters }: EmitContext,
  scratch: number,
): { readonly routine: Routine; readonly buffers: readonly BufferId[] } {
  const { buffers } = parameters;
  return { routine: { parameters: buffers.length, body: builder.body, scratch }, buffers };
}
