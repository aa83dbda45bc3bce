// Shared by the printers of schedules: names and comments of routines, and the programs that time each step of another program.
import type { Kernel } from '../ir/stages/type.ts';
import { buffersOf } from '../ir/stages/walk.ts';
import type { Schedule, ScheduledProgram, Step } from '../schedule/schedule.ts';
import { describeKernel } from './describe-kernel.ts';
import { printComment, type Names } from './names.ts';

/** An empty program: timing it measures the call overhead. */
export const idleProgram = 'idle';

export function profiledProgram(program: string, step: number): string {
  return `${program}_${step}`;
}

/** The programs that `profile` adds, in their order. */
export function profilePrograms({ programs }: Schedule): readonly string[] {
  const steps = programs.flatMap(({ program, steps: own }) =>
    own.map((_, i) => profiledProgram(program.name, i)),
  );
  return [...steps, idleProgram];
}

interface User {
  readonly program: ScheduledProgram;
  readonly step: Step;
}

const usersBySchedule = new WeakMap<Schedule, readonly (readonly User[])[]>();

/** The steps that call a routine, in their order. */
export function usersOf(schedule: Schedule, routine: number): readonly User[] {
  const users = usersBySchedule.get(schedule) ?? usersOfAll(schedule);
  usersBySchedule.set(schedule, users);
  return users[routine] ?? [];
}

function usersOfAll({ routines, programs }: Schedule): readonly (readonly User[])[] {
  const users = routines.map((): User[] => []);
  for (const program of programs) {
    for (const step of program.steps) users[step.routine]?.push({ program, step });
  }
  return users;
}

/** A routine is named after the first kernel that it runs. */
export function nameRoutines(schedule: Schedule, names: Names): string[] {
  return schedule.routines.map((_, i) => {
    const [user] = usersOf(schedule, i);
    return names.fresh(`${user?.step.kernels[0]?.name ?? 'routine'}_kernel`);
  });
}

export function labelOf({ program }: ScheduledProgram, id: number): string {
  return buffersOf(program).get(id)?.name ?? 'partial';
}

/** At most this many kernels of a routine are listed; the others are only counted. */
const mostKernels = 6;

/** The formulas and places of the kernels that a routine runs at its first call. */
export function routineComment(schedule: Schedule, routine: number): string[] {
  const [user, ...others] = usersOf(schedule, routine);
  if (!user) return [];
  const { program } = user.program;
  const kernels = user.step.kernels;
  const described = kernels.slice(0, mostKernels).map((kernel) => describeKernel(kernel, [], program));
  // Consecutive kernels from the same place share it: it is printed once, after their formulas.
  const lines = described.flatMap(([formula = '', ...places], i) => [
    formula,
    ...places.filter((place) => !described[i + 1]?.includes(place)),
  ]);
  if (kernels.length > mostKernels) lines.push(`and ${kernels.length - mostKernels} more kernels`);
  const names = new Set(others.flatMap(({ step }) => step.kernels[0]?.name ?? []));
  const same = [...names].filter((name) => name !== kernels[0]?.name);
  const listed = same.length > mostKernels ? [...same.slice(0, mostKernels), '…'] : same;
  if (same.length > 0) lines.push(printComment(`The same for ${listed.join(', ')}.`));
  return ['/**', ...lines.map((line) => ` * ${line}`), ' */'];
}

/** A kernel's result, for a comment: `relu_1: [64, 128]`. */
export function describeResult(kernel: Kernel, { program }: ScheduledProgram): string {
  const shape = buffersOf(program).get(kernel.output)?.shape ?? [];
  return printComment(`${kernel.name}: [${shape.join(', ')}]`);
}
