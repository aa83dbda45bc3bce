// Convolutions and their gradients by Winograd's filtering, beside the interpreter: forced where the schedule would stay direct, so
// that small shapes meet every edge.
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { profiledProgram } from '../../../src/codegen/schedule-text.ts';
import { compileWasm } from '../../../src/targets/wasm/compile.ts';
import { printModule } from '../../../src/codegen/wasm/module.ts';
import { wasmFused, wasmPlain, type Machine } from '../../../src/schedule/machine/machine.ts';
import { schedule } from '../../../src/schedule/schedule.ts';
import { relaxedSimd } from '../../../src/runtime/wasm/features.ts';
import { reservedBytes } from '../../../src/runtime/wasm/words.ts';
import { cases, compare, expectFiltered } from '../winograd-cases.ts';
import { compilePrograms, type WasmPrograms } from './run-wasm.ts';

describe.each([
  ['plain', 2],
  ['plain', 4],
  ['fused', 2],
  ['fused', 4],
] as const)('%s, tiles of %i', (form, tile) => {
  let wasm: WasmPrograms;
  beforeAll(async () => {
    const usual = form === 'fused' && (await relaxedSimd()) ? wasmFused : wasmPlain;
    const machine: Machine = { ...usual, winograd: { tiles: [tile], share: Infinity } };
    wasm = await compilePrograms(
      cases.map(({ program }) => program),
      machine,
    );
  }, 120_000);

  test('is what was computed with', () => expectFiltered(wasm.source, cases.length));

  test.each(cases)('$title', (each) => compare(wasm, each));
});

test('gives the same to the bit, however many threads share the work items', async () => {
  const fused = await relaxedSimd();
  const [program] = cases.flatMap((each) => (each.title.startsWith('16×8×16×16') ? [each] : []));
  if (!program) throw new Error('no case with many work items');
  const machine: Machine = {
    ...(fused ? wasmFused : wasmPlain),
    winograd: { tiles: [4], share: Infinity },
  };
  const scheduled = schedule([{ ...program.program, name: 'whole' }], machine, reservedBytes);
  const source = printModule(scheduled, { fused, threads: false, profile: true });
  const bytes = await compileWasm(source, { fused, threads: false });
  const [own] = scheduled.programs;
  if (!own) throw new Error('no program');
  expect(own.steps.some(({ items }) => items > 3)).toBe(true);
  const results = [1, 2, 3].map((threads) => {
    const end = scheduled.bytes + threads * scheduled.scratch + scheduled.reach;
    const memory = new WebAssembly.Memory({ initial: Math.ceil(end / 65536) + 1 });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), {
      env: { memory, abort: () => undefined },
    });
    for (const [name, { offset, elements }] of own.inputs)
      new Float32Array(memory.buffer, offset, elements).set(Array.from(program.given[name] ?? []));
    own.steps.forEach((_, step) => {
      const run = instance.exports[profiledProgram('whole', step)] as (thread: number, of: number) => void;
      for (let thread = threads - 1; thread >= 0; thread--) run(thread, threads);
    });
    return [...own.outputs].map(([name, { offset, elements }]) => [
      name,
      createHash('sha256')
        .update(new Uint8Array(memory.buffer, offset, 4 * elements))
        .digest('hex'),
    ]);
  });
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});
