// The functions on vectors that C has no operator for: their errors, and random numbers.
import { beforeAll, describe } from 'vitest';
import { programs, testFunctions } from '../function-bounds.ts';
import {
  compilePrograms,
  describeNative,
  machinesHere,
  temporaryFolder,
  type NativePrograms,
} from './run-native.ts';

describeNative('vector functions in C', () => {
  const folder = temporaryFolder();
  describe.each(machinesHere())('$name', (machine) => {
    let native: NativePrograms;
    beforeAll(async () => {
      native = await compilePrograms(programs, folder, machine);
    }, 120_000);
    testFunctions(() => native);
  });
});
