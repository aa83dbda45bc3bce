// What a model can be compiled to, and which it is when nobody says.
import { CommandFailure, exitCodes } from './failure.ts';

export const targets = ['wasm', 'native', 'gpujs'] as const;
export type Target = (typeof targets)[number];

/** What can be asked for; auto: native where it can be had and is faster. */
export const targetChoices = [...targets, 'auto'] as const;
export type TargetChoice = (typeof targetChoices)[number];

/** gpu.js's. */
export const modes = ['webgpu', 'headlessgl', 'webasm', 'cpu'] as const;
export type Mode = (typeof modes)[number];

export const defaultTarget: Target = 'wasm';

/** WebAssembly unless another is asked for, by its name or by one of gpu.js's modes. */
export function chooseTarget<T extends string>(
  target: T | undefined,
  mode: Mode | undefined,
  deterministic = false,
): T | Target {
  if (mode !== undefined && target !== undefined && target !== 'gpujs')
    throw new CommandFailure(
      exitCodes.badInput,
      `--mode ${mode} is a mode of gpu.js, and --target is ${target}`,
      'Leave one of the two out.',
    );
  if (deterministic && target === 'native')
    throw new CommandFailure(
      exitCodes.badInput,
      '--deterministic is for results that two machines agree on, and those of --target native go by the processor',
      'Leave one of the two out. On one machine native results are the same from run to run, on any number of threads.',
    );
  return target ?? (mode === undefined ? defaultTarget : 'gpujs');
}
