// Every primitive on every sample of its own, lowered, printed and run in every mode of gpu.js, against the interpreter.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { interpret } from '../../../src/ir/stages/interpret.ts';
import { lower } from '../../../src/kernel/lower.ts';
import type { GpuDevice } from '../../../src/runtime/gpu/device.ts';
import { randomKey } from '../../../src/runtime/random.ts';
import { cases, named, sampleGraph } from '../../ops/samples.ts';
import { drawInputs, numbersFrom } from '../../ops/tensors.ts';
import { modeTitle, testedModes } from './gpu-modes.ts';
import { openWithHelpers, runKernels } from './run-kernels.ts';

for (const tested of testedModes) {
  describe.skipIf(tested.lacking)(`primitives in mode ${modeTitle(tested)}`, () => {
    let device: GpuDevice;
    beforeAll(async () => {
      device = await openWithHelpers(tested.mode);
    });
    afterAll(() => device.destroy());

    test.each(cases)('$title', async (each) => {
      const { builder, result } = sampleGraph(each);
      builder.output('y', result);
      const program = lower(builder.finish());
      const inputs = new Map<string, ArrayLike<number>>(
        Object.entries(named(drawInputs(each.sample, numbersFrom(5)))),
      );
      inputs.set('random_key', randomKey(1, 2));
      const expected = interpret(program, { inputs, stored: new Map() }).outputs.get('y') ?? [];
      const found = (await runKernels(device, program, inputs)).get('y') ?? [];
      expect(found.length).toBe(expected.length);
      const scale = Math.max(1e-2, ...Array.from(expected, Math.abs));
      expected.forEach((value, i) => {
        const off = Math.abs((found[i] ?? NaN) - value);
        expect(off, `element ${i}: ${found[i]} for ${value}`).toBeLessThanOrEqual(
          tested.tolerance * Math.max(Math.abs(value), scale * 0.1),
        );
      });
    });
  });
}
