// Profiles a compiled target by kernel: the training step is compiled once more, with every step of its schedule as a program, and these
// run in turn on all threads over the memory of a model in training. The overhead of calling a program is measured too and subtracted.
import type { Profile } from './profile.ts';
import { repeatFor, summarizeTimes } from './time.ts';
import { idleProgram, profiledProgram } from '../../codegen/schedule-text.ts';
import type { LoopModule } from '../../ir/loops/type.ts';
import type { KernelProgram } from '../../ir/stages/type.ts';
import { createModel } from '../../runtime/create-model.ts';
import type { Executable } from '../../runtime/executable.ts';
import type { ProgramName } from '../../runtime/specification.ts';
import type { ProfileRequest } from '../target.ts';

/** The training step, built with its profiled programs. */
export interface ProfiledBuild {
  readonly schedule: LoopModule;
  readonly link: () => Promise<Executable>;
  /** GFLOP/s on so many threads. */
  readonly peak: (threads: number) => Promise<number>;
  /** Share of the time asked for that is run first, untimed. */
  readonly warmUp: number;
}

export async function profileSteps(
  { compiled: { specification, programs }, batch, seconds }: ProfileRequest,
  build: (programs: readonly KernelProgram[]) => Promise<ProfiledBuild>,
): Promise<Profile> {
  const step = programs.get('step');
  if (!step) throw new Error('the compiler gave no training step');
  const { schedule, link, peak, warmUp } = await build([{ ...step.kernels, name: 'step' }]);
  const [scheduled] = schedule.programs;
  if (!scheduled) throw new Error('the schedule has no program');

  let executable: Executable | undefined;
  const model = await createModel(specification, async () => (executable = await link()), {});
  try {
    await repeatFor(warmUp * seconds, () => model.step(batch));
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
    const threads = Number(/(\d+) thread/.exec(model.mode)?.[1] ?? 1);
    return {
      program: scheduled.program,
      timed: scheduled.steps.map(({ kernels }, i) => ({
        kernels,
        milliseconds: Math.max(0, summarizeTimes(own[i] ?? []).median - call),
      })),
      peak: await peak(threads),
    };
  } finally {
    await model.destroy();
  }
}
