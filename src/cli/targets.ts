// What a model can be compiled to, and which it is when nobody says.
import { CommandFailure, exitCodes } from './failure.ts';

export const targets = ['wasm', 'gpujs'] as const;
export type Target = (typeof targets)[number];

/** gpu.js's. */
export const modes = ['webgpu', 'headlessgl', 'webasm', 'cpu'] as const;
export type Mode = (typeof modes)[number];

export const defaultTarget: Target = 'wasm';

/** WebAssembly unless gpu.js is asked for, by its name or by one of its modes. */
export function chooseTarget<T extends string>(target: T | undefined, mode: Mode | undefined): T | Target {
  if (mode !== undefined && target !== undefined && target !== 'gpujs')
    throw new CommandFailure(
      exitCodes.badInput,
      `--mode ${mode} is a mode of gpu.js, and --target is ${target}`,
      'Leave one of the two out.',
    );
  return target ?? (mode === undefined ? defaultTarget : 'gpujs');
}
