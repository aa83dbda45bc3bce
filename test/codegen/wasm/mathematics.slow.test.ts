// The functions that WebAssembly has no instruction for, with and without fused multiply-adds: their errors, and random numbers.
import { beforeAll, describe, expect, test } from 'vitest';
import { interpretFunction } from '../../../src/ir/loops/interpreter/function.ts';
import { mathematics, type MathematicsName } from '../../../src/ir/loops/mathematics/table.ts';
import { wasmFused, wasmPlain } from '../../../src/schedule/machine/machine.ts';
import { relaxedSimd } from '../../../src/runtime/wasm/features.ts';
import { count, programs, testFunctions } from '../function-bounds.ts';
import { numbersFrom } from '../../ops/tensors.ts';
import { compilePrograms, type WasmPrograms } from './run-wasm.ts';

describe.each(['plain', 'fused'] as const)('vector functions, %s', (form) => {
  let wasm: WasmPrograms;
  beforeAll(async () => {
    const machine = form === 'fused' && (await relaxedSimd()) ? wasmFused : wasmPlain;
    wasm = await compilePrograms(programs, machine);
  }, 120_000);

  testFunctions(() => wasm);

  if (form === 'plain')
    test.each(Object.keys(mathematics) as MathematicsName[])(
      '%s is to the bit what its loop form says',
      (name) => {
        const x = new Float32Array(count);
        const random = numbersFrom(17);
        new Uint32Array(x.buffer).set(Array.from(x, () => Math.floor(2 ** 32 * random())));
        const found = wasm.run(name, { x }).get('y');
        const few = 100_000;
        expect(found?.subarray(0, few)).toEqual(interpretFunction(name, x.subarray(0, few)));
      },
    );
});
