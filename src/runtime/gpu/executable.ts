// A generated module's programs on a device, as the Executable of the runtime's Model. Stored tensors stay on the device between runs;
// only the batch is uploaded, and the program's outputs are downloaded. One run at a time, which the Model ensures.
import type { Arrays, Executable } from '../executable.ts';
import type { ModelOptions } from '../model.ts';
import type { ModelSpecification, ProgramName } from '../specification.ts';
import { elementCount, namedRecord } from '../tensor.ts';
import type { DeviceArray, GpuDevice, HelperFunction, Run } from './device.ts';
import type { GpuMode } from './modes.ts';
import { openGpu } from './open-gpu.ts';

/** Arrays on the device, by name. */
export type DeviceArrays<Names extends string = string> = { readonly [name in Names]: DeviceArray };

/** A program's results: outputs, and new values for stored tensors, by path. */
export interface ProgramResult<Outputs extends object = object> {
  readonly outputs: Outputs;
  readonly updates: object;
}

/** A program calls kernels in order. `Stored` are the persistent tensors, by path. */
export type GpuProgram<Inputs, Stored> = (run: Run, inputs: Inputs, stored: Stored) => Promise<ProgramResult>;

/** The programs of a generated module. */
export interface GpuPrograms {
  readonly helpers: readonly HelperFunction[];
  readonly programs: { readonly [name in ProgramName]?: GpuProgram<never, never> };
}

export interface GpuModelOptions extends ModelOptions {
  /** The mode to run kernels in; by default the fastest available. */
  readonly mode?: GpuMode;
  /** Called after every kernel with its time. On a GPU its result is read back for that, which takes time too. */
  readonly observe?: (kernel: string, milliseconds: number) => void;
}

/** @throws GpuModeError where the mode is not available */
export async function linkGpu(
  specification: ModelSpecification,
  { helpers, programs }: GpuPrograms,
  { mode, observe }: GpuModelOptions,
): Promise<Executable> {
  const device = await openGpu(mode, helpers);
  return new GpuExecutable(specification, programs, device, observe ? timed(device, observe) : device.run);
}

function timed(device: GpuDevice, observe: (kernel: string, milliseconds: number) => void): Run {
  const onProcessor = device.mode === 'cpu' || device.mode === 'webasm';
  return async (kernel, shape, ...reads) => {
    const from = performance.now();
    const result = await device.run(kernel, shape, ...reads);
    if (!onProcessor) await device.read(result);
    observe(kernel.name, performance.now() - from);
    return result;
  };
}

class GpuExecutable implements Executable {
  private readonly stored = new Map<string, DeviceArray>();
  private readonly lengths: ReadonlyMap<string, number>;

  constructor(
    specification: ModelSpecification,
    private readonly programs: GpuPrograms['programs'],
    private readonly device: GpuDevice,
    private readonly launch: Run,
  ) {
    this.lengths = new Map(specification.stored.map(({ path, shape }) => [path, elementCount(shape)]));
  }

  get mode(): string {
    return `gpu.js ${this.device.mode}`;
  }

  async run(name: ProgramName, inputs: Arrays): Promise<Arrays> {
    const program = this.programs[name] as GpuProgram<DeviceArrays, DeviceArrays> | undefined;
    if (!program) throw new Error(`the module has no program ${name}`);
    const given: (readonly [string, DeviceArray])[] = [];
    // Copied before the first upload is awaited: afterwards the caller may change them.
    const copies = Object.entries(inputs).map(([input, values]) => [input, values.slice()] as const);
    for (const [input, values] of copies)
      given.push([input, await this.device.upload(`input ${input}`, values)]);
    const result = await program(this.launch, namedRecord(given), namedRecord(this.stored));
    const outputs = await Promise.all(
      Object.entries(result.outputs as DeviceArrays).map(
        async ([output, array]) => [output, await this.device.read(array)] as const,
      ),
    );
    // Stored only after everything is computed and read: a failed run leaves the stored tensors unchanged.
    for (const [path, array] of Object.entries(result.updates as DeviceArrays)) this.store(path, array);
    return namedRecord(outputs);
  }

  async read(path: string): Promise<Float32Array> {
    const array = this.stored.get(path);
    if (!array) throw new RangeError(`no stored tensor has the path ${path}`);
    return this.device.read(array);
  }

  async write(path: string, values: Float32Array): Promise<void> {
    const length = this.lengths.get(path);
    if (values.length !== length) {
      throw new RangeError(`${path} has ${length ?? 'no'} elements, not ${values.length}`);
    }
    this.store(path, await this.device.upload(`stored ${path}`, values.slice()));
  }

  destroy(): Promise<void> {
    this.stored.clear();
    return this.device.destroy();
  }

  private store(path: string, array: DeviceArray): void {
    const before = this.stored.get(path);
    array.pins++;
    if (before) before.pins--;
    this.stored.set(path, array);
  }
}
