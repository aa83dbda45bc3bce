// gpu.js, with types for the part of it that the runtime uses. This file imports the package; in dist/ its place is taken by a file that holds
// the package itself (scripts/build.mjs), so that whoever installs nnc gets gpu.js without the native packages that gpu.js asks for.
import library from 'gpu.js';

/** A result on a GPU. On a CPU a result is the Float32Array itself. */
export interface DeviceHandle {
  /** A promise of the array, or the array. */
  toArray(): unknown;
  delete(): void;
}

export type Handle = Float32Array | DeviceHandle;

/** A kernel for one output size; on webgpu it returns a promise. */
export interface LinkedKernel {
  (...reads: readonly Handle[]): Handle | Promise<Handle>;
  /** The actual kernel: gpu.js replaces it when it falls back to the CPU. */
  readonly kernel: {
    readonly constructor: { readonly mode?: string };
    readonly fallbackReason?: string | null;
  };
}

export interface KernelSettings {
  readonly output: readonly [number];
  readonly pipeline: boolean;
  readonly immutable: boolean;
  readonly precision: 'single';
  readonly loopMaxIterations: number;
}

export interface HelperSettings {
  readonly argumentTypes: { readonly [parameter: string]: 'Number' };
  readonly returnType: 'Number';
}

export interface Gpu {
  createKernel(source: unknown, settings: KernelSettings): LinkedKernel;
  addFunction(source: unknown, settings: HelperSettings): unknown;
  destroy(): Promise<void>;
}

export interface GpuLibrary {
  readonly GPU: {
    new (settings: { readonly mode: string }): Gpu;
    readonly isHeadlessGLSupported: boolean;
    readonly isWebAssemblySupported: boolean;
  };
}

// CommonJS: its exports are one object.
export const { GPU } = library as unknown as GpuLibrary;
