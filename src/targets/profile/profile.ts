// The result of every target's profile: the steps of a training step, in order, each with its time.
import type { Kernel, KernelProgram } from '../../ir/stages/type.ts';

/** Kernels that run as one, fused. */
export interface TimedKernels {
  readonly kernels: readonly Kernel[];
  /** Milliseconds, the median over the rounds. */
  readonly milliseconds: number;
}

export interface Profile {
  readonly program: KernelProgram;
  readonly timed: readonly TimedKernels[];
  /** GFLOP/s of a loop of independent multiply-adds on the same threads of the same engine. */
  readonly peak: number;
}
