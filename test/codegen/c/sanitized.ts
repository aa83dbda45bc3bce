// A generated C file with a small `main`: every program is run several times on 1 to 3 threads over the same numbers, and what memory
// holds afterwards must be the same to the bit. Built with a sanitizer, that is what the sanitizer watches.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { printModule } from '../../../src/codegen/c/module.ts';
import { runCompiler, type Compiler } from '../../../src/targets/native/compiler.ts';
import type { KernelProgram } from '../../../src/ir/stages/type.ts';
import type { NativeMachine } from '../../../src/schedule/machine/native.ts';
import { schedule, type Location, type Schedule } from '../../../src/schedule/schedule.ts';

const call = promisify(execFile);

/** Builds and runs; gives what the program wrote to stderr, which is nothing where all is well. */
export async function runSanitized(
  programs: readonly KernelProgram[],
  machine: NativeMachine,
  compiler: Compiler,
  sanitizers: string,
  folder: string,
  change: (source: string) => string = (text) => text,
): Promise<string> {
  const scheduled = schedule(programs, machine, 0);
  const source = `${change(printModule(scheduled, { machine }))}\n${mainText(scheduled)}`;
  const name = join(folder, randomUUID());
  await writeFile(`${name}.c`, source);
  await runCompiler(compiler, [
    ...['-std=gnu11', '-O1', '-ffp-contract=fast', '-pthread', `-fsanitize=${sanitizers}`],
    ...['-fno-sanitize-recover=all', '-o', name, `${name}.c`, '-lm'],
  ]);
  try {
    const { stderr } = await call(name, [], {
      env: { ...process.env, TSAN_OPTIONS: 'halt_on_error=0', ASAN_OPTIONS: 'detect_leaks=0' },
      maxBuffer: 2 ** 24,
    });
    return stderr;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return `${stderr ?? ''}${message}`;
  }
}

/** Inputs are class numbers or fractions alike: what is looked up by them is bounded by the generated code. */
function mainText({ programs, stored }: Schedule): string {
  const regions = (locations: Iterable<Location>) =>
    [...locations].map(({ offset, elements }) => `{${offset / 4}, ${elements}}`).join(', ');
  const inputs = programs.flatMap((program) => [...program.inputs.values()]);
  const kept = [...stored.values(), ...programs.flatMap((program) => [...program.outputs.values()])];
  return `#include <stdio.h>

struct region {
  long from, count;
};
static const struct region inputs[] = {${regions(inputs)}, {0, 0}};
static const struct region stored[] = {${regions(stored.values())}, {0, 0}};
static const struct region kept[] = {${regions(kept)}, {0, 0}};

/** A hash of the bits that stored tensors and outputs have in the end. */
static unsigned long run_all(int threads) {
  struct device *const device = nnc_create(threads);
  if (!device) return 1;
  float *const memory = nnc_memory(device);
  unsigned long seed = 1;
  for (const struct region *r = inputs; r->count > 0; r++)
    for (long i = 0; i < r->count; i++) memory[r->from + i] = (float)((seed = seed * 69069 + 1) >> 8 & 3);
  for (const struct region *r = stored; r->count > 0; r++)
    for (long i = 0; i < r->count; i++)
      memory[r->from + i] = (float)((seed = seed * 69069 + 1) >> 8 & 1023) * 0x1p-11f + 0.0625f;
  for (int turn = 0; turn < 3; turn++)
    for (int program = 0; program <= ${programs.length}; program++) nnc_run(device, program);
  unsigned long hash = 5381;
  for (const struct region *r = kept; r->count > 0; r++)
    for (long i = 0; i < r->count; i++) {
      unsigned bits;
      memcpy(&bits, memory + r->from + i, sizeof bits);
      hash = hash * 33 + bits;
    }
  nnc_destroy(device);
  return hash;
}

int main(void) {
  const unsigned long one = run_all(1);
  for (int threads = 2; threads <= 3; threads++) {
    if (run_all(threads) == one) continue;
    fprintf(stderr, "%d threads give other bits than one\\n", threads);
    return 1;
  }
  return 0;
}
`;
}
