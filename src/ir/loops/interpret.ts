// Interprets a program of loops in float64: the second oracle, between the kernels and the printed targets. Its results must equal the
// kernel interpreter's but for the order of additions (a sharper comparison than float32 allows, whose rounding hides a wrong element).
// Memory accesses are checked as it runs: see LoopFault.
//
// Threads are simulated: between two barriers they run one after the other, in the given order. A read of what another thread writes
// between the same barriers is undefined if that thread ran before; a run in each order therefore detects every data race whose value is
// used, and reports no over-read whose value is not.
import type { BufferId } from '../stages/type.ts';
import type { Interpretation } from '../stages/interpret.ts';
import { LoopFault, Memory, type Region } from './interpreter/memory.ts';
import { compileRoutine, type CompiledRoutine } from './interpreter/routine.ts';
import { nameOfBuffer, routineNames } from './print.ts';
import { elementSize, type Location, type LoopModule, type LoopProgram, type Step } from './type.ts';

export { LoopFault } from './interpreter/memory.ts';

export interface LoopBindings {
  /** By the input's name. */
  readonly inputs: ReadonlyMap<string, ArrayLike<number>>;
  /** By path. */
  readonly stored: ReadonlyMap<string, ArrayLike<number>>;
}

export interface LoopRun {
  /** How many threads share the work items; default 1. */
  readonly threads?: number;
  /** The order in which threads run between barriers. */
  readonly order?: 'ascending' | 'descending';
}

/**
 * Gives what the kernel interpreter gives. At most 32 lanes.
 * @throws LoopFault where an undefined value is stored to an element of a buffer or decides control flow, where memory outside of a
 * buffer is read or written, where threads race, and where an output is never written. The message names the program, the step and its
 * routine, the thread, the enclosing loops with the values of their variables, and the buffer.
 */
export function interpretLoops(
  module: LoopModule,
  program: string,
  bindings: LoopBindings,
  { threads = 1, order = 'ascending' }: LoopRun = {},
): Interpretation {
  const found = module.programs.find((each) => each.program.name === program);
  if (!found) throw new Error(`no program ${program}`);
  return new Interpreter(module, found, threads, order).run(bindings);
}

const elementsOf = (bytes: number) => bytes / elementSize;

class Interpreter {
  private readonly memory: Memory;
  private readonly names: readonly string[];
  private readonly routines = new Map<number, CompiledRoutine>();
  private readonly owners: ReadonlyMap<number, number>;

  constructor(
    private readonly module: LoopModule,
    private readonly program: LoopProgram,
    private readonly threads: number,
    private readonly order: 'ascending' | 'descending',
  ) {
    const reach = elementsOf(module.reach);
    const elements = elementsOf(module.bytes) + threads * elementsOf(module.scratch) + reach;
    this.memory = new Memory({ elements, reach, threads });
    this.names = routineNames(module);
    // Persistent buffers and inputs have one owner per address, whatever name they are read or updated under.
    const lasting = [...module.stored.values(), ...program.inputs.values()];
    this.owners = new Map(lasting.map(({ offset }, i) => [offset, 1 + i]));
  }

  run({ inputs, stored }: LoopBindings): Interpretation {
    const { module, program } = this;
    const give = (name: string, location: Location, values: ArrayLike<number> | undefined) => {
      if (values?.length !== location.elements)
        throw new Error(`${name} is given ${values?.length ?? 'no'} elements, not ${location.elements}`);
      this.memory.fill(this.region(name, location, this.owners.get(location.offset) ?? 0), values);
    };
    const paths = new Set(
      program.program.buffers.flatMap(({ role }) => (role.kind === 'stored' ? [role.path] : [])),
    );
    const own = [...module.stored].filter(([path]) => paths.has(path));
    for (const [path, location] of own) give(`the stored tensor ${path}`, location, stored.get(path));
    for (const [name, location] of program.inputs) give(`the input ${name}`, location, inputs.get(name));
    for (const phase of phasesOf(program.steps)) {
      this.memory.barrier();
      for (const thread of this.inOrder()) {
        this.memory.runAs(thread);
        for (const [index, step] of phase) this.step(index, step, thread);
      }
    }
    this.memory.barrier();
    const read = ([name, location]: readonly [string, Location]) =>
      [name, this.content(name, location)] as const;
    return { outputs: new Map([...program.outputs].map(read)), stored: new Map(own.map(read)) };
  }

