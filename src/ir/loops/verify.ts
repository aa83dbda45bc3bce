// Throws where a module of loops breaks an invariant of printers, targets and the interpreter. Nothing is repaired. A message names the
// routine (by its kernel), the enclosing loops, and what is wrong there. The time is linear in the size of the form.
import type { BufferId } from '../stages/type.ts';
import { nameOfBuffer, routineNames, type LoopNests } from './print.ts';
import { Ranges } from './ranges.ts';
import {
  elementSize as element,
  type LoopModule,
  type LoopProgram,
  type Routine,
  type Step,
  type Value,
} from './type.ts';
import { verifyRoutine } from './verify-routine.ts';
import { baseOf, placesRead, placesWritten, statementsIn, valuesIn, valuesOf } from './walk.ts';

/** Throws where a routine is not well formed on its own, placed in memory or not. */
export function verifyRoutines(nests: LoopNests & Pick<LoopModule, 'machine'>): void {
  const names = routineNames(nests);
  nests.routines.forEach((routine, i) => verifyRoutine(routine, nests.machine, names[i] ?? 'routine'));
}

export function verifyLoops(module: LoopModule): void {
  verifyRoutines(module);
  verifyPlacement(module);
}

/** Throws where the memory layout or a step is wrong: overlaps, reads before writes, missing barriers. */
export function verifyPlacement(module: LoopModule): void {
  const names = routineNames(module);
  const uses = module.routines.map(pointersUsed);
  verifyMemory(module);
  for (const program of module.programs) {
    verifySteps(program, module, names);
    verifyWritten(program, uses, names);
    verifyBarriers(program, uses, names);
  }
}

/** The parameters through which a routine reads and writes, by number. */
interface PointerUse {
  readonly reads: ReadonlySet<number>;
  readonly writes: ReadonlySet<number>;
}

function pointersUsed({ body }: Routine): PointerUse {
  // A name may be shadowed in another block; each declaration is seen before what follows it.
  const bases = new Map<string, number>();
  const parameterOf = (pointer: Value): number | undefined => {
    const base = baseOf(pointer);
    if (base.kind !== 'variable') return undefined;
    const parameter = /^\$(\d+)$/.exec(base.name);
    return parameter ? Number(parameter[1]) : bases.get(base.name);
  };
  const [reads, writes] = [new Set<number>(), new Set<number>()];
  const use = (set: Set<number>, pointer: Value) => {
    const parameter = parameterOf(pointer);
    if (parameter !== undefined) set.add(parameter);
  };
  for (const statement of statementsIn(body)) {
    for (const value of valuesOf(statement))
      for (const each of valuesIn(value)) for (const place of placesRead(each)) use(reads, place.pointer);
    for (const place of placesWritten(statement)) use(writes, place.pointer);
    if (statement.kind === 'tile') {
      use(reads, statement.a);
      use(reads, statement.b);
      use(reads, statement.c);
      use(writes, statement.c);
    }
    if (statement.kind === 'let' && statement.type === 'pointer') {
      const parameter = parameterOf(statement.value);
      if (parameter === undefined) bases.delete(statement.name);
      else bases.set(statement.name, parameter);
    }
  }
  return { reads, writes };
}

function verifyMemory({ stored, programs, bytes, scratch, reach, routines, machine }: LoopModule): void {
  const fail = (what: string): never => {
    throw new Error(`memory for ${machine.name}: ${what}`);
  };
  if (![bytes, scratch, reach].every((each) => Number.isInteger(each) && each >= 0 && each % element === 0))
    fail(`${bytes} bytes, ${scratch} of scratch and ${reach} to over-read`);
  const most = Math.max(0, ...routines.map((routine) => routine.scratch));
  if (most > scratch) fail(`a routine needs ${most} bytes of scratch, of which there are ${scratch}`);
  const own = new Map([...stored].map(([path, location]) => [`stored ${path}`, location]));
  for (const program of programs)
    for (const [name, location] of program.inputs) own.set(`input ${name}`, location);
  let [end, last] = [reach, 'what may be over-read'];
  for (const [name, { offset, elements }] of [...own].toSorted(([, a], [, b]) => a.offset - b.offset)) {
    if (offset % element !== 0) fail(`${name} lies between elements, at ${offset}`);
    if (offset < end) fail(`${name} overlaps ${last}`);
    [end, last] = [offset + element * elements, name];
    if (end > bytes) fail(`${name} ends at ${end}, past all ${bytes} bytes`);
  }
}

