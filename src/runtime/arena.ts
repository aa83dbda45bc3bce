// Shared by the compiled targets: an executable of a device and its layout. One memory, the arena, holds the inputs, outputs and stored
// tensors at addresses planned by the compiler. A run allocates nothing but the copies of the outputs.
import { ModelInputError, ModelStateError } from './errors.ts';
import type { Arrays, Executable } from './executable.ts';
import type { ProgramName } from './specification.ts';

export interface ArenaRegion {
  readonly name: string;
  /** In bytes, from the start of the arena. */
  readonly offset: number;
  /** The number of float32 elements. */
  readonly elements: number;
}

export interface ArenaProgram {
  readonly name: string;
  readonly inputs: readonly ArenaRegion[];
  readonly outputs: readonly ArenaRegion[];
}

/** The compiler's description of compiled code for the runtime, stored beside its bytes. */
export interface ArenaLayout {
  /** The programs in the order of their numbers; the start-up test follows. */
  readonly programs: readonly ArenaProgram[];
  readonly stored: readonly ArenaRegion[];
  /** The end of the last named tensor, in bytes. */
  readonly bytes: number;
  /** Bytes of a thread's scratch buffer. */
  readonly scratch: number;
}

/** Loaded code with its arena. */
export interface ArenaDevice {
  /** The engine and the number of threads: see `Executable.mode`. */
  readonly mode: string;
  /** Bytes that were allocated. */
  readonly allocated: number;
  /** The memory that contains the arena; never replaced. */
  readonly memory: ArrayBufferLike;
  /** Runs a program by its number; returns no promise if it ran on this thread. */
  run(program: number): Promise<void> | void;
  /** Why programs can no longer run; undefined as long as they can. */
  failure(): Error | undefined;
  destroy(): Promise<void> | void;
}

type View = readonly [name: string, view: Float32Array];

interface ProgramViews {
  readonly index: number;
  readonly inputs: readonly View[];
  readonly outputs: readonly View[];
}

export class ArenaExecutable implements Executable {
  readonly mode: string;
  readonly allocated: number;
  private readonly programs: ReadonlyMap<string, ProgramViews>;
  private readonly stored: ReadonlyMap<string, Float32Array>;
  private destroyed = false;

  constructor(
    private readonly device: ArenaDevice,
    layout: ArenaLayout,
  ) {
    this.mode = device.mode;
    this.allocated = device.allocated;
    const views = (regions: readonly ArenaRegion[]) =>
      regions.map(({ name, offset, elements }): View => [
        name,
        new Float32Array(device.memory, offset, elements),
      ]);
    this.programs = new Map(
      layout.programs.map(({ name, inputs, outputs }, index) => [
        name,
        { index, inputs: views(inputs), outputs: views(outputs) },
      ]),
    );
    this.stored = new Map(views(layout.stored));
  }

  async run(name: ProgramName, inputs: Arrays): Promise<Arrays> {
    this.alive();
    const program = this.programs.get(name);
    if (!program) throw new ModelStateError(`the model was compiled without its program \`${name}\``);
    for (const [input, view] of program.inputs) {
      const values = inputs[input];
      if (values?.length !== view.length)
        throw new ModelInputError(input, `${view.length} numbers`, values ? `${values.length}` : 'none');
      view.set(values);
    }
    await this.device.run(program.index);
    const outputs: { [name: string]: Float32Array } = Object.create(null) as { [name: string]: Float32Array };
    for (const [output, view] of program.outputs) outputs[output] = copyOf(view);
    return outputs;
  }

  read(path: string): Promise<Float32Array> {
    return new Promise((resolve) => resolve(copyOf(this.find(path))));
  }

  write(path: string, values: Float32Array): Promise<void> {
    return new Promise((resolve) => {
      const view = this.find(path);
      if (values.length !== view.length)
        throw new RangeError(`${path} has ${view.length} elements, not ${values.length}`);
      view.set(values);
      resolve();
    });
  }

  async destroy(): Promise<void> {
    if (this.destroyed) return;
    this.destroyed = true;
    await this.device.destroy();
  }

  private find(path: string): Float32Array {
    this.alive();
    const view = this.stored.get(path);
    if (!view) throw new ModelInputError(path, 'the path of a stored tensor', 'one the model does not have');
    return view;
  }

  private alive(): void {
    if (this.destroyed) throw new ModelStateError('the executable was destroyed');
    const failure = this.device.failure();
    if (failure) throw failure;
  }
}

/** Copied into a new buffer, whatever kind the original's is (it may be shared). */
function copyOf(view: Float32Array): Float32Array {
  const copy = new Float32Array(view.length);
  copy.set(view);
  return copy;
}