  private inOrder(): readonly number[] {
    const threads = Array.from({ length: this.threads }, (_, i) => i);
    return this.order === 'ascending' ? threads : threads.toReversed();
  }

  private step(index: number, step: Step, thread: number): void {
    const { threads } = this;
    const share = (of: number) => Math.floor((of * step.items + threads - 1) / threads);
    const [first, last] = step.items === 1 ? [0, thread === 0 ? 1 : 0] : [share(thread), share(thread + 1)];
    if (first >= last) return;
    const routine = this.routine(step.routine);
    const scratch = this.scratch(step.routine, thread);
    this.memory.forget(scratch);
    const regions = [...step.buffers.map((id) => this.regionOf(id)), scratch];
    try {
      routine.run({ regions, first, last });
    } catch (error) {
      if (!(error instanceof LoopFault)) throw error;
      const where = routine.where();
      const names = (text: string) =>
        text.replace(/\$(\d+)/g, (_, n: string) => regions[Number(n)]?.name ?? 'buffer');
      throw new LoopFault(
        `${this.program.program.name}, step ${index} (${this.names[step.routine]}), thread ${thread}` +
          `${where && `, at ${names(where)}`}: ${error.message}`,
      );
    }
  }

  private routine(index: number): CompiledRoutine {
    const known = this.routines.get(index);
    if (known) return known;
    const routine = this.module.routines[index];
    if (!routine) throw new Error(`no routine ${index}`);
    const compiled = compileRoutine(routine, this.module.machine.lanes, this.memory);
    this.routines.set(index, compiled);
    return compiled;
  }

  private regionOf(id: BufferId): Region {
    const location = this.program.places.get(id);
    const name = nameOfBuffer(this.program, id);
    if (!location) throw new Error(`${name} lies nowhere`);
    return this.region(name, location, this.ownerOf(id, location));
  }

  /** Buffers local to one program own themselves. */
  private ownerOf(id: BufferId, { offset }: Location): number {
    return this.owners.get(offset) ?? 1 + this.owners.size + id;
  }

  private region(name: string, { offset, elements }: Location, owner: number): Region {
    const { lanes } = this.module.machine;
    const start = elementsOf(offset);
    const room = start + Math.ceil(elements / lanes) * lanes;
    return { name, start, end: start + elements, room, owner, isScratch: false };
  }

  private scratch(routine: number, thread: number): Region {
    const { bytes, scratch, routines } = this.module;
    const start = elementsOf(bytes + thread * scratch);
    const end = start + elementsOf(routines[routine]?.scratch ?? 0);
    return { name: 'scratch', start, end, room: end, owner: -1 - thread, isScratch: true };
  }

  private content(name: string, { offset, elements }: Location): Float64Array {
    const here = [...this.program.places].filter(([, place]) => place.offset === offset);
    const owners = new Set(here.map(([id, place]) => this.ownerOf(id, place)));
    const lasting = this.owners.get(offset);
    if (lasting !== undefined) owners.add(lasting);
    return this.memory.content(name, elementsOf(offset), elements, owners);
  }
}

/** The steps between barriers, each with its number. */
function phasesOf(steps: readonly Step[]): readonly (readonly (readonly [number, Step])[])[] {
  const phases: (readonly [number, Step])[][] = [[]];
  steps.forEach((step, i) => {
    if (step.barrier) phases.push([]);
    phases.at(-1)?.push([i, step]);
  });
  return phases;
}
