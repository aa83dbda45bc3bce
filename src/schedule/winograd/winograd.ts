// Where Winograd's filtering joins the schedule: a contraction enters, and the loops leave if it can be computed so and that is
// cheaper than `direct`, what the panels of the whole windows would cost.
import type { BufferId } from '../../ir/stages/type.ts';
import type { Machine } from '../machine/machine.ts';
import type { Product } from '../contraction/arrangement.ts';
import type { Scheduled } from '../map.ts';
import { emitFilter } from './filter.ts';
import { emitOutputs } from './outputs.ts';
import { planWinograd } from './plan.ts';

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
