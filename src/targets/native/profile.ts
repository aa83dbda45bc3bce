// Profiles the native target by kernel, as src/targets/wasm/profile.ts does: every step of the schedule is also a program, and these run
// in turn on all threads over the memory of a model in training.
import { compileLibrary, findCompiler } from './compiler.ts';
import { printPeak } from './peak.ts';
import { buildNative, idleProgram, profiledProgram } from './print.ts';
import { createModel } from '../../runtime/create-model.ts';
import type { Executable } from '../../runtime/executable.ts';
import { createNativeExecutable } from '../../runtime/native/native-executable.ts';
import type { ProgramName } from '../../runtime/specification.ts';
import type { Profile } from '../profile/profile.ts';
import { fastest, repeatFor, summarizeTimes } from '../profile/time.ts';
import type { ProfileRequest } from '../target.ts';

export async function profileNative(request: ProfileRequest): Promise<Profile> {
  const { compiled, batch, seconds, cache } = request;
  const { threads } = request.device;
  const { specification, programs } = compiled;
  const step = programs.get('step');
  if (!step) throw new Error('the compiler gave no training step');
  const kernels = [{ ...step.kernels, name: 'step' }];
  const { library, layout, schedule } = await buildNative(kernels, cache, { profile: true });
  const [scheduled] = schedule.programs;
  if (!scheduled) throw new Error('the schedule has no program');

  let executable: Executable | undefined;
  const link = async () => {
    executable = await createNativeExecutable(library, layout, threads === undefined ? {} : { threads });
    return executable;
  };
  const model = await createModel(specification, link, {});
  try {
    await repeatFor(0.1 * seconds, () => model.step(batch));
    const time = async (name: string) => {
      const from = performance.now();
      await executable?.run(name as ProgramName, {});
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
      timed: scheduled.steps.map(({ kernels: run }, i) => ({
        kernels: run,
        milliseconds: Math.max(0, summarizeTimes(own[i] ?? []).median - call),
      })),
      peak: await measureNativePeak(used, cache),
    };
  } finally {
    await model.destroy();
  }
}

/** GFLOP/s, a multiply-add counted as two. */
export async function measureNativePeak(threads: number, cache: string): Promise<number> {
  const compiler = await findCompiler();
  const { source, operations } = printPeak(compiler.machine);
  const library = await compileLibrary(source, compiler, cache);
  const layout = {
    programs: [{ name: 'peak', inputs: [], outputs: [] }],
    stored: [],
    bytes: 64,
    scratch: 0,
    machine: compiler.machine.name,
  };
  const executable = await createNativeExecutable(library, layout, { threads });
  try {
    return await fastest(operations * threads, () => executable.run('peak' as ProgramName, {}));
  } finally {
    await executable.destroy();
  }
}
