// Emits a planned Winograd convolution, or filter gradient, as loops.
import { elementSize, integer, scratch, type Value } from '../../ir/loops/type.ts';
import type { Item, LoopBuilder } from '../emit/builder.ts';
import { finishRoutine, newContext } from '../emit/context.ts';
import type { AreaRole, Scheduled, ScratchArea, WinogradPlan } from '../type.ts';
import { emitFilter } from './filter.ts';
import { emitOutputs } from './outputs.ts';
import { winogradOf } from './transforms.ts';
import { comments } from './vectors.ts';
import type { Work } from './work.ts';

export function emitWinograd(plan: WinogradPlan): Scheduled {
  const { form, geometry, items, cost } = plan;
  const { rows, columns, windowRows, windowColumns } = form;
  const context = newContext(plan.lanes, [
    ...form.batch,
    ...form.images,
    ...[form.channels, form.filters, rows, columns, windowRows, windowColumns],
  ]);
  const formulas = [form.image, form.other, ...form.computations.map(({ formula }) => formula)];
  context.parameters.declare(formulas, form.computations, plan.stored);
  const [tile, taps] = [`${geometry.tile} × ${geometry.tile}`, '3 × 3'];
  const computed = form.kind === 'outputs' ? `F(${tile}, ${taps})` : `F(${taps}, ${tile})`;
  comments(
    context.builder,
    `By Winograd's minimal filtering ${computed}: Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)] A (Lavin and Gray, CVPR 2016)`,
  );
  const work: Work = {
    context,
    plan,
    winograd: winogradOf(geometry.tile),
    area: pointersTo(context.builder, plan.areas),
  };
  if (form.kind === 'outputs') emitOutputs(work);
  else emitFilter(work);
  return { ...finishRoutine(context, plan.scratch), items, cost };
}

/** Pointers to the areas of a thread's scratch memory. */
function pointersTo(builder: LoopBuilder, areas: readonly ScratchArea[]): Work['area'] {
  const pointers = new Map<AreaRole, Item>();
  for (const { role, name, offset } of areas) {
    const value: Value = { kind: 'advance', pointer: scratch, elements: integer(offset / elementSize) };
    pointers.set(role, offset === 0 ? { value: scratch, depth: 0 } : builder.let({ value, depth: 0 }, name));
  }
  return (role) => {
    const found = pointers.get(role);
    if (!found) throw new Error(`no scratch memory for ${role}`);
    return found;
  };
}
