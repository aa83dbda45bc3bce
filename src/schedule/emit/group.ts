// Emits the plan of one group of kernels as loops.
import { emitContraction } from '../contraction/emit.ts';
import { emitMap } from '../map/emit.ts';
import { emitScatter } from '../scatter/emit.ts';
import type { GroupPlan, Scheduled } from '../type.ts';
import { emitWinograd } from '../winograd/emit.ts';

export function emitGroup(plan: GroupPlan): Scheduled {
  switch (plan.kind) {
    case 'map':
      return emitMap(plan);
    case 'contraction':
      return emitContraction(plan);
    case 'winograd':
      return emitWinograd(plan);
    case 'scatter':
      return emitScatter(plan);
  }
}
