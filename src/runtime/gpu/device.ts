// A GPU device: arrays on it, and kernels that compute them from one another. A kernel keeps its output buffer and overwrites it at every
// run, so that training allocates nothing after its first steps. An output that is still needed when its kernel runs again (an updated
// parameter) is pinned; the kernel then alternates between two buffers.
import { elementCount } from '../tensor.ts';
import { loadGpuLibrary } from './gpu-library.ts';
import type { Gpu, Handle, KernelSettings, LinkedKernel } from './gpu-package.ts';
import { GpuModeError, type AvailableMode, type GpuMode } from './modes.ts';

/** The `this` of a kernel: the index of the element to compute. */
export interface KernelThis {
  readonly thread: { readonly x: number };
}

/** A kernel returns one element of its result; its arguments are flat arrays, row-major. */
export type KernelFunction<Reads extends readonly number[][] = number[][]> = (
  this: KernelThis,
  ...reads: Reads
) => number;

/** A helper function of kernels. */
export type HelperFunction = (...numbers: number[]) => number;

/** A flat float32 array on the device. */
export class DeviceArray {
  /** Pin count of stored tensors: while it is positive, the kernel must not overwrite the array. */
  pins = 0;

  constructor(
    readonly length: number,
    public handle: Handle,
  ) {}
}

/** Runs a kernel for every element of a result of the given shape. */
export type Run = <Reads extends readonly number[][]>(
  kernel: (this: KernelThis, ...reads: Reads) => number,
  shape: readonly number[],
  ...reads: { readonly [I in keyof Reads]: DeviceArray }
) => Promise<DeviceArray>;

interface Instance {
  readonly linked: LinkedKernel;
  output: DeviceArray | undefined;
}

/** float32 counts exactly only up to here, and a kernel's element index is a float32. */
const mostElements = 2 ** 24;

const copySource = 'function copy(values) { return values[this.thread.x]; }';

export class GpuDevice {
  private readonly instances = new Map<unknown, Instance[]>();

  private constructor(
    readonly mode: GpuMode,
    private readonly gpu: Gpu,
  ) {}

  /** @param helpers the helper functions of kernels */
  static async open({ mode }: AvailableMode, helpers: readonly HelperFunction[]): Promise<GpuDevice> {
    const GPU = await loadGpuLibrary();
    const gpu = new GPU({ mode });
    for (const helper of helpers) {
      const argumentTypes = Object.fromEntries(parametersOf(helper).map((name) => [name, 'Number'] as const));
      gpu.addFunction(helper, { argumentTypes, returnType: 'Number' });
    }
    return new GpuDevice(mode, gpu);
  }

  readonly run: Run = (kernel, shape, ...reads) => {
    const handles = (reads as readonly DeviceArray[]).map((array) => array.handle);
    return this.launch(kernel, kernel, elementCount(shape), handles);
  };

  /** As `run`, for a kernel in source text. */
  runSource(source: string, length: number, reads: readonly DeviceArray[]): Promise<DeviceArray> {
    return this.launch(
      source,
      source,
      length,
      reads.map((array) => array.handle),
    );
  }

  /** Uploads values. Each slot has its own buffer: unless it is pinned, the slot's next upload overwrites it. */
  async upload(slot: string, values: Float32Array): Promise<DeviceArray> {
    // On a CPU the array itself is used; it is copied, since its owner may change it.
    if (this.mode === 'cpu' || this.mode === 'webasm') return new DeviceArray(values.length, values.slice());
    return this.launch(slot, copySource, values.length, [values]);
  }

  /** A copy of the array's values. */
  async read({ handle }: DeviceArray): Promise<Float32Array> {
    const values = handle instanceof Float32Array ? handle : await this.explain(async () => handle.toArray());
    return Float32Array.from(values as ArrayLike<number>);
  }

  async destroy(): Promise<void> {
    for (const { output } of [...this.instances.values()].flat()) release(output?.handle);
    this.instances.clear();
    await this.gpu.destroy();
  }

  private async launch(
    key: unknown,
    source: unknown,
    length: number,
    handles: readonly Handle[],
  ): Promise<DeviceArray> {
    const instance = this.instance(key, source, length);
    const handle = await this.explain(async () => instance.linked(...handles));
    const { output } = instance;
    if (!output) {
      this.check(instance.linked);
      return (instance.output = new DeviceArray(length, handle));
    }
    // webasm returns a new array each time. On a GPU it is the same memory, and a second handle would only count references.
    if (handle instanceof Float32Array) output.handle = handle;
    else if (handle !== output.handle) release(handle);
    return output;
  }

  /** The kernel, or its second instance, whichever has an unpinned output. */
  private instance(key: unknown, source: unknown, length: number): Instance {
    let twins = this.instances.get(key);
    if (!twins) this.instances.set(key, (twins = []));
    const free = twins.find(({ output }) => !output || (output.pins === 0 && output.length === length));
    if (free) return free;
    const made: Instance = { linked: this.link(source, length), output: undefined };
    twins.push(made);
    return made;
  }

  private link(source: unknown, length: number): LinkedKernel {
    if (length > mostElements) {
      const problem = `a result has ${length} elements, and kernels count theirs in float32, up to 2^24`;
      throw new GpuModeError(this.mode, problem, 'Make the batch smaller.');
    }
    const settings: KernelSettings = {
      output: [length],
      pipeline: true,
      immutable: false,
      precision: 'single',
      // The loops of kernels have literal bounds and need no limit.
      loopMaxIterations: 2 ** 30,
    };
    return this.gpu.createKernel(source, settings);
  }

  /** Rephrases errors that are not the kernel's fault. */
  private async explain<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (/device (was|is) lost/i.test(message)) {
        throw new GpuModeError(
          this.mode,
          'the device was lost',
          'Start again, from a checkpoint if there is one.',
        );
      }
      const [, wanted, allowed] = /needs (\d+) bytes but this device allows (\d+)/.exec(message) ?? [];
      if (wanted !== undefined) {
        const problem = `an array has ${wanted} bytes, and this device allows ${allowed}`;
        throw new GpuModeError(this.mode, problem, 'Make the batch smaller.');
      }
      throw error;
    }
  }

  /** gpu.js falls back to the CPU with only a warning. */
  private check({ kernel }: LinkedKernel): void {
    const actual = kernel.constructor.mode;
    const wanted = this.mode === 'headlessgl' ? 'gpu' : this.mode;
    if (actual === wanted && !kernel.fallbackReason) return;
    const reason = kernel.fallbackReason ? ` (${kernel.fallbackReason})` : '';
    const problem = `a kernel fell back to ${actual}${reason}`;
    throw new GpuModeError(this.mode, problem, 'Choose another mode.');
  }
}

function release(handle: Handle | undefined): void {
  if (handle && !(handle instanceof Float32Array)) handle.delete();
}

function parametersOf(helper: HelperFunction): readonly string[] {
  const [, list = ''] = /\(([^)]*)\)/.exec(helper.toString()) ?? [];
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
