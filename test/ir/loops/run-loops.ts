// Scheduled programs in the interpreter of loops, against the same kernels in theirs.
import { expect } from 'vitest';
import { interpretLoops, type LoopBindings } from '../../../src/ir/loops/interpret.ts';
import type { LoopModule } from '../../../src/ir/loops/type.ts';
import { interpret, type Interpretation } from '../../../src/ir/stages/interpret.ts';
import type { KernelProgram } from '../../../src/ir/stages/type.ts';
import { randomKey } from '../../../src/runtime/random.ts';
import { machineOf } from '../../../src/schedule/machine/native.ts';
import { wasmFused, type Machine } from '../../../src/schedule/machine/machine.ts';
import { schedule } from '../../../src/schedule/schedule.ts';
import { numbersFrom } from '../../ops/tensors.ts';

/** Vectors of 4 lanes and of 16. */
export const machines: readonly Machine[] = [wasmFused, machineOf('avx512')];

/** Random values for all that a program is given; whole numbers below a limit for the inputs that name one. */
export function draw(
  program: KernelProgram,
  seed: number,
  integers: Readonly<Record<string, number>> = {},
): LoopBindings {
  const random = numbersFrom(seed);
  const inputs = new Map<string, ArrayLike<number>>();
  const stored = new Map<string, ArrayLike<number>>();
  for (const { name, shape, role, alias } of program.buffers) {
    if (alias !== undefined || role.kind === 'temporary') continue;
    const limit = integers[name];
    const values = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
      limit === undefined ? 2 * random() - 1 : Math.floor(limit * random()),
    );
    if (role.kind === 'stored') stored.set(role.path, values);
    else inputs.set(name, role.input === 'random_key' ? randomKey(1, 2) : values);
  }
  return { inputs, stored };
}

/** What differs between the two by more than the order of additions explains, as a person reads it. */
export function differences(found: Interpretation, wanted: Interpretation): readonly string[] {
  return (['outputs', 'stored'] as const).flatMap((kind) =>
    [...wanted[kind]].flatMap(([name, values]) => {
      const own = found[kind].get(name);
      if (own?.length !== values.length)
        return [`${kind} ${name}: ${own?.length} elements for ${values.length}`];
      const at = values.findIndex((value, i) => !isClose(own[i] ?? NaN, value));
      return at < 0 ? [] : [`${kind} ${name}[${at}]: ${own[at]} for ${values[at]}`];
    }),
  );
}

function isClose(a: number, b: number): boolean {
  return Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(b), 1);
}

/** Two threads, in both orders: each race is seen in one of them. */
export function expectEqual(
  module: LoopModule,
  program: KernelProgram,
  bindings: LoopBindings,
  title: string,
  wanted = interpret(program, bindings),
): void {
  for (const order of ['ascending', 'descending'] as const) {
    const found = interpretLoops(module, program.name, bindings, { threads: 2, order });
    expect(differences(found, wanted), `${title}, ${module.machine.name}, ${order}`).toEqual([]);
  }
}

/** Schedules a program for each machine, verifies it on the way, and holds its loops against its kernels. */
export function expectScheduled(program: KernelProgram, bindings: LoopBindings, title: string): void {
  const wanted = interpret(program, bindings);
  for (const machine of machines)
    expectEqual(schedule([program], machine, 0), program, bindings, title, wanted);
}
