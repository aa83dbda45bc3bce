// Prints a schedule as one AssemblyScript module: the helpers it uses, one function per routine, one exported function per program.
// Deterministic.
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
import { ConstantTable } from './constants.ts';
import { calledFunctions } from './functions.ts';
import { helpers } from './helpers.ts';
import {
  barrierText,
  checkText,
  loneBarrierText,
  loneWorkText,
  partText,
  tileText,
  uniformText,
  workText,
} from './parallel.ts';
import { namesInAssembly, printFunction, printRoutine, type Printing } from './print-routine.ts';

export interface ModuleOptions {
  readonly fused: boolean;
  /** Shared memory and a barrier; otherwise a single thread. */
  readonly threads: boolean;
  /**
   * Adds one program per step, so that it can be run and timed alone, and an empty one. They follow the model's own programs: see
   * `profilePrograms`.
   */
  readonly profile?: boolean;
}

export function printModule(schedule: Schedule, { fused, threads, profile = false }: ModuleOptions): string {
  const names = namesInAssembly();
  const programs = schedule.programs.map(({ program }) => names.of(program.name));
  const used = new Set<string>();
  const tiles = new Map<string, TileForm>();
  const table = new ConstantTable();
  const printing: Printing = { table, fused };
  const routineNames = nameRoutines(schedule, names);
  const routines = schedule.routines.map((routine, i) => {
    const [user] = usersOf(schedule, i);
    const labels = user ? user.step.buffers.map((id) => labelOf(user.program, id)) : [];
    const printed = printRoutine(
      routine,
      routineNames[i] ?? 'routine',
      labels,
      routineComment(schedule, i),
      printing,
    );
    for (const helper of printed.helpers) used.add(helper);
    for (const [name, form] of printed.tiles) tiles.set(name, form);
    return printed.text;
  });
  const bodies = schedule.programs.map((program, i) =>
    programText(program, programs[i] ?? 'program', routineNames, schedule, profile),
  );
  const printedHelpers = helperTexts(used, tiles, printing);
  const runnable = profile ? [...programs, ...profilePrograms(schedule)] : programs;
  const parts = [
    partText,
    threads ? barrierText : loneBarrierText,
    ...table.text(),
    ...printedHelpers,
    ...routines,
    ...bodies,
    ...(profile ? [`export function ${idleProgram}(thread: i32, threads: i32): void {}`] : []),
    checkText(fused),
    threads ? workText(runnable) : loneWorkText(runnable),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The texts of the helpers and their callees. */
function helperTexts(
  used: ReadonlySet<string>,
  tiles: ReadonlyMap<string, TileForm>,
  printing: Printing,
): readonly string[] {
  const texts = new Map<string, string>();
  const want = (name: string): void => {
    if (texts.has(name)) return;
    const called = calledFunctions.get(name);
    if (called) {
      const { text, helpers: needed } = printFunction(called, printing);
      for (const each of needed) want(each);
      texts.set(name, text);
      return;
    }
    const tile = tiles.get(name);
    const text = tile
      ? tileText(name, tile, printing.fused)
      : name === 'uniform'
        ? uniformText
        : helpers.get(name);
    if (text === undefined) throw new Error(`no helper ${name}`);
    texts.set(name, text);
  };
  for (const name of [...used].sort()) want(name);
  return [...texts.values()];
}

function programText(
  scheduled: ScheduledProgram,
  name: string,
  routines: readonly string[],
  schedule: Schedule,
  profile: boolean,
): string {
  const scratch = `  const scratch: usize = ${schedule.bytes} + <usize>thread * ${schedule.scratch};`;
  const head = (called: string) => `export function ${called}(thread: i32, threads: i32): void {`;
  const steps = scheduled.steps.map((step) => {
    const pointers = step.buffers.map((id) => String(scheduled.places.get(id)?.offset ?? 0));
    const shares =
      step.items === 1
        ? ['0', '1']
        : [`part(thread, threads, ${step.items})`, `part(thread + 1, threads, ${step.items})`];
    const call = `${routines[step.routine] ?? 'routine'}(${[...pointers, ...shares, 'scratch'].join(', ')});`;
    return {
      barrier: step.barrier ? ['  barrier(threads);'] : [],
      comment: `  // ${step.kernels.map((kernel) => describeResult(kernel, scheduled)).join('; ')}`,
      call: step.items === 1 ? `  if (thread == 0) ${call}` : `  ${call}`,
    };
  });
  const whole = [
    head(name),
    scratch,
    ...steps.flatMap(({ barrier, comment, call }) => [...barrier, comment, call]),
    '}',
  ];
  const alone = profile
    ? steps.flatMap(({ call }, i) => [head(profiledProgram(name, i)), scratch, call, '}'])
    : [];
  return [...whole, ...alone].join('\n');
}
