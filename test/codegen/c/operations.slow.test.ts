// Every primitive on every sample of its own, scheduled, printed, compiled and run, against the interpreter: on each kind of vector
// that this processor has.
import { beforeAll, describe, expect, test } from 'vitest';
import { primitives } from '../primitive-cases.ts';
import { differences } from '../wasm/run-wasm.ts';
import {
  compilePrograms,
  describeNative,
  machinesHere,
  temporaryFolder,
  type NativePrograms,
} from './run-native.ts';

describeNative('primitives in C', () => {
  const folder = temporaryFolder();
  describe.each(machinesHere())('$name', (machine) => {
    let native: NativePrograms;
    beforeAll(async () => {
      native = await compilePrograms(
        primitives.map(({ program }) => program),
        folder,
        machine,
      );
    }, 120_000);

    test.each(primitives)('$title', ({ program, given }) => {
      expect(differences(native.run(program.name, given), native.interpret(program.name, given))).toEqual([]);
    });
  });
});
