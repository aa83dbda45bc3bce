// The modes of gpu.js that can run here. WebGPU needs a Vulkan driver; where there is no GPU, the software driver of Debian's
// chromium does. Its loader lies where the dynamic linker does not look, so that it is loaded by its path beforehand.
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { GpuModeError, requireMode, type GpuMode } from '../../../src/runtime/gpu/modes.ts';
import { lacks } from '../../support/facilities.ts';

const chromium = '/usr/lib/chromium';
const manifest = `${chromium}/vk_swiftshader_icd.json`;
const loader = `${chromium}/libvulkan.so.1`;
/** RTLD_NODELETE: the library stays although it is no Node addon. */
const keep = 0x1000;

function useSoftwareVulkan(): void {
  if (process.env['VK_ICD_FILENAMES'] !== undefined || !existsSync(manifest)) return;
  process.env['VK_ICD_FILENAMES'] = manifest;
  process.env['XDG_RUNTIME_DIR'] ??= '/tmp';
  try {
    if (existsSync(loader)) process.dlopen({ exports: {} }, loader, constants.dlopen.RTLD_NOW | keep);
  } catch {
    // Node finds no addon in it, which is no surprise.
  }
}

export interface TestedMode {
  readonly mode: GpuMode;
  /** How far a result may be off, relative to its size. */
  readonly tolerance: number;
  /** Why the mode cannot run here. */
  readonly missing: string | undefined;
  /** Whether its tests are skipped. */
  readonly lacking: boolean;
}

async function tested(mode: GpuMode, tolerance: number): Promise<TestedMode> {
  const missing = await requireMode(mode).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof GpuModeError) return error.message;
      throw error;
    },
  );
  return { mode, tolerance, missing, lacking: lacks(mode, missing) };
}

useSoftwareVulkan();

export const testedModes: readonly TestedMode[] = [
  await tested('cpu', 1e-4),
  await tested('webasm', 1e-4),
  await tested('webgpu', 1e-3),
  await tested('headlessgl', 1e-3),
];

/** A name for a test of the mode that says why it is skipped, where it is. */
export function modeTitle({ mode, missing: reason }: Pick<TestedMode, 'mode' | 'missing'>): string {
  return reason === undefined ? mode : `${mode} (skipped: ${reason})`;
}
