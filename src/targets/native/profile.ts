import { measureNativePeak } from './peak.ts';
import { buildNative } from './print.ts';
import { createNativeExecutable } from '../../runtime/native/native-executable.ts';
import type { Profile } from '../profile/profile.ts';
import { profileSteps } from '../profile/steps.ts';
import type { ProfileRequest } from '../target.ts';

export function profileNative(request: ProfileRequest): Promise<Profile> {
  const { threads } = request.device;
  return profileSteps(request, async (programs) => {
    const { schedule, library, layout } = await buildNative(programs, request.cache, { profile: true });
    return {
      schedule,
      link: () => createNativeExecutable(library, layout, threads === undefined ? {} : { threads }),
      peak: (count) => measureNativePeak(count, request.cache),
      warmUp: 0.1,
    };
  });
}
