// A loaded library and its layout enter, an executable leaves. A program that takes long runs on another thread, so that this one
// stays free for progress and signals; one that is over sooner than a turn of the event loop matters runs here, since going to
// another thread and back takes as long as a small model's whole step.
import { ModelInputError, ModelStateError } from '../errors.ts';
import type { Arrays, Executable } from '../executable.ts';
import type { ProgramName } from '../specification.ts';
import { availableThreads } from '../wasm/host.ts';
import type { NativeLayout, NativeRegion } from './layout.ts';
import { openLibrary, type NativeDevice } from './library.ts';

export interface NativeOptions {
  /** By default as many as the machine runs at a time, at most 8. */
  readonly threads?: number;
}

/** Milliseconds that a program may keep this thread. */
const shortest = 2;

type View = readonly [name: string, view: Float32Array];

interface ProgramViews {
  readonly index: number;
  readonly inputs: readonly View[];
  readonly outputs: readonly View[];
  /** What the last run took, in milliseconds. */
  took: number;
}

/** @throws ModelStateError when the library cannot be loaded, or computes wrongly */
export async function createNativeExecutable(
  path: string,
  layout: NativeLayout,
  options: NativeOptions = {},
): Promise<Executable> {
  const threads = options.threads ?? Math.min(8, await availableThreads());
  if (!Number.isInteger(threads) || threads < 1 || threads > 64)
    throw new ModelInputError('threads', 'a whole number from 1 to 64', String(threads));
  const device = await openLibrary(path, threads, layout.bytes);
  const executable = new NativeExecutable(device, layout, threads);
  try {
    await executable.check();
    return executable;
  } catch (error) {
    await executable.destroy();
    throw error;
  }
}

class NativeExecutable implements Executable {
  readonly mode: string;
  private readonly programs: ReadonlyMap<string, ProgramViews>;
  private readonly stored: ReadonlyMap<string, Float32Array>;
  private destroyed = false;

  constructor(
    private readonly device: NativeDevice,
    private readonly layout: NativeLayout,
    private readonly threads: number,
  ) {
    this.mode = `native ${layout.machine}, ${threads} thread${threads === 1 ? '' : 's'}`;
    const views = (regions: readonly NativeRegion[]) =>
      regions.map(({ name, offset, elements }): View => [
        name,
        new Float32Array(device.memory, offset, elements),
      ]);
    this.programs = new Map(
      layout.programs.map(({ name, inputs, outputs }, index) => [
        name,
        { index, inputs: views(inputs), outputs: views(outputs), took: Infinity },
      ]),
    );
    this.stored = new Map(views(layout.stored));
  }

  /** The start-up test: every thread multiplies and adds what it alone knows, and all of it must come out right. */
  async check(): Promise<void> {
    await this.device.runApart(this.layout.programs.length);
    for (let thread = 0; thread < this.threads; thread++) {
      const [found, expected] = [this.device.checked(thread), 7 * (thread + 1) + 1];
      if (found !== expected)
        throw new ModelStateError(
          `native: thread ${thread} computed ${found} in the start-up test, not ${expected}`,
        );
    }
  }

  async run(name: ProgramName, inputs: Arrays): Promise<Arrays> {
    this.alive();
    const program = this.programs.get(name);
    if (!program) throw new ModelStateError(`the library was compiled without its program \`${name}\``);
    for (const [input, view] of program.inputs) {
      const values = inputs[input];
      if (values?.length !== view.length)
        throw new ModelInputError(input, `${view.length} numbers`, values ? `${values.length}` : 'none');
      view.set(values);
    }
    const from = performance.now();
    if (program.took < shortest) this.device.runNow(program.index);
    else await this.device.runApart(program.index);
    program.took = performance.now() - from;
    const outputs: { [name: string]: Float32Array } = Object.create(null) as { [name: string]: Float32Array };
    for (const [output, view] of program.outputs) outputs[output] = view.slice();
    return outputs;
  }

  async read(path: string): Promise<Float32Array> {
    return Promise.resolve(this.find(path)).then((view) => view.slice());
  }

  async write(path: string, values: Float32Array): Promise<void> {
    const view = this.find(path);
    if (values.length !== view.length)
      throw new RangeError(`${path} has ${view.length} elements, not ${values.length}`);
    view.set(values);
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    if (!this.destroyed) {
      this.destroyed = true;
      this.device.destroy();
    }
    return Promise.resolve();
  }

  private find(path: string): Float32Array {
    this.alive();
    const view = this.stored.get(path);
    if (!view) throw new ModelInputError(path, 'the path of a stored tensor', 'one the model does not have');
    return view;
  }

  private alive(): void {
    if (this.destroyed) throw new ModelStateError('the executable was destroyed');
  }
}
