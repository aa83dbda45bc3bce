// Interprets a kernel program in plain float64, element by element: the oracle against which every target is tested. It is written to be
// obviously correct and shares no code with any printer.
import { uniform } from '../../runtime/random.ts';
import type {
  Axis,
  Buffer,
  BufferId,
  Condition,
  Expression,
  Index,
  KernelProgram,
  MapKernel,
  ScatterKernel,
} from './type.ts';
import { scalar } from '../scalar.ts';
import { elementCount } from '../../runtime/tensor.ts';

export interface Bindings {
  /** By the input's name; `step` and `steps` are inputs of one element, `random_key` of six. */
  readonly inputs: ReadonlyMap<string, ArrayLike<number>>;
  /** By path. */
  readonly stored: ReadonlyMap<string, ArrayLike<number>>;
  /** With float32, each element is rounded when it is stored in a buffer; arithmetic stays float64. */
  readonly precision?: 'float64' | 'float32';
}

export interface Interpretation {
  readonly outputs: Map<string, Float64Array>;
  /** Every stored tensor of the program, by path, after its updates. */
  readonly stored: Map<string, Float64Array>;
}

export function interpret(program: KernelProgram, bindings: Bindings): Interpretation {
  const round = bindings.precision === 'float32' ? Math.fround : (value: number) => value;
  const memory = new Map<BufferId, Float64Array>();
  const roots = program.buffers.filter((buffer) => buffer.alias === undefined);
  for (const buffer of roots)
    memory.set(buffer.id, Float64Array.from(initialContent(buffer, bindings), round));
  for (const { id, alias } of program.buffers)
    if (alias !== undefined) memory.set(id, contentOf(memory, alias));

  const machine = { memory, shapes: new Map(program.buffers.map((buffer) => [buffer.id, buffer.shape])) };
  for (const kernel of program.kernels) {
    if (kernel.kind === 'map') runMap(kernel, machine, round);
    else runScatter(kernel, machine, round);
  }

  const stored = new Map<string, Float64Array>();
  const updates = new Map(program.updates.map((update) => [update.stored, update.value]));
  for (const { id, role } of roots) {
    if (role.kind === 'stored') stored.set(role.path, contentOf(memory, updates.get(id) ?? id).slice());
  }
  const outputs = program.outputs.map(
    ({ name, buffer }) => [name, contentOf(memory, buffer).slice()] as const,
  );
  return { outputs: new Map(outputs), stored };
}

interface Machine {
  readonly memory: ReadonlyMap<BufferId, Float64Array>;
  readonly shapes: ReadonlyMap<BufferId, readonly number[]>;
}

function initialContent({ name, shape, role }: Buffer, { inputs, stored }: Bindings): ArrayLike<number> {
  const length = elementCount(shape);
  if (role.kind === 'temporary') return new Float64Array(length);
  const called = role.kind === 'input' ? `the input ${name}` : `the stored tensor ${role.path}`;
  const given = role.kind === 'input' ? inputs.get(name) : stored.get(role.path);
  if (!given) throw new Error(`${called} is not given`);
  if (given.length !== length) throw new Error(`${called} has ${given.length} elements, not ${length}`);
  return given;
}

function contentOf(memory: ReadonlyMap<BufferId, Float64Array>, buffer: BufferId): Float64Array {
  const content = memory.get(buffer);
  if (!content) throw new Error(`no buffer ${buffer}`);
  return content;
}

function runMap(kernel: MapKernel, machine: Machine, round: (value: number) => number): void {
  const output = contentOf(machine.memory, kernel.output);
  const compiler = new Compiler(machine);
  const loop = compiler.loop(kernel.axes);
  const element = compiler.expression(kernel.body);
  for (let i = 0; i < output.length; i++) {
    output[i] = round(element());
    loop.advance();
  }
}

function runScatter(
  kernel: ScatterKernel,
  { memory, shapes }: Machine,
  round: (value: number) => number,
): void {
  const output = contentOf(memory, kernel.output).fill(0);
  const ids = contentOf(memory, kernel.ids);
  const values = contentOf(memory, kernel.values);
  const rows = shapes.get(kernel.output)?.[0] ?? 0;
  const width = output.length / rows;
  ids.forEach((id, i) => {
    const start = clamp(id, rows) * width;
    for (let j = 0; j < width; j++)
      output[start + j] = (output[start + j] ?? 0) + (values[i * width + j] ?? 0);
  });
  output.forEach((value, i) => (output[i] = round(value)));
}

function clamp(value: number, size: number): number {
  return value > 0 ? Math.min(Math.trunc(value), size - 1) : 0;
}

type Thunk = () => number;

/** Compiles the expressions of one kernel to closures over the current values of its axes. */
class Compiler {
  private readonly values: number[] = [];
  private readonly slots = new Map<string, number>();

  constructor(private readonly machine: Machine) {}

