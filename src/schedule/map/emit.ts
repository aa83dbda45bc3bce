// Emits a planned group of kernels over one domain as a loop nest.
import { arithmetic, first, integer, last } from '../../ir/loops/type.ts';
import { constantItem, type Item, type LoopBuilder } from '../emit/builder.ts';
import { finishRoutine, newContext, type EmitContext } from '../emit/context.ts';
import { bindPosition, nest } from '../emit/nest.ts';
import { emitComputations } from '../emit/computations.ts';
import type { MapPlan, Scheduled, VectorLoop } from '../type.ts';

export function emitMap(plan: MapPlan): Scheduled {
  const { computations, vector } = plan;
  const context = newContext(plan.lanes, plan.axes);
  const { builder, parameters } = context;
  parameters.declare(
    computations.map(({ formula }) => formula),
    computations,
    plan.stored,
  );
  const run = (item: Item) => {
    const [row, chunk] = splitItem(builder, item, vector?.chunks ?? 1);
    bindPosition(builder, row, plan.shared);
    nest(builder, plan.serial, () => {
      if (vector) emitVectors(context, plan, vector, chunk);
      else emitComputations(context, computations, plan.stored);
    });
  };
  if (plan.items === 1) builder.when(arithmetic('less', first, last), () => run(constantItem(0)));
  else builder.loop('item', first, last, 1, run);
  return { ...finishRoutine(context, 0), items: plan.items, cost: plan.cost };
}

/** A work item is a combination of the shared axes' values and a chunk of the vectorized one. */
function splitItem(builder: LoopBuilder, item: Item, chunks: number): readonly [row: Item, chunk: Item] {
  if (chunks === 1) return [item, constantItem(0)];
  const row = builder.let(builder.arithmetic('quotient', item, constantItem(chunks)), 'row');
  return [row, builder.let(builder.arithmetic('remainder', item, constantItem(chunks)), 'part')];
}

function emitVectors(context: EmitContext, plan: MapPlan, vector: VectorLoop, chunk: Item): void {
  const { builder, lanes } = context;
  const { axis, end, remainder, chunks } = vector;
  const inner: EmitContext = { ...context, along: axis.id };
  const at = (position: Item) => {
    builder.bind(axis.id, position, lanes);
    emitComputations(inner, plan.computations, plan.stored);
  };
  const tail = () => {
    if (remainder === 0) return;
    builder.bind(axis.id, constantItem(end), lanes);
    emitComputations(inner, plan.computations, plan.stored, integer(remainder));
  };
  if (chunks > 1) {
    const from = builder.let(builder.arithmetic('multiply', chunk, constantItem(vector.chunk)), 'from');
    const next = arithmetic('add', from.value, integer(vector.chunk));
    const to = builder.let({ value: arithmetic('minimum', next, integer(end)), depth: from.depth }, 'to');
    builder.vectorLoop(axis.hint ?? 'i', from.value, to.value, lanes, at);
    builder.when(arithmetic('equal', chunk.value, integer(chunks - 1)), tail);
    return;
  }
  if (vector.unrolled) for (let element = 0; element < end; element += lanes) at(constantItem(element));
  else builder.vectorLoop(axis.hint ?? 'i', integer(0), integer(end), lanes, at);
  tail();
}
