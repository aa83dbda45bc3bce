// The memory plan as a report: allocated bytes by purpose.
import type { KernelProgram } from '../ir/stages/type.ts';
import type { MemoryUse } from '../runtime/memory-use.ts';
import type { Storage } from '../runtime/specification.ts';
import { elementBytes } from '../ir/stages/type.ts';
import type { Lifetime } from './arena.ts';
import { kernelsOf } from './type.ts';
import { lifetimes } from './memory.ts';
import type { ProgramPlan } from './program.ts';
import type { Schedule, SchedulePlan } from './schedule.ts';

/** `page`: the target's allocation granularity, in bytes. */
export function memoryUse(plan: SchedulePlan, { memory, scratch }: Schedule, page: number): MemoryUse {
  const programs = plan.programs.map(({ program }) => program);
  const storage = storageOf(programs);
  const stored = (...wanted: readonly Storage[]) =>
    [...memory.stored]
      .filter(([path]) => wanted.includes(storage.get(path) ?? 'parameter'))
      .reduce((sum, [, { elements }]) => sum + elementBytes.f32 * elements, 0);
  const inputs = [...memory.inputs.values()].reduce(
    (sum, { elements }) => sum + elementBytes.f32 * elements,
    0,
  );
  const gradients = Math.max(0, ...plan.programs.map(gradientsOf));
  const parts = {
    parameters: stored('parameter', 'buffer', 'constant'),
    gradients,
    states: stored('state'),
    activations: memory.arena.bytes - gradients + inputs,
  };
  const named = parts.parameters + parts.gradients + parts.states + parts.activations;
  return { ...parts, padding: memory.bytes + memory.reach - named, scratch, page };
}

/** What kind of stored tensor each path is. */
export function storageOf(programs: readonly KernelProgram[]): ReadonlyMap<string, Storage> {
  return new Map(
    programs.flatMap(({ buffers }) =>
      buffers.flatMap(({ role }) => (role.kind === 'stored' ? [[role.path, role.storage] as const] : [])),
    ),
  );
}

/** Bytes of the backward pass and the update that are live at the peak. */
function gradientsOf({ groups, buffers }: ProgramPlan): number {
  return gradientsAtPeak(lifetimes(buffers, 0), (at) => {
    const group = groups[at];
    return group !== undefined && kernelsOf(group).some(({ phase }) => phase !== 'forward');
  });
}

/** `backward`: whether the group at a position belongs to the backward pass or the update. */
export function gradientsAtPeak(
  buffers: readonly Lifetime<unknown>[],
  backward: (from: number) => boolean,
): number {
  const changes = buffers.flatMap(({ bytes, from, to }) => {
    const gradients = backward(from) ? bytes : 0;
    return [
      { at: from, bytes, gradients },
      { at: to + 1, bytes: -bytes, gradients: -gradients },
    ];
  });
  let [live, gradients, most, found] = [0, 0, 0, 0];
  for (const change of changes.toSorted((a, b) => a.at - b.at || a.bytes - b.bytes)) {
    live += change.bytes;
    gradients += change.gradients;
    if (live > most) [most, found] = [live, gradients];
  }
  return found;
}