  /** Starts the axes at zero; `advance` steps through them in row-major order and wraps around to zero. */
  loop(axes: readonly Axis[]): { readonly count: number; advance(): void } {
    const { values } = this;
    const first = values.length;
    const sizes = axes.map((axis) => axis.size);
    for (const axis of axes) this.slots.set(axis.id, values.push(0) - 1);
    const advance = () => {
      for (let a = sizes.length - 1; a >= 0; a--) {
        const next = (values[first + a] ?? 0) + 1;
        if (next < (sizes[a] ?? 1)) {
          values[first + a] = next;
          return;
        }
        values[first + a] = 0;
      }
    };
    return { count: elementCount(sizes), advance };
  }

  expression(expression: Expression): Thunk {
    switch (expression.kind) {
      case 'number': {
        const { value } = expression;
        return () => value;
      }
      case 'position':
        return this.index(expression.index);
      case 'read':
        return this.read(expression.buffer, expression.index);
      case 'apply': {
        const [a = nothing, b = nothing, c = nothing] = expression.operands.map((operand) =>
          this.expression(operand),
        );
        const evaluate = scalar[expression.function];
        if (expression.operands.length === 1) return () => evaluate(a(), 0, 0);
        if (expression.operands.length === 2) return () => evaluate(a(), b(), 0);
        return () => evaluate(a(), b(), c());
      }
      case 'guard': {
        const conditions = expression.conditions.map((condition) => this.condition(condition));
        const value = this.expression(expression.value);
        const { otherwise } = expression;
        return () => {
          for (const holds of conditions) if (!holds()) return otherwise;
          return value();
        };
      }
      case 'reduce':
        return this.reduce(expression);
      case 'random': {
        const key = contentOf(this.machine.memory, expression.key);
        const index = this.index(expression.index);
        const { site } = expression;
        return () => uniform(key, site, index());
      }
      default:
        return expression satisfies never;
    }
  }

  private reduce({ reducer, axes, value }: Expression & { kind: 'reduce' }): Thunk {
    const { count, advance } = this.loop(axes);
    const element = this.expression(value);
    switch (reducer) {
      case 'sum':
        return () => {
          let sum = 0;
          for (let i = 0; i < count; i++) {
            sum += element();
            advance();
          }
          return sum;
        };
      case 'max':
        return () => {
          let best = -Infinity;
          for (let i = 0; i < count; i++) {
            best = Math.max(best, element());
            advance();
          }
          return best;
        };
      case 'argmax':
        return () => {
          let best = -Infinity;
          let at = 0;
          for (let i = 0; i < count; i++) {
            const candidate = element();
            if (candidate > best) {
              best = candidate;
              at = i;
            }
            advance();
          }
          return at;
        };
      default:
        return reducer satisfies never;
    }
  }

  private condition(condition: Condition): () => boolean {
    const index = this.index(condition.index);
    if (condition.kind === 'divisible') return () => index() % condition.modulus === 0;
    return () => {
      const value = index();
      return value >= 0 && value < condition.limit;
    };
  }

  private read(buffer: BufferId, index: readonly (Index | Expression)[]): Thunk {
    const content = contentOf(this.machine.memory, buffer);
    const shape = this.machine.shapes.get(buffer) ?? [];
    const strides = shape.map((_, i) => elementCount(shape.slice(i + 1)));
    // Where all indices are affine, so is the offset in memory. The verifier proves that each stays within its axis.
    const affine = index.filter((each): each is Index => !('kind' in each) && each.divisor === 1);
    const place =
      affine.length === index.length
        ? this.index(combine(affine, strides))
        : sum(index.map((each, i) => this.positionAlong(each, shape[i] ?? 1, strides[i] ?? 1)));
    return () => {
      const at = place();
      const value = content[at];
      if (value === undefined) throw new Error(`buffer ${buffer} is read at ${at} of ${content.length}`);
      return value;
    };
  }

  private positionAlong(index: Index | Expression, size: number, stride: number): Thunk {
    if (!('kind' in index)) {
      const position = this.index(index);
      return () => stride * position();
    }
    const value = this.expression(index);
    return () => stride * clamp(value(), size);
  }

  private index({ constant, terms, divisor }: Index): Thunk {
    const { values } = this;
    const slots = terms.map(({ axis }) => {
      const slot = this.slots.get(axis);
      if (slot === undefined) throw new Error(`no axis ${axis} encloses the index`);
      return slot;
    });
    const factors = terms.map((term) => term.factor);
    return () => {
      let sum = constant;
      for (let i = 0; i < slots.length; i++) sum += (values[slots[i] ?? 0] ?? 0) * (factors[i] ?? 0);
      return divisor === 1 ? sum : Math.floor(sum / divisor);
    };
  }
}

const nothing: Thunk = () => 0;

function combine(indices: readonly Index[], strides: readonly number[]): Index {
  const scaled = indices.map((index, i) => ({ index, stride: strides[i] ?? 1 }));
  return {
    constant: scaled.reduce((total, { index, stride }) => total + stride * index.constant, 0),
    terms: scaled.flatMap(({ index, stride }) =>
      index.terms.map(({ axis, factor }) => ({ axis, factor: stride * factor })),
    ),
    divisor: 1,
  };
}

function sum(thunks: readonly Thunk[]): Thunk {
  return () => {
    let total = 0;
    for (const thunk of thunks) total += thunk();
    return total;
  };
}
