import { measureWasmPeak } from './peak.ts';
import { buildWasm } from './print.ts';
import { relaxedSimd, sharedMemory } from '../../runtime/wasm/features.ts';
import { createWasmExecutable } from '../../runtime/wasm/wasm-executable.ts';
import type { Profile } from '../profile/profile.ts';
import { profileSteps } from '../profile/steps.ts';
import type { ProfileRequest } from '../target.ts';

export function profileWasm(request: ProfileRequest): Promise<Profile> {
  const { threads, deterministic = false } = request.device;
  return profileSteps(request, async (programs) => {
    const fused = !deterministic && (await relaxedSimd());
    const form = { fused, threads: sharedMemory(), cache: request.cache };
    const { schedule, bytes, layout } = await buildWasm(programs, { ...form, profile: true });
    return {
      schedule,
      link: () =>
        createWasmExecutable(Uint8Array.from(bytes), layout, threads === undefined ? {} : { threads }),
      peak: (count) => measureWasmPeak({ ...form, count }),
      // until the engine's optimizing compiler has run
      warmUp: 0.3,
    };
  });
}
