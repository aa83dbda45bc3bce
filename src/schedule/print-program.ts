// The schedule as text, program by program: the plan of each group (print.ts), the storage of each buffer, and the memory layout.
import type { BufferId, KernelProgram } from '../ir/stages/type.ts';
import { printPlan } from './print.ts';
import type { Storage, ProgramPlan } from './program.ts';
import type { Schedule, SchedulePlan } from './schedule.ts';

/** The plan of every group of kernels, and one line per buffer with its storage. */
export function printSchedulePlan({ machine, programs }: SchedulePlan): string {
  return [`machine ${machine.name}`, ...programs.map(printProgramPlan)].join('\n\n');
}

function printProgramPlan({ program, plans, buffers, outputs }: ProgramPlan): string {
  const name = namer(program);
  const loops = plans.map((plan, i) => {
    const [headline = '', ...lines] = printPlan(plan).trimEnd().split('\n');
    return [`  ${i}: ${headline}`, ...lines.map((line) => `   ${line}`)].join('\n');
  });
  const storage = [...buffers].map(
    ([id, { elements, storage: at }]) => `  ${name(id)}: ${elements} elements, ${describeStorage(at, name)}`,
  );
  const given = [...outputs].map(([output, id]) => `  ${output} = ${name(id)}`);
  return [
    `program ${program.name}`,
    ...section('groups', loops),
    ...section('buffers', storage),
    ...section('outputs', given),
  ].join('\n');
}

function describeStorage(storage: Storage, name: (id: BufferId) => string): string {
  switch (storage.kind) {
    case 'registers':
      return 'in registers';
    case 'stored':
      return `stored as ${storage.path}`;
    case 'input':
      return `the input ${storage.name}`;
    case 'arena':
      return `in the arena from group ${storage.from} to ${storage.to}`;
    case 'with':
      return `where ${name(storage.buffer)} is`;
  }
}

/** Addresses are in bytes from the start of memory. */
export function printMemory({ memory, programs, bytes, scratch, reach }: Schedule): string {
  const places = (
    entries: Iterable<readonly [string, { readonly offset: number; readonly elements: number }]>,
  ) => [...entries].map(([name, { offset, elements }]) => `  ${offset}: ${name}, ${elements} elements`);
  const arenas = programs.map(({ program, places: placed, steps }) => {
    const name = namer(program);
    const own = [...placed].filter(([, { offset }]) => offset >= memory.arena.offset);
    const barriers = steps.filter(({ barrier }) => barrier).length;
    return [
      `program ${program.name}: ${steps.length} steps, ${barriers} barriers`,
      ...own.map(([id, { offset }]) => `  ${offset}: ${name(id)}`),
    ].join('\n');
  });
  const { arena } = memory;
  return [
    ['stored', ...places(memory.stored)].join('\n'),
    ['inputs', ...places(memory.inputs)].join('\n'),
    `arena ${arena.offset}, ${arena.bytes} bytes`,
    ...arenas,
    `${bytes} bytes, ${scratch} of scratch for each thread, over-read up to ${reach}`,
  ].join('\n\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [` ${title}`, ...lines];
}

function namer({ buffers }: KernelProgram): (id: BufferId) => string {
  const names = new Map(buffers.map((buffer) => [buffer.id, buffer.name]));
  return (id) => names.get(id) ?? `partial_${id}`;
}
