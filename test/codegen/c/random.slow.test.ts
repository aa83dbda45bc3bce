// Random kernels in C, many to a library, against the interpreter: what the printer and the helpers make of reductions in one another,
// guards, shared parts and looked-up indices. `NNC_SEED` chooses others.
import { expect, test } from 'vitest';
import { randomProgram } from '../random-kernel.ts';
import { numbersFrom } from '../../ops/tensors.ts';
import { differences } from '../wasm/run-wasm.ts';
import { compilePrograms, describeNative, machinesHere, temporaryFolder } from './run-native.ts';

const seed = Number(process.env['NNC_SEED'] ?? 1);
const count = 150;

describeNative('random kernels in C', () => {
  const folder = temporaryFolder();

  test.each(machinesHere())(
    '$name',
    async (machine) => {
      const random = numbersFrom(seed);
      const programs = Array.from({ length: count }, (_, i) => ({
        ...randomProgram(random),
        name: `random ${i}`,
      }));
      const native = await compilePrograms(programs, folder, machine);
      for (const { name, buffers } of programs) {
        const given = Object.fromEntries(
          buffers
            .filter(({ role }) => role.kind === 'input')
            .map(({ name: input, shape }) => {
              const length = shape.reduce((product, size) => product * size, 1);
              const draw = () => (input === 'ids' ? Math.floor(4 * random()) : Math.fround(2 * random() - 1));
              return [input, Array.from({ length }, draw)];
            }),
        );
        const found = differences(native.run(name, given), native.interpret(name, given));
        expect(found, `seed ${seed}, ${name}, ${machine.name}`).toEqual([]);
      }
    },
    120_000,
  );
});
