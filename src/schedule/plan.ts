// Plans how one group of kernels runs on a machine. Every decision is made here; emission makes none.
import type { BufferId } from '../ir/stages/type.ts';
import { arrange } from './contraction/arrange.ts';
import { planContraction } from './contraction/plan.ts';
import type { Machine } from './machine/machine.ts';
import { planMap } from './map/plan.ts';
import { planScatter } from './scatter/plan.ts';
import type { ContractionPlan, Group, GroupPlan, Contraction, WinogradPlan } from './type.ts';
import { chooseWinograd } from './winograd/choose.ts';
import { planWinograd } from './winograd/plan.ts';

/** @param stored the buffers that are read outside of the group, or after the run */
export function planGroup(group: Group, stored: ReadonlySet<BufferId>, machine: Machine): GroupPlan {
  switch (group.kind) {
    case 'scatter':
      return planScatter(group.scatter, machine);
    case 'map':
      return planMap(group.computations, stored, machine);
    case 'contraction':
      return planProduct({ ...group.contraction, computations: group.computations }, stored, machine);
  }
}

/** By the direct schedule (packed panels), or by Winograd convolution where that is estimated to be cheaper. */
function planProduct(
  contraction: Contraction,
  stored: ReadonlySet<BufferId>,
  machine: Machine,
): ContractionPlan | WinogradPlan {
  const arrangement = arrange(contraction, machine);
  const chosen = chooseWinograd(contraction, arrangement.cost, machine);
  return 'reason' in chosen
    ? planContraction(arrangement, chosen, stored, machine)
    : planWinograd(chosen, arrangement.cost, stored, machine);
}
