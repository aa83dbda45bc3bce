// Profiles the gpu.js target by kernel: the generated module runs training steps while the device reports each kernel. On a GPU, a
// kernel's end is known only by reading its result back, so that times include a transfer.
import { planModule } from '../../codegen/gpujs/plan-module.ts';
import type { GpuModelOptions } from '../../runtime/gpu/executable.ts';
import type { GpuMode } from '../../runtime/gpu/modes.ts';
import { measureGpuPeak } from './peak.ts';
import type { Profile } from '../profile/profile.ts';
import { repeatFor, summarizeTimes } from '../profile/time.ts';
import type { ProfileRequest } from '../target.ts';

export async function profileGpujs(request: ProfileRequest): Promise<Profile> {
  const { compiled, batch, seconds, module } = request;
  // `create` has accepted it, so that it is a valid mode
  const mode = request.device.mode as GpuMode | undefined;
  const step = compiled.programs.get('step');
  if (!step) throw new Error('the compiler gave no training step');
  const [planned] = planModule({ ...compiled, programs: new Map([['step', step]]) }, []).programs;
  const kernels = planned?.phases.flatMap(({ calls }) => calls.map((call) => call.source)) ?? [];

  let seen: number[] = [];
  const options: GpuModelOptions = {
    observe: (_, milliseconds) => void seen.push(milliseconds),
    ...(mode !== undefined && { mode }),
  };
  const model = await module.create(options);
  try {
    await model.step(batch);
    await model.step(batch);
    const own = kernels.map((): number[] => []);
    await repeatFor(seconds, async () => {
      seen = [];
      await model.step(batch);
      if (seen.length !== kernels.length)
        throw new Error(`a step ran ${seen.length} kernels, and its plan has ${kernels.length}`);
      own.forEach((times, i) => times.push(seen[i] ?? NaN));
    });
    const timed = kernels.map((kernel, i) => ({
      kernels: [kernel],
      milliseconds: summarizeTimes(own[i] ?? []).median,
    }));
    return { program: step.kernels, timed, peak: await measureGpuPeak(mode) };
  } finally {
    await model.destroy();
  }
}
