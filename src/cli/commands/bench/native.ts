// Times the native target kernel by kernel, as bench-wasm.ts does its own: every step of the schedule is a program too, and these run in
// turn on all threads over the memory of a model in training.
import { join } from 'node:path';
import { compileLibrary, findCompiler } from '../../../codegen/c/compiler.ts';
import { printPeak } from '../../../codegen/c/peak.ts';
import { buildNative, idleProgram, profiledProgram } from '../../../codegen/c/target.ts';
import { createModel } from '../../../runtime/create-model.ts';
import type { Executable } from '../../../runtime/executable.ts';
import { createNativeExecutable } from '../../../runtime/native/native-executable.ts';
import type { ProgramName } from '../../../runtime/specification.ts';
import { fastest } from './peak.ts';
import type { Profile, ProfileRequest } from './profile.ts';
import { repeatFor, summarizeTimes } from './time.ts';
import { cacheFolder } from '../../cache.ts';

export interface NativeProfileRequest extends ProfileRequest {
  readonly threads?: number;
}

export const nativeFolder = (): string => join(cacheFolder(), 'native');

export async function profileNative(request: NativeProfileRequest): Promise<Profile> {
  const { compilation, batch, seconds, threads } = request;
  const { specification, programs } = compilation;
  const step = programs.get('step');
  if (!step) throw new Error('the compiler gave no training step');
  const kernels = [{ ...step.kernels, name: 'step' }];
  const { library, layout, schedule } = await buildNative(kernels, nativeFolder(), { profile: true });
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
      peak: await measureNativePeak(used),
      arena: layout.bytes + used * layout.scratch,
    };
  } finally {
    await model.destroy();
  }
}

/** GFLOP/s, a multiply-add counted as two. */
export async function measureNativePeak(threads: number): Promise<number> {
  const compiler = await findCompiler();
  const { source, operations } = printPeak(compiler.machine);
  const library = await compileLibrary(source, compiler, nativeFolder());
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
