// The modes of gpu.js that a model can run in, their requirements, and how to install them. gpu.js itself silently falls back from one to
// another: here a requested mode is the mode that runs, or an error says what is missing.
import { ModelError } from '../model-error.ts';
import { loadGpuLibrary, mayHaveWebgpu, prepareWebgpu, type WebgpuProblem } from './gpu-library.ts';

/** From the fastest to the slowest. */
export const gpuModes = ['webgpu', 'headlessgl', 'webasm', 'cpu'] as const;
export type GpuMode = (typeof gpuModes)[number];

/** A mode that is not available here, or that computed a wrong result. */
export class GpuModeError extends ModelError {
  override name = 'GpuModeError';

  /** @param remedy what to do, for people */
  constructor(
    readonly mode: string,
    readonly problem: string,
    readonly remedy: string,
  ) {
    super(`gpu.js cannot run in mode ${mode}: ${problem}. ${remedy}`);
  }
}

/** An available mode; `software` for a GPU mode that a CPU emulates. */
export interface AvailableMode {
  readonly mode: GpuMode;
  readonly software: boolean;
}

/** @throws GpuModeError where the mode is not available */
export async function requireMode(wanted: string): Promise<AvailableMode> {
  const mode = gpuModes.find((known) => known === wanted);
  if (!mode) throw new GpuModeError(wanted, 'there is no such mode', `There are ${gpuModes.join(', ')}.`);
  const GPU = await loadGpuLibrary();
  switch (mode) {
    case 'cpu':
      return { mode, software: true };
    case 'webasm':
      if (GPU.isWebAssemblySupported) return { mode, software: true };
      throw new GpuModeError(mode, 'there is no WebAssembly', 'Use the mode cpu.');
    case 'headlessgl':
      if (GPU.isHeadlessGLSupported) return { mode, software: false };
      throw new GpuModeError(
        mode,
        'the package gl is not installed, or found no graphics driver',
        'Install it with `npm install gl` and its build scripts allowed; on Linux it needs X11 or `xvfb-run`.',
      );
    case 'webgpu': {
      const adapter = await prepareWebgpu();
      if (typeof adapter === 'string') throw new GpuModeError(mode, ...webgpuProblem(adapter));
      return { mode, software: adapter.software };
    }
    default:
      return mode satisfies never;
  }
}

/** What keeps a mode from running here, or undefined. Where WebGPU cannot work it is not asked, for it would print its own errors. */
export async function lackOf(mode: GpuMode): Promise<GpuModeError | undefined> {
  if (mode === 'webgpu' && !mayHaveWebgpu()) return new GpuModeError(mode, ...webgpuProblem('no adapter'));
  try {
    await requireMode(mode);
    return undefined;
  } catch (error) {
    if (error instanceof GpuModeError) return error;
    throw error;
  }
}

/** The fastest available mode: a GPU's if there is one, else one of the CPU's own, in preference to an emulated GPU. */
export async function chooseMode(): Promise<AvailableMode> {
  for (const mode of gpuModes) {
    const available = (await lackOf(mode)) ? undefined : await requireMode(mode);
    if (available && (!available.software || mode === 'webasm' || mode === 'cpu')) return available;
  }
  return { mode: 'cpu', software: true };
}

function webgpuProblem(problem: WebgpuProblem): readonly [problem: string, remedy: string] {
  switch (problem) {
    case 'no package':
      return ['the package webgpu is not installed', 'Install it with `npm install webgpu`.'];
    case 'no driver':
      return [
        'there is no WebGPU here (a page needs a browser with navigator.gpu; Node, a webgpu package that loads)',
        'In Node, `node -e "require(\'webgpu\')"` shows why it does not load.',
      ];
    case 'no adapter':
      return [
        'WebGPU found no adapter',
        'It needs a GPU with a Vulkan, Metal or Direct3D 12 driver. Without a GPU, Vulkan on the CPU does: with ' +
          "Debian's package chromium, set VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json, " +
          'LD_LIBRARY_PATH=/usr/lib/chromium and XDG_RUNTIME_DIR=/tmp.',
      ];
    default:
      return problem satisfies never;
  }
}
