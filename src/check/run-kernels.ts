// Runs a kernel program in float32 on this machine's JavaScript engine, one kernel at a time, and shows the values of each as soon
// as it has run; what no later kernel reads is let go. A fused program or an unfused one, it is all the same: what is wanted of it
// is every intermediate value of a training step of a real model, which the interpreter would take hours for.
// Invariant: no name of a program gets into the code that is made here, only numbers.
import type {
  Axis,
  Buffer,
  BufferId,
  Condition,
  Expression,
  Index,
  Kernel,
  KernelProgram,
  MapKernel,
  ScatterKernel,
} from '../ir/stages/type.ts';
import type { Bindings } from '../ir/stages/interpret.ts';
import { scalar } from '../ir/scalar.ts';
import { buffersRead } from '../ir/stages/walk.ts';
import { uniform } from '../runtime/random.ts';

/** The values of buffers that are needed at present, by the id of the buffer that owns the storage. */
export type Values = ReadonlyMap<BufferId, Float32Array>;

/** What owns the storage of a buffer: the buffer that it is an alias of, or itself. */
export function rootOf(program: KernelProgram): (id: BufferId) => BufferId {
  const aliases = new Map(program.buffers.map(({ id, alias }) => [id, alias ?? id]));
  return (id) => aliases.get(id) ?? id;
}

/**
 * @param ran sees each kernel when its output is there, and its inputs still are; gives true where nothing more is wanted
 * @throws Error when a leaf is not given
 */
export async function runKernels(
  program: KernelProgram,
  bindings: Omit<Bindings, 'precision'>,
  ran: (kernel: Kernel, output: Float32Array, values: Values) => boolean,
  pause: () => Promise<void>,
): Promise<void> {
  const root = rootOf(program);
  const buffers = new Map(program.buffers.map((buffer) => [buffer.id, buffer]));
  const lastRead = new Map<BufferId, number>();
  program.kernels.forEach((kernel, i) => {
    for (const id of buffersRead(kernel)) lastRead.set(root(id), i);
  });
  const values = new Map<BufferId, Float32Array>();
  for (const buffer of program.buffers) {
    if (buffer.alias === undefined && buffer.role.kind !== 'temporary')
      values.set(buffer.id, given(buffer, bindings));
  }
  for (const [i, kernel] of program.kernels.entries()) {
    const output = new Float32Array(elements(buffers.get(kernel.output)?.shape ?? []));
    values.set(root(kernel.output), output);
    if (kernel.kind === 'map') runMap(kernel, output, buffers, values, root);
    else runScatter(kernel, output, buffers, values, root);
    if (ran(kernel, output, values)) return;
    for (const id of [...buffersRead(kernel).map(root), root(kernel.output)])
      if ((lastRead.get(id) ?? -1) <= i) values.delete(id);
    await pause();
  }
}

