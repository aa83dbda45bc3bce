// The functions that WebAssembly has no instruction for, with and without fused multiply-adds: their errors, and random numbers.
import { beforeAll, describe } from 'vitest';
import { wasmFused, wasmPlain } from '../../../src/schedule/machine/machine.ts';
import { relaxedSimd } from '../../../src/runtime/wasm/features.ts';
import { programs, testFunctions } from '../function-bounds.ts';
import { compilePrograms, type WasmPrograms } from './run-wasm.ts';

describe.each(['plain', 'fused'] as const)('vector functions, %s', (form) => {
  let wasm: WasmPrograms;
  beforeAll(async () => {
    const machine = form === 'fused' && (await relaxedSimd()) ? wasmFused : wasmPlain;
    wasm = await compilePrograms(programs, machine);
  }, 120_000);

  testFunctions(() => wasm);
});
