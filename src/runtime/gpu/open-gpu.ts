// Opens a device in the requested mode and runs a self-test on it.
import { GpuDevice, type HelperFunction } from './device.ts';
import { chooseMode, GpuModeError, requireMode } from './modes.ts';

/**
 * @param mode one of webgpu, headlessgl, webasm and cpu; by default the fastest available
 * @param helpers the helper functions of kernels
 * @throws GpuModeError where the mode is not available, or fails the self-test
 */
export async function openGpu(
  mode: string | undefined,
  helpers: readonly HelperFunction[] = [],
): Promise<GpuDevice> {
  const device = await GpuDevice.open(await (mode === undefined ? chooseMode() : requireMode(mode)), helpers);
  try {
    await selfTest(device);
    return device;
  } catch (error) {
    await device.destroy();
    throw error;
  }
}

/** 1,500 terms: above the iteration limit of gpu.js for loops whose bound it does not know. */
const testSource = `function selfTest(values) {
  let sum = 0;
  for (let k = 0; k < 1500; k++) {
    if (k % 2 === 0) {
      sum += Math.exp(values[k % 4] - 1) * (this.thread.x + 1);
    }
  }
  return Math.max(sum, values[3]);
}`;
const testValues = Float32Array.from([0.5, -3, 0.25, 2000]);

async function selfTest(device: GpuDevice): Promise<void> {
  const values = await device.upload('self-test', testValues);
  const found = await device.read(await device.runSource(testSource, 5, [values]));
  for (let x = 0; x < 5; x++) {
    const expected = Math.max(375 * (Math.exp(-0.5) + Math.exp(-0.75)) * (x + 1), 2000);
    if (Math.abs((found[x] ?? NaN) - expected) <= 1e-3 * expected) continue;
    const problem = `its start-up test gave ${found[x]} where ${expected} is right`;
    throw new GpuModeError(device.mode, problem, 'Update the graphics driver, or choose another mode.');
  }
}
