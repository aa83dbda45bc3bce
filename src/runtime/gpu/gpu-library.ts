// Loads gpu.js, and navigator.gpu, which it needs but does not provide in Node.
import type { GpuLibrary } from './gpu-package.ts';

export async function loadGpuLibrary(): Promise<GpuLibrary['GPU']> {
  return (await import('./gpu-package.ts')).GPU;
}

interface WebgpuPackage {
  create(options: readonly string[]): unknown;
  readonly globals: object;
}

export type WebgpuProblem = 'no package' | 'no driver' | 'no adapter';

interface Adapter {
  readonly info?: { readonly isFallbackAdapter?: boolean; readonly description?: string };
}

export interface WebgpuAdapter {
  /** True if the adapter is a software renderer (SwiftShader). */
  readonly software: boolean;
  /** The driver's name, for people. */
  readonly description: string;
}

/** Defines navigator.gpu if it is missing, and requests an adapter; returns what is missing if that fails. */
export async function prepareWebgpu(): Promise<WebgpuAdapter | WebgpuProblem> {
  const scope = globalThis as { navigator?: object };
  scope.navigator ??= {};
  const navigator = scope.navigator as { gpu?: { requestAdapter(): Promise<Adapter | null> } };
  if (!navigator.gpu) {
    const library = await loadWebgpuPackage();
    if (typeof library === 'string') return library;
    Object.assign(globalThis, library.globals);
    Object.defineProperty(navigator, 'gpu', { value: library.create([]), configurable: true });
  }
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  if (!adapter) return 'no adapter';
  const { isFallbackAdapter = false, description = '' } = adapter.info ?? {};
  return { software: isFallbackAdapter, description };
}

/**
 * False if WebGPU cannot work and requesting it would only make Dawn print errors on stderr: in Node on Linux without a registered Vulkan
 * driver.
 */
export function mayHaveWebgpu(): boolean {
  if (typeof process === 'undefined' || process.platform !== 'linux') return true;
  const { env } = process;
  if (env['VK_ICD_FILENAMES'] !== undefined || env['VK_DRIVER_FILES'] !== undefined) return true;
  const files = process.getBuiltinModule('node:fs');
  const roots = ['/etc', '/usr/share', '/usr/local/share', ...(env['XDG_DATA_DIRS'] ?? '').split(':')];
  if (env['HOME'] !== undefined) roots.push(`${env['HOME']}/.local/share`);
  return roots.some((root) => root !== '' && files.existsSync(`${root}/vulkan/icd.d`));
}

async function loadWebgpuPackage(): Promise<WebgpuPackage | WebgpuProblem> {
  if (typeof process === 'undefined') return 'no driver';
  // In a variable, so that bundlers for a page do not include this native package.
  const name = 'webgpu';
  try {
    return (await import(/* @vite-ignore */ name)) as WebgpuPackage;
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    return missing ? 'no package' : 'no driver';
  }
}
