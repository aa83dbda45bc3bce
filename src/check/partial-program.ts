// Recomputes one result of a kernel program for changed leaves, running only the kernels that depend on them.
import { elementCount } from '../runtime/tensor.ts';
import { interpret, type Bindings } from '../ir/stages/interpret.ts';
import type { Buffer, BufferId, Expression, Kernel, KernelProgram } from '../ir/stages/type.ts';
import { buffersRead, operandsOf } from '../ir/stages/walk.ts';

export interface PartialRun {
  /** The output's first element for these values of the leaves, by name. */
  readonly evaluate: (values: ReadonlyMap<string, ArrayLike<number>>) => number;
  /** Elements computed by an evaluation, reduced ones included. */
  readonly work: number;
}

/** An input by its name, or a stored tensor by its path. */
export interface Leaf {
  readonly kind: 'input' | 'stored';
  readonly name: string;
}

/** Runs a program once, and then repeatedly for changed leaves. `output` names the result. */
export class RepeatedProgram {
  private readonly values = new Map<BufferId, ArrayLike<number>>();

  constructor(
    private readonly program: KernelProgram,
    private readonly bindings: Bindings,
    private readonly output: string,
  ) {
    const computed = program.buffers.filter(
      ({ role, alias }) => role.kind === 'temporary' && alias === undefined,
    );
    const outputs = computed.map(({ id }) => ({ name: String(id), buffer: id }));
    const results = interpret({ ...program, outputs, updates: [] }, bindings).outputs;
    for (const { id } of computed) this.values.set(id, results.get(String(id)) ?? []);
  }

  /** The output's first element for unchanged leaves. */
  get value(): number {
    return this.values.get(this.rootOf(this.outputBuffer))?.[0] ?? NaN;
  }

  varying(leaves: readonly Leaf[]): PartialRun {
    const { program, bindings } = this;
    const own = (kind: Leaf['kind']) =>
      new Set(leaves.filter((leaf) => leaf.kind === kind).map(({ name }) => name));
    const [inputs, stored] = [own('input'), own('stored')];
    const varied = program.buffers.filter(({ name, role, alias }) =>
      alias !== undefined
        ? false
        : role.kind === 'input'
          ? inputs.has(name)
          : role.kind === 'stored' && stored.has(role.path),
    );
    const changed = new Set(varied.map(({ id }) => id));
    const kernels = program.kernels.filter((kernel) => {
      if (!buffersRead(kernel).some((id) => changed.has(this.rootOf(id)))) return false;
      changed.add(this.rootOf(kernel.output));
      return true;
    });
    // the output may not depend on them
    if (!changed.has(this.rootOf(this.outputBuffer))) return { evaluate: () => this.value, work: 0 };
    const reduced = this.reduce(kernels, changed);
    return {
      evaluate: (values) => {
        const only = (names: ReadonlySet<string>) => [...values].filter(([name]) => names.has(name));
        const given = {
          inputs: new Map([...bindings.inputs, ...only(inputs)]),
          stored: new Map([...bindings.stored, ...this.frozen(), ...only(stored)]),
        };
        return interpret(reduced, given).outputs.get(this.output)?.[0] ?? NaN;
      },
      work: kernels.reduce((sum, kernel) => sum + workOf(kernel), 0),
    };
  }

  private get outputBuffer(): BufferId {
    const found = this.program.outputs.find(({ name }) => name === this.output);
    if (!found) throw new Error(`the program gives no ${this.output}`);
    return found.buffer;
  }

  private rootOf(id: BufferId): BufferId {
    return this.program.buffers.find((buffer) => buffer.id === id)?.alias ?? id;
  }

  private frozen(): (readonly [string, ArrayLike<number>])[] {
    return [...this.values].map(([id, values]) => [frozenPath(id), values]);
  }

  /** The program of only these kernels; results of the others become stored tensors. */
  private reduce(kernels: readonly Kernel[], changed: ReadonlySet<BufferId>): KernelProgram {
    const { program } = this;
    const used = new Set([
      ...kernels.flatMap((kernel) => [...buffersRead(kernel), kernel.output]),
      this.outputBuffer,
    ]);
    for (const id of [...used]) used.add(this.rootOf(id));
    const buffers = program.buffers
      .filter(({ id }) => used.has(id))
      .map((buffer): Buffer => {
        if (buffer.role.kind !== 'temporary' || buffer.alias !== undefined || changed.has(buffer.id))
          return buffer;
        const path = frozenPath(buffer.id);
        const initial = { kind: 'fill', value: 0 } as const;
        return { ...buffer, role: { kind: 'stored', storage: 'constant', path, initial } };
      });
    const outputs = [{ name: this.output, buffer: this.outputBuffer }];
    return { ...program, buffers, kernels, outputs, updates: [] };
  }
}

/** With a space, which no path of a stored tensor has. */
const frozenPath = (id: BufferId): string => `value ${id}`;

function workOf(kernel: Kernel): number {
  if (kernel.kind === 'scatter_add') return 0;
  return elementCount(kernel.axes.map(({ size }) => size)) * workOfExpression(kernel.body);
}

function workOfExpression(expression: Expression): number {
  const inner = operandsOf(expression).reduce((sum, operand) => sum + workOfExpression(operand), 1);
  if (expression.kind !== 'reduce') return inner;
  return inner * elementCount(expression.axes.map(({ size }) => size));
}
