// Profiles the wasm target by kernel: the training step is compiled once more, with every step of its schedule as a program, and these
// run in turn on all threads over the memory of a model in training. The overhead of calling a program is measured too and subtracted.
import { buildWasm, idleProgram, profiledProgram } from './print.ts';
import { createModel } from '../../runtime/create-model.ts';
import type { Executable } from '../../runtime/executable.ts';
import type { ProgramName } from '../../runtime/specification.ts';
import { relaxedSimd, sharedMemory } from '../../runtime/wasm/features.ts';
import { createWasmExecutable } from '../../runtime/wasm/wasm-executable.ts';
import { measureWasmPeak } from './peak.ts';
import type { Profile } from '../profile/profile.ts';
import { repeatFor, summarizeTimes } from '../profile/time.ts';
import type { ProfileRequest } from '../target.ts';

export async function profileWasm(request: ProfileRequest): Promise<Profile> {
  const { compiled, batch, seconds, cache } = request;
  const { threads, deterministic = false } = request.device;
  const { specification, programs } = compiled;
  const step = programs.get('step');
  if (!step) throw new Error('the compiler gave no training step');
  const fused = !deterministic && (await relaxedSimd());
  const form = { fused, threads: sharedMemory(), cache };
  const built = await buildWasm([{ ...step.kernels, name: 'step' }], { ...form, profile: true });
  const [scheduled] = built.schedule.programs;
  if (!scheduled) throw new Error('the schedule has no program');

  let executable: Executable | undefined;
  const link = async () => {
    const bytes = Uint8Array.from(built.bytes);
    executable = await createWasmExecutable(bytes, built.layout, threads === undefined ? {} : { threads });
    return executable;
  };
  const model = await createModel(specification, link, {});
  try {
    // warm-up, until the engine's optimizing compiler has run
    await repeatFor(0.3 * seconds, () => model.step(batch));
    const run = (name: string) => executable?.run(name as ProgramName, {});
    const time = async (name: string) => {
      const from = performance.now();
      await run(name);
      return performance.now() - from;
    };
    const own = scheduled.steps.map((): number[] => []);
    const idle: number[] = [];
    await repeatFor(seconds, async () => {
      idle.push(await time(idleProgram));
      for (const [i, times] of own.entries()) times.push(await time(profiledProgram('step', i)));
    });
    const call = summarizeTimes(idle).median;
    const used = Number(/(\d+) thread/.exec(model.mode)?.[1] ?? 1);
    return {
      program: scheduled.program,
      timed: scheduled.steps.map(({ kernels }, i) => ({
        kernels,
        milliseconds: Math.max(0, summarizeTimes(own[i] ?? []).median - call),
      })),
      peak: await measureWasmPeak({ ...form, count: used }),
    };
  } finally {
    await model.destroy();
  }
}
