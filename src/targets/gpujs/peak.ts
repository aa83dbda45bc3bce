// The peak rate of a gpu.js mode here: multiply-adds per second in a loop of independent ones. The reference for kernel timings.
import type { GpuMode } from '../../runtime/gpu/modes.ts';
import { openGpu } from '../../runtime/gpu/open-gpu.ts';
import { fastest } from '../profile/time.ts';

const gpuRounds = 512;
const gpuSource = `function peak(values) {
  const x = values[0];
  const y = values[1];
  let a = this.thread.x;
  let b = values[0];
  let c = values[1];
  let d = values[2];
  for (let k = 0; k < ${gpuRounds}; k++) {
    a = a * x + y;
    b = b * x + y;
    c = c * x + y;
    d = d * x + y;
  }
  return a + b + c + d;
}`;

/** GFLOP/s, a multiply-add counted as two; by default in the mode that a model would use. */
export async function measureGpuPeak(mode: GpuMode | undefined): Promise<number> {
  const device = await openGpu(mode);
  try {
    const values = await device.upload('peak', Float32Array.of(0.5, 0.25, 1));
    const run = async (elements: number) => {
      const from = performance.now();
      await device.read(await device.runSource(gpuSource, elements, [values]));
      return performance.now() - from;
    };
    // until the overhead of a kernel launch is negligible
    let elements = 1024;
    await run(elements);
    while (elements < 2 ** 20 && (await run(elements)) < 20) elements *= 2;
    return await fastest(2 * 4 * gpuRounds * elements, () => run(elements));
  } finally {
    await device.destroy();
  }
}