function given({ name, shape, role }: Buffer, { inputs, stored }: Omit<Bindings, 'precision'>): Float32Array {
  const values = role.kind === 'stored' ? stored.get(role.path) : inputs.get(name);
  if (values?.length !== elements(shape)) throw new Error(`${name} is not given`);
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function runScatter(
  kernel: ScatterKernel,
  output: Float32Array,
  buffers: ReadonlyMap<BufferId, Buffer>,
  values: Values,
  root: (id: BufferId) => BufferId,
): void {
  const ids = values.get(root(kernel.ids)) ?? new Float32Array();
  const rows = values.get(root(kernel.values)) ?? new Float32Array();
  const count = buffers.get(kernel.output)?.shape[0] ?? 1;
  const width = output.length / count;
  const sums = new Float64Array(output.length);
  ids.forEach((id, i) => {
    const start = (id > 0 ? Math.min(Math.trunc(id), count - 1) : 0) * width;
    for (let j = 0; j < width; j++) sums[start + j] = (sums[start + j] ?? 0) + (rows[i * width + j] ?? 0);
  });
  output.set(sums);
}

/** What the code of a kernel is given: its output, the buffers it reads, and functions. */
type Routine = (
  output: Float32Array,
  inputs: readonly (Float32Array | undefined)[],
  functions: typeof scalar,
  random: typeof uniform,
) => void;

function runMap(
  kernel: MapKernel,
  output: Float32Array,
  buffers: ReadonlyMap<BufferId, Buffer>,
  values: Values,
  root: (id: BufferId) => BufferId,
): void {
  const read = [...new Set(buffersRead(kernel))];
  const shapes = new Map(read.map((id) => [id, buffers.get(id)?.shape ?? []]));
  const writer = new Writer(read, shapes);
  const loops = writer.loops(kernel.axes);
  const value = writer.expression(kernel.body);
  const code = [
    '"use strict"; let p = 0;',
    ...read.map((_, i) => `const b${i} = inputs[${i}];`),
    loops,
    ...writer.lines,
    `output[p++] = ${value};`,
    '}'.repeat(kernel.axes.length),
  ].join('\n');
  // of numbers alone: nothing that a user wrote is in it
  const routine = new Function('output', 'inputs', 'functions', 'random', code) as Routine;
  routine(
    output,
    read.map((id) => values.get(root(id))),
    scalar,
    uniform,
  );
}

/** Prints the expression of one kernel as statements and a JavaScript expression. */
class Writer {
  lines: string[] = [];
  readonly #axes = new Map<string, string>();
  #names = 0;

  constructor(
    private readonly buffers: readonly BufferId[],
    private readonly shapes: ReadonlyMap<BufferId, readonly number[]>,
  ) {}

  loops(axes: readonly Axis[]): string {
    return axes
      .map(({ id, size }) => {
        const name = this.#fresh('i');
        this.#axes.set(id, name);
        return `for (let ${name} = 0; ${name} < ${size}; ${name}++) {`;
      })
      .join('\n');
  }

  expression(expression: Expression): string {
    switch (expression.kind) {
      case 'number':
        return this.#number(expression.value);
      case 'position':
        return this.#index(expression.index);
      case 'read':
        return this.#read(expression);
      case 'apply': {
        const operands = expression.operands.map((operand) => this.expression(operand));
        const [a = '0', b = '0'] = operands;
        const operator = operators.get(expression.function);
        return operator === undefined
          ? `functions.${expression.function}(${[...operands, '0', '0'].slice(0, 3).join(', ')})`
          : `(${a} ${operator} ${b})`;
      }
      case 'guard': {
        const name = this.#fresh('g');
        this.lines.push(`let ${name} = ${this.#number(expression.otherwise)};`);
        this.lines.push(
          `if (${expression.conditions.map((each) => this.#condition(each)).join(' && ') || 'true'}) {`,
        );
        this.lines.push(`${name} = ${this.expression(expression.value)}; }`);
        return name;
      }
      case 'reduce':
        return this.#reduce(expression);
      case 'random':
        return `random(b${this.buffers.indexOf(expression.key)}, ${expression.site}, ${this.#index(expression.index)})`;
      default:
        return expression satisfies never;
    }
  }

  #reduce({ reducer, axes, value }: Extract<Expression, { kind: 'reduce' }>): string {
    const [name, count, best] = [this.#fresh('r'), this.#fresh('n'), this.#fresh('m')];
    this.lines.push(
      `let ${name} = ${reducer === 'max' ? '-Infinity' : '0'}, ${count} = 0, ${best} = -Infinity;`,
    );
    this.lines.push(this.loops(axes));
    const element = this.expression(value);
    const end = '}'.repeat(axes.length);
    if (reducer === 'sum') this.lines.push(`${name} += ${element}; ${end}`);
    else if (reducer === 'max') this.lines.push(`${name} = Math.max(${name}, ${element}); ${end}`);
    else {
      const candidate = this.#fresh('c');
      this.lines.push(`const ${candidate} = ${element};`);
      this.lines.push(
        `if (${candidate} > ${best}) { ${best} = ${candidate}; ${name} = ${count}; } ${count}++; ${end}`,
      );
    }
    return name;
  }

  #read({ buffer, index }: Extract<Expression, { kind: 'read' }>): string {
    const shape = this.shapes.get(buffer) ?? [];
    let place = '0';
    index.forEach((each, i) => {
      const size = shape[i] ?? 1;
      const along = 'kind' in each ? this.#clamped(this.expression(each), size) : this.#index(each);
      place = place === '0' ? along : `(${place}) * ${size} + ${along}`;
    });
    return `b${this.buffers.indexOf(buffer)}[${place}]`;
  }

  #clamped(value: string, size: number): string {
    const name = this.#fresh('d');
    this.lines.push(`const ${name} = ${value};`);
    return `(${name} > 0 ? Math.min(Math.trunc(${name}), ${size - 1}) : 0)`;
  }

  #condition(condition: Condition): string {
    const index = this.#index(condition.index);
    if (condition.kind === 'divisible') return `(${index}) % ${condition.modulus} === 0`;
    return `(${index}) >= 0 && (${index}) < ${condition.limit}`;
  }

  #index({ constant, terms, divisor }: Index): string {
    const sum = [
      ...terms.map(({ axis, factor }) => `${this.#number(factor)} * ${this.#axes.get(axis) ?? 'missing'}`),
      ...(constant !== 0 || terms.length === 0 ? [this.#number(constant)] : []),
    ].join(' + ');
    return divisor === 1 ? `(${sum})` : `Math.floor((${sum}) / ${divisor})`;
  }

  #number(value: number): string {
    return `(${Object.is(value, -0) ? '-0' : String(value)})`;
  }

  #fresh(letter: string): string {
    return `${letter}${this.#names++}`;
  }
}

const operators = new Map([
  ['add', '+'],
  ['subtract', '-'],
  ['multiply', '*'],
  ['divide', '/'],
  ['power', '**'],
]);
