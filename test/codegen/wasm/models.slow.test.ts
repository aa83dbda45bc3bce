// Whole models on WebAssembly, small ones of every kind of layer and odd sizes: every program against the interpreter.
import { describe, expect, test } from 'vitest';
import { wasmFused, wasmPlain } from '../../../src/schedule/machine/machine.ts';
import { relaxedSimd } from '../../../src/runtime/wasm/features.ts';
import { nets, prepareNet } from '../small-models.ts';
import { compilePrograms, differences } from './run-wasm.ts';

describe('models on wasm', () => {
  test.each(nets)('$net', async (net) => {
    const { programs, given, stored } = prepareNet(net);
    const machines = (await relaxedSimd()) ? [wasmPlain, wasmFused] : [wasmPlain];
    const expected = new Map<string, Map<string, Float64Array>>();
    for (const machine of machines) {
      const wasm = await compilePrograms(programs, machine);
      for (const { name } of programs) {
        const right = expected.get(name) ?? wasm.interpret(name, given, stored);
        expected.set(name, right);
        const found = differences(wasm.run(name, given, stored), right);
        expect(found, `program ${name}, ${machine.name}`).toEqual([]);
      }
    }
  });
});
