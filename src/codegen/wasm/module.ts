// A schedule enters, the text of one AssemblyScript module leaves: the helpers that it needs, one function per routine, one
// exported function per program. The text is the same from run to run.
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
import { helpers } from './mathematics.ts';
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
import { namesInAssembly, printRoutine } from './print-routine.ts';

export interface ModuleOptions {
  readonly fused: boolean;
  /** Shared memory and a barrier; without, one thread. */
  readonly threads: boolean;
  /**
   * Every step of a program is a program too, so that it can be run, and timed, alone; and so is one that does nothing. They
   * follow the model's own programs: see `profilePrograms`.
   */
  readonly profile?: boolean;
}

export function printModule(schedule: Schedule, { fused, threads, profile = false }: ModuleOptions): string {
  const names = namesInAssembly();
  const programs = schedule.programs.map(({ program }) => names.of(program.name));
  const used = new Set<string>();
  const tiles = new Map<string, TileForm>();
  const table = new ConstantTable();
  const routineNames = nameRoutines(schedule, names);
  const routines = schedule.routines.map((routine, i) => {
    const [user] = usersOf(schedule, i);
    const labels = user ? user.step.buffers.map((id) => labelOf(user.program, id)) : [];
    const printed = printRoutine(
      routine,
      routineNames[i] ?? 'routine',
      labels,
      routineComment(schedule, i),
      table,
    );
    for (const helper of printed.helpers) used.add(helper);
    for (const [name, form] of printed.tiles) tiles.set(name, form);
    return printed.text;
  });
  const bodies = schedule.programs.map((program, i) =>
    programText(program, programs[i] ?? 'program', routineNames, schedule, profile),
  );
  const printedHelpers = helperTexts(used, tiles, fused).map((text) =>
    table.replaceIn(fused ? fuse(text) : text),
  );
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

function helperTexts(
  used: ReadonlySet<string>,
  tiles: ReadonlyMap<string, TileForm>,
  fused: boolean,
): string[] {
  const wanted = new Set<string>();
  const want = (name: string) => {
    for (const needed of helpers.get(name)?.needs ?? []) want(needed);
    wanted.add(name);
  };
  for (const name of [...used].sort()) want(name);
  return [...wanted].map((name) => {
    if (name === 'uniform') return uniformText;
    const tile = tiles.get(name);
    if (tile) return tileText(name, tile, fused);
    const found = helpers.get(name);
    if (!found) throw new Error(`no helper ${name}`);
    return found.text;
  });
}

/** Writes products that are added to as one fused instruction. */
function fuse(text: string): string {
  const operand = String.raw`\w+|f32x4\.splat\([^()]*\)`;
  const pattern = new RegExp(
    String.raw`f32x4\.add\(f32x4\.mul\((${operand}), (${operand})\), (${operand})\)`,
    'g',
  );
  return text.replace(pattern, 'f32x4.relaxed_madd($1, $2, $3)');
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
