// Prints a schedule as one C file: the helpers it uses, one function per routine, one per program, and the exported functions.
// Deterministic.
import { elementSize } from '../../ir/loops/type.ts';
import type { NativeMachine } from '../../schedule/machine/native.ts';
import type { Schedule, ScheduledProgram } from '../../schedule/schedule.ts';
import type { TileForm } from '../loop-printer.ts';
import {
  describeResult,
  idleProgram,
  labelOf,
  nameRoutines,
  profiledProgram,
  profilePrograms,
  routineComment,
  usersOf,
} from '../schedule-text.ts';
import { instructionText } from './instructions.ts';
import { calledFunctions } from './functions.ts';
import { helpers } from './helpers.ts';
import { headText, threadText, tileText, workText } from './parallel.ts';
import { printFunction, printRoutine } from './print-routine.ts';
import { namesInC } from './reserved.ts';

export interface ModuleOptions {
  readonly machine: NativeMachine;
  /** Adds one program per step, and an empty one: see `profilePrograms`. */
  readonly profile?: boolean;
}

export function printModule(schedule: Schedule, { machine, profile = false }: ModuleOptions): string {
  const names = namesInC();
  const programs = schedule.programs.map(({ program }) => names.of(program.name));
  const used = new Set<string>();
  const tiles = new Map<string, TileForm>();
  const routineNames = nameRoutines(schedule, names);
  const routines = schedule.routines.map((routine, i) => {
    const [user] = usersOf(schedule, i);
    const labels = user ? user.step.buffers.map((id) => labelOf(user.program, id)) : [];
    const comment = routineComment(schedule, i);
    const printed = printRoutine(routine, routineNames[i] ?? 'routine', labels, comment, machine.lanes);
    for (const helper of printed.helpers) used.add(helper);
    for (const [name, form] of printed.tiles) tiles.set(name, form);
    return printed.text;
  });
  const bodies = schedule.programs.map((program, i) =>
    programText(program, programs[i] ?? 'program', routineNames, schedule, profile),
  );
  const runnable = profile ? [...programs, ...profilePrograms(schedule)] : programs;
  const parts = [
    headText(machine),
    threadText,
    ...helperTexts(used, tiles, machine),
    ...routines,
    ...bodies,
    ...(profile ? [`${head(idleProgram)}\n  (void)device, (void)thread, (void)threads;\n}`] : []),
    workText(runnable, schedule),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The texts of the helpers, callees before callers. */
export function helperTexts(
  used: ReadonlySet<string>,
  tiles: ReadonlyMap<string, TileForm>,
  machine: NativeMachine,
): string[] {
  const texts = new Map<string, string>();
  const want = (name: string): void => {
    if (texts.has(name)) return;
    const called = calledFunctions.get(name);
    if (called) {
      const { text, helpers: needed } = printFunction(called, name, machine.lanes);
      for (const each of needed) want(each);
      texts.set(name, text);
      return;
    }
    for (const needed of helpers.get(name)?.needs ?? []) want(needed);
    const tile = tiles.get(name);
    const text = tile
      ? tileText(name, tile, machine)
      : (instructionText(name, machine) ?? helpers.get(name)?.text);
    if (text === undefined) throw new Error(`no helper ${name}`);
    texts.set(name, text);
  };
  for (const name of [...used].sort()) want(name);
  return [...texts.values()];
}

const head = (called: string) => `static void ${called}(struct device *device, int thread, int threads) {`;

function programText(
  scheduled: ScheduledProgram,
  name: string,
  routines: readonly string[],
  schedule: Schedule,
  profile: boolean,
): string {
  const floats = (bytes: number) => {
    if (bytes % elementSize !== 0) throw new Error('an address between floats');
    return bytes / elementSize;
  };
  const places = [
    '  float *const memory = device->memory;',
    `  float *const scratch = memory + ${floats(schedule.bytes)} + (long)thread * ${floats(schedule.scratch)};`,
  ];
  const steps = scheduled.steps.map((step) => {
    const pointers = step.buffers.map((id) => `memory + ${floats(scheduled.places.get(id)?.offset ?? 0)}`);
    const shares =
      step.items === 1
        ? ['0', '1']
        : [`part(thread, threads, ${step.items})`, `part(thread + 1, threads, ${step.items})`];
    const call = `${routines[step.routine] ?? 'routine'}(${[...pointers, ...shares, 'scratch'].join(', ')});`;
    return {
      barrier: step.barrier ? ['  barrier(device, threads);'] : [],
      comment: `  // ${step.kernels.map((kernel) => describeResult(kernel, scheduled)).join('; ')}`,
      call: step.items === 1 ? `  if (thread == 0) ${call}` : `  ${call}`,
    };
  });
  // Programs of few steps do not use all of their parameters.
  const quiet = '  (void)memory, (void)scratch, (void)threads;';
  const whole = [
    head(name),
    ...places,
    quiet,
    ...steps.flatMap(({ barrier, comment, call }) => [...barrier, comment, call]),
    '}',
  ];
  const alone = profile
    ? steps.flatMap(({ call }, i) => ['', head(profiledProgram(name, i)), ...places, quiet, call, '}'])
    : [];
  return [...whole, ...alone].join('\n');
}
