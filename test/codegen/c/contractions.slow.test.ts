// Contractions of every kind in C against the interpreter, on each kind of vector that this processor has.
import { beforeAll, describe, expect, test } from 'vitest';
import { cases } from '../contraction-cases.ts';
import { differences } from '../wasm/run-wasm.ts';
import {
  compilePrograms,
  describeNative,
  machinesHere,
  temporaryFolder,
  type NativePrograms,
} from './run-native.ts';

describeNative('contractions in C', () => {
  const folder = temporaryFolder();
  describe.each(machinesHere())('$name', (machine) => {
    let native: NativePrograms;
    beforeAll(async () => {
      native = await compilePrograms(
        cases.map(({ program }) => program),
        folder,
        machine,
      );
    }, 120_000);

    test.each(cases)('$title', ({ program, given }) => {
      const [found, expected] = [native.run(program.name, given), native.interpret(program.name, given)];
      expect(differences(found, expected, 1e-4, 1e-4)).toEqual([]);
    });
  });
});
