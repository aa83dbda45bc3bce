// Whether a model fits into the address space of a target's code, by the memory plan, and its functions into the number of buffers that
// one can take, before anything is printed.
import { fail } from '../diagnostics/diagnostic.ts';
import { showShape } from '../runtime/tensor.ts';
import { bytesOf } from '../ir/stages/type.ts';
import type { Schedule } from '../schedule/schedule.ts';

export interface Addressable {
  /** Bytes. */
  readonly most: number;
  /** Where the code runs, for the message: `on wasm`. */
  readonly place: string;
  readonly model: string;
}

/** How many buffers a message names. */
const named = 4;

/** @throws DiagnosticError with the largest buffers, where the plan and one thread's scratch do not fit */
export function checkAddressable(schedule: Schedule, { most, place, model }: Addressable): void {
  const needed = schedule.bytes + schedule.scratch + schedule.reach;
  if (needed <= most) return;
  const largest = largestBuffers(schedule)
    .slice(0, named)
    .map(({ name, shape, bytes }) => `${name} ${showShape(shape)} ${gibibytes(bytes)}`);
  fail('memory.address', undefined, {
    model,
    place,
    needed: gibibytes(needed),
    most: gibibytes(most),
    help: `The largest: ${largest.join(', ')}. A smaller batch makes what depends on it smaller; \`--target native\` has no such limit.`,
  });
}

/** @throws DiagnosticError with the place in the text whose function takes too many buffers */
export function checkBuffers(
  { programs, routines }: Schedule,
  { most, place }: { readonly most: number; readonly place: string },
): void {
  for (const { steps } of programs) {
    for (const { routine, kernels } of steps) {
      const found = routines[routine]?.parameters ?? 0;
      const [kernel] = kernels;
      if (found <= most || !kernel) continue;
      fail('target.buffers', kernel.origin.span, { kernel: kernel.name, found, place, most });
    }
  }
}

/** The stored tensors, inputs and temporaries in memory, without duplicates, the largest first. */
function largestBuffers({ programs }: Schedule) {
  const found = new Map<string, { name: string; shape: readonly number[]; bytes: number }>();
  for (const { program, places } of programs) {
    for (const buffer of program.buffers) {
      const { id, name, shape, alias } = buffer;
      if (alias !== undefined || !places.has(id)) continue;
      const bytes = bytesOf(buffer);
      if (bytes > (found.get(name)?.bytes ?? -1)) found.set(name, { name, shape, bytes });
    }
  }
  return [...found.values()].sort((a, b) => b.bytes - a.bytes);
}

const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
