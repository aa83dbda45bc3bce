// From a model's kernel programs to loops for a CPU, in three passes: `planPrograms` decides, `emitLoops` emits loops, `placeInMemory`
// assigns addresses and inserts the barriers. Routines take buffers as pointers: kernels that differ in their buffers alone share one.
// Nothing depends on the number of threads.
import { elementSize, type LoopModule, type LoopProgram, type Routine, type Step } from '../ir/loops/type.ts';
import { verifyLoops } from '../ir/loops/verify.ts';
import { recognize } from '../kernel/recognize/recognize.ts';
import type { BufferId, KernelProgram } from '../ir/stages/type.ts';
import { barriers } from './barriers.ts';
import { aligned } from './alignment.ts';
import { emitGroup } from './emit/group.ts';
import type { Machine } from './machine/machine.ts';
import { planMemory, type MemoryPlan } from './memory.ts';
import { planProgram, type ProgramPlan } from './program.ts';
import { kernelsOf } from './type.ts';

export type { Location, Step } from '../ir/loops/type.ts';

export type ScheduledProgram = LoopProgram;

/** The loop form, the machine that it was made for, and the memory layout. */
export interface Schedule extends LoopModule {
  readonly machine: Machine;
  readonly memory: MemoryPlan;
}

/** The decisions for all programs of a model. */
export interface SchedulePlan {
  readonly machine: Machine;
  readonly programs: readonly ProgramPlan[];
}

/** Loops before placement: steps name buffers, not addresses. */
export interface Loops {
  readonly plan: SchedulePlan;
  readonly routines: readonly Routine[];
  /** Of each program. */
  readonly steps: readonly (readonly Omit<Step, 'barrier'>[])[];
}

/** Recognition and all three passes for standalone programs (measurements, tests). `reserved`: see `planMemory`. */
export function schedule(programs: readonly KernelProgram[], machine: Machine, reserved: number): Schedule {
  const scheduled = placeInMemory(emitLoops(planPrograms(programs.map(recognize), machine)), reserved);
  verifyLoops(scheduled);
  return scheduled;
}

export function planPrograms(programs: readonly KernelProgram[], machine: Machine): SchedulePlan {
  return { machine, programs: programs.map((program) => planProgram(program, machine)) };
}

export function emitLoops(plan: SchedulePlan): Loops {
  const known = new Map<string, number>();
  const routines: Routine[] = [];
  const indexOf = (routine: Routine): number => {
    const key = JSON.stringify(routine);
    const index = known.get(key) ?? routines.push(routine) - 1;
    known.set(key, index);
    return index;
  };
  const steps = plan.programs.map(({ groups, plans }) =>
    plans.flatMap((groupPlan, i) => {
      const group = groups[i];
      if (!group) return [];
      const { routine, ...step } = emitGroup(groupPlan);
      return [{ ...step, routine: indexOf(routine), kernels: kernelsOf(group) }];
    }),
  );
  return { plan, routines, steps };
}

export function placeInMemory({ plan, routines, steps }: Loops, reserved: number): Schedule {
  const { machine } = plan;
  const memory = planMemory(plan.programs, machine, reserved);
  const programs = plan.programs.map((program, i) =>
    placeProgram(program, steps[i] ?? [], memory, memory.addresses[i] ?? new Map()),
  );
  const scratch = aligned(Math.max(0, ...routines.map((routine) => routine.scratch)));
  const { stored, bytes, reach } = memory;
  return { machine, routines, programs, memory, stored, bytes, reach, scratch };
}

function placeProgram(
  { program, uses, buffers, outputs }: ProgramPlan,
  steps: readonly Omit<Step, 'barrier'>[],
  memory: MemoryPlan,
  addresses: ReadonlyMap<BufferId, number>,
): ScheduledProgram {
  const elements = (id: BufferId) => buffers.get(id)?.elements ?? 0;
  const stepped = uses.map((use, i) => ({ ...use, items: steps[i]?.items ?? 0 }));
  const waits = barriers(stepped, (id) => {
    const start = addresses.get(id);
    return start === undefined ? undefined : [start, start + aligned(elementSize * elements(id))];
  });
  const names = new Set(
    [...buffers.values()].flatMap(({ storage }) => (storage.kind === 'input' ? [storage.name] : [])),
  );
  const located = [...outputs].map(([name, id]) => {
    return [name, { offset: addresses.get(id) ?? 0, elements: elements(id) }] as const;
  });
  return {
    program,
    steps: steps.map((step, i) => ({ ...step, barrier: waits[i] ?? true })),
    places: new Map([...addresses].map(([id, offset]) => [id, { offset, elements: elements(id) }])),
    inputs: new Map([...memory.inputs].filter(([name]) => names.has(name))),
    outputs: new Map(located),
  };
}
