// Whole models in C, small ones of every kind of layer and odd sizes: every program against the interpreter.
import { expect, test } from 'vitest';
import { nets, prepareNet } from '../small-models.ts';
import { differences } from '../wasm/run-wasm.ts';
import { compilePrograms, describeNative, machinesHere, temporaryFolder } from './run-native.ts';

describeNative('models in C', () => {
  const folder = temporaryFolder();

  test.each(nets)('$net', async (net) => {
    const { programs, given, stored } = prepareNet(net);
    const expected = new Map<string, Map<string, Float64Array>>();
    for (const machine of machinesHere().slice(0, 2)) {
      const native = await compilePrograms(programs, folder, machine);
      for (const { name } of programs) {
        const right = expected.get(name) ?? native.interpret(name, given, stored);
        expected.set(name, right);
        const found = differences(native.run(name, given, stored), right);
        expect(found, `program ${name}, ${machine.name}`).toEqual([]);
      }
    }
  });
});