function verifySteps(program: LoopProgram, module: LoopModule, names: readonly string[]): void {
  program.steps.forEach(({ routine, buffers, items }, i) => {
    const fail = (what: string): never => {
      throw new Error(
        `${program.program.name}, step ${i} (${names[routine] ?? `routine ${routine}`}): ${what}`,
      );
    };
    const called = module.routines[routine];
    if (!called) return fail('there is no such routine');
    if (called.parameters !== buffers.length)
      fail(`gives ${buffers.length} buffers to a routine of ${called.parameters}`);
    if (!Number.isInteger(items) || items < 1) fail(`has ${items} work items`);
    for (const id of buffers) {
      const place = program.places.get(id);
      const name = nameOfBuffer(program, id);
      if (!place) return fail(`${name} lies nowhere`);
      if (place.offset % element !== 0 || place.offset < module.reach)
        fail(`${name} lies at ${place.offset}`);
      if (place.offset + element * place.elements > module.bytes)
        fail(`${name} ends at ${place.offset + element * place.elements}, past all ${module.bytes} bytes`);
    }
  });
}

/** Whatever a step reads is an input, persistent, or written by an earlier step or the step itself. */
function verifyWritten(program: LoopProgram, uses: readonly PointerUse[], names: readonly string[]): void {
  const roles = new Map(program.program.buffers.map(({ id, role }) => [id, role.kind]));
  const written = new Set<BufferId>();
  program.steps.forEach((step, i) => {
    const use = uses[step.routine];
    const buffersOf = (parameters: ReadonlySet<number> | undefined) =>
      step.buffers.filter((_, parameter) => parameters?.has(parameter));
    for (const id of buffersOf(use?.writes)) {
      if (roles.get(id) === 'input') fail(program, i, names, `writes the input ${nameOfBuffer(program, id)}`);
      written.add(id);
    }
    for (const id of buffersOf(use?.reads)) {
      if ((roles.get(id) ?? 'temporary') === 'temporary' && !written.has(id))
        fail(program, i, names, `reads ${nameOfBuffer(program, id)} before it is written`);
    }
  });
}

function fail(program: LoopProgram, step: number, names: readonly string[], what: string): never {
  const routine = program.steps[step]?.routine ?? -1;
  throw new Error(`${program.program.name}, step ${step} (${names[routine] ?? 'routine'}): ${what}`);
}

interface Touched {
  readonly step: Step;
  readonly index: number;
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly writes: boolean;
}

const touchedRanges = () => ({ written: new Ranges(), touched: new Ranges() });

/**
 * There is a barrier before each step with a dependence (one of the two writes) on a step since the last barrier. Steps of one work item
 * each run in order on the first thread and need none.
 */
function verifyBarriers(program: LoopProgram, uses: readonly PointerUse[], names: readonly string[]): void {
  let since: Touched[] = [];
  let [shared, all] = [touchedRanges(), touchedRanges()];
  program.steps.forEach((step, index) => {
    if (step.barrier) {
      since = [];
      [shared, all] = [touchedRanges(), touchedRanges()];
    }
    const own = step.buffers.flatMap((id, parameter): Touched[] => {
      const use = uses[step.routine];
      const place = program.places.get(id);
      const writes = use?.writes.has(parameter) ?? false;
      if (!place || (!writes && !use?.reads.has(parameter))) return [];
      const to = place.offset + element * place.elements;
      return [{ step, index, name: nameOfBuffer(program, id), from: place.offset, to, writes }];
    });
    for (const mine of own) {
      // A fast path: most ranges overlap nothing, so that the list of the others, which may be long, is seldom searched.
      const { written, touched } = step.items === 1 ? shared : all;
      if (!(mine.writes ? touched : written).meets([mine.from, mine.to])) continue;
      const other = since.find(
        (each) =>
          (mine.writes || each.writes) &&
          mine.from < each.to &&
          each.from < mine.to &&
          !(step.items === 1 && each.step.items === 1),
      );
      if (other) {
        const [did, does] = [other.writes ? 'wrote' : 'read', mine.writes ? 'writes' : 'reads'];
        const earlier = `step ${other.index} (${names[other.step.routine] ?? 'routine'})`;
        fail(
          program,
          index,
          names,
          `${does} ${mine.name} with no barrier after ${earlier}, which ${did} ${other.name} there: their work items are shared among threads`,
        );
      }
    }
    for (const mine of own) {
      since.push(mine);
      for (const { written, touched } of step.items === 1 ? [all] : [all, shared]) {
        touched.add([mine.from, mine.to]);
        if (mine.writes) written.add([mine.from, mine.to]);
      }
    }
  });
}
