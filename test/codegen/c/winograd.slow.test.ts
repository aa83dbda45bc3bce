// Convolutions and their gradients by Winograd's filtering in C, on each kind of vector that this processor has.
import { beforeAll, describe, test } from 'vitest';
import { cases, compare, expectFiltered } from '../winograd-cases.ts';
import {
  compilePrograms,
  describeNative,
  machinesHere,
  temporaryFolder,
  type NativePrograms,
} from './run-native.ts';

// C compilers take their time: every third.
const some = cases.filter((_, i) => i % 3 === 0);

describeNative("Winograd's filtering in C", () => {
  const folder = temporaryFolder();
  describe.each(machinesHere().map((machine, i) => [machine.name, i % 2 === 0 ? 4 : 2, machine] as const))(
    '%s, tiles of %i',
    (_, tile, machine) => {
      let native: NativePrograms;
      beforeAll(async () => {
        native = await compilePrograms(
          some.map(({ program }) => program),
          folder,
          { ...machine, winograd: { tiles: [tile], share: Infinity } },
        );
      }, 120_000);

      test('is what was computed with', () => expectFiltered(native.source, some.length));

      test.each(some)('$title', (each) => compare(native, each));
    },
  );
});
