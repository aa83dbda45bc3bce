// Where Winograd's filtering joins the schedule: a contraction enters, and the loops leave if it can be computed so and that is
// cheaper than `direct`, what the panels of the whole windows would cost.
import type { BufferId } from '../ir/kernel.ts';
import type { Machine } from './machine.ts';
import type { Product } from './schedule-arrangement.ts';
import type { Scheduled } from './schedule-map.ts';
import { emitFilter } from './schedule-winograd-filter.ts';
import { emitOutputs } from './schedule-winograd-outputs.ts';
import { planWinograd } from './schedule-winograd-plan.ts';

export function scheduleWinograd(
  product: Product,
  direct: number,
  needed: ReadonlySet<BufferId>,
  machine: Machine,
): Scheduled | undefined {
  const plan = planWinograd(product, direct, machine);
  if (!plan) return undefined;
  return plan.form.kind === 'outputs'
    ? emitOutputs(plan, needed, machine)
    : emitFilter(plan, needed, machine);
}
