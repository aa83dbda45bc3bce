// Kernels as formulas, for people and snapshots: `y[i: 64, j: 128] = max(Σ_k:784 image[i, k] · W[j, k] + b[j], 0)`.
// `[0 ≤ i − 1 < 28] · x` is x where the condition holds, else 0; `2 | i` says that 2 divides i.
import { positionAt } from '../../diagnostics/source.ts';
import type { Origin } from '../graph/type.ts';
import { rangeOf, sizesOf, type Sizes } from './index-range.ts';
import type {
  Axis,
  Buffer,
  BufferId,
  Condition,
  Expression,
  Index,
  Kernel,
  KernelProgram,
  Pattern,
  ScalarFunction,
} from './type.ts';

export function printKernels({ name, buffers, kernels, outputs, updates }: KernelProgram): string {
  const called = (id: BufferId) => buffers[id]?.name ?? `buffer ${id}`;
  const lines = [
    ...buffers.flatMap((buffer) => printGiven(buffer, buffers)),
    ...kernels.flatMap((kernel) => [
      `${printKernel(kernel, buffers)}${kernel.kind === 'map' ? printPattern(kernel.pattern) : ''}`,
      ...aliasesOf(kernel.output, buffers),
    ]),
    ...outputs.map((output) => `output ${output.name} = ${called(output.buffer)}`),
    ...updates.map((update) => `update ${called(update.stored)} ← ${called(update.value)}`),
  ];
  return [name, ...lines.map((line) => `  ${line}`), ''].join('\n');
}

export function printKernel(kernel: Kernel, buffers: readonly Buffer[]): string {
  const called = (id: BufferId) => buffers[id]?.name ?? `buffer ${id}`;
  const from = printOrigin(kernel.origin);
  if (kernel.kind === 'scatter_add') {
    return `${called(kernel.output)}[${called(kernel.ids)}[…], …] += ${called(kernel.values)}[…, …]${from}`;
  }
  const axes = kernel.axes.map(printAxis).join(', ');
  const body = new FormulaPrinter(called).print(kernel.body, sizesOf(kernel.axes), 0);
  return `${called(kernel.output)}${axes && `[${axes}]`} = ${body}${from}`;
}

function printPattern(pattern: Pattern | undefined): string {
  if (!pattern) return '';
  const names = (axes: readonly Axis[]) => axes.map(({ id }) => id).join(' ') || '–';
  const { batch, m, n, k } = pattern.contraction;
  const sorted = `batch ${names(batch)}, m ${names(m)}, n ${names(n)}, k ${names(k)}`;
  if (pattern.kind === 'contraction') return `   // contraction: ${sorted}`;
  const forms = pattern.forms.map(({ kind, image, windows }) => {
    const pairs = windows.map(
      ({ window, place, backwards }) => `${place} ${backwards ? '−' : '+'} ${window}`,
    );
    return `${kind} of the ${image} operand at ${pairs.join(', ')}`;
  });
  return `   // convolution: ${sorted}; ${forms.join('; ')}`;
}

function printGiven({ id, name, shape, role, alias }: Buffer, buffers: readonly Buffer[]): readonly string[] {
  if (role.kind === 'temporary' || alias !== undefined) return [];
  const what = role.kind === 'stored' ? role.storage : role.input === 'target' ? 'target' : 'input';
  return [`${what} ${name}: [${shape.join(', ')}]`, ...aliasesOf(id, buffers)];
}

function aliasesOf(root: BufferId, buffers: readonly Buffer[]): readonly string[] {
  return buffers.flatMap(({ alias, name, shape }) =>
    alias === root ? [`${name}: [${shape.join(', ')}] = ${buffers[root]?.name} reshaped`] : [],
  );
}

function printOrigin({ span }: Origin): string {
  return span ? `   // ${span.source.path}:${positionAt(span.source.text, span.start).line}` : '';
}

function printAxis({ id, size }: Axis): string {
  return `${id}: ${size}`;
}

const infix: { readonly [F in ScalarFunction]?: readonly [symbol: string, level: number] } = {
  less: ['<', 1],
  less_equal: ['≤', 1],
  equal: ['=', 1],
  add: ['+', 2],
  subtract: ['−', 2],
  multiply: ['·', 3],
  divide: ['/', 3],
  power: ['^', 5],
};
const names: { readonly [F in ScalarFunction]?: string } = { minimum: 'min', maximum: 'max', select: 'if' };
const productLevel = 3;
const prefixLevel = 4;

class FormulaPrinter {
  constructor(private readonly called: (id: BufferId) => string) {}

  /** Parenthesized where the expression binds less tightly than `level`. */
  print(expression: Expression, sizes: Sizes, level: number): string {
    const wrapped = (own: number, text: string) => (own < level ? `(${text})` : text);
    switch (expression.kind) {
      case 'number':
        return wrapped(expression.value < 0 ? prefixLevel : 9, printNumber(expression.value));
      case 'position':
        return wrapped(isPlain(expression.index) ? 9 : 2, printIndex(expression.index));
      case 'random':
        return `random_${expression.site}[${printIndex(expression.index)}]`;
      case 'read': {
        const index = expression.index.map((each) =>
          'kind' in each ? this.print(each, sizes, 0) : printIndex(each),
        );
        return `${this.called(expression.buffer)}${index.length > 0 ? `[${index.join(', ')}]` : ''}`;
      }
      case 'guard': {
        const conditions = expression.conditions
          .map((condition) => printCondition(condition, sizes))
          .join(', ');
        if (expression.otherwise === 0) {
          return wrapped(
            productLevel,
            `[${conditions}] · ${this.print(expression.value, sizes, prefixLevel)}`,
          );
        }
        return `if([${conditions}], ${this.print(expression.value, sizes, 0)}, ${printNumber(expression.otherwise)})`;
      }
      case 'reduce': {
        const inner = new Map([...sizes, ...sizesOf(expression.axes)]);
        const over = expression.axes.map(({ id, size }) => `${id}:${size}`).join(',');
        const symbol = expression.reducer === 'sum' ? 'Σ' : expression.reducer;
        return wrapped(
          productLevel,
          `${symbol}_${over} ${this.print(expression.value, inner, productLevel)}`,
        );
      }
      case 'apply':
        return this.apply(expression.function, expression.operands, sizes, wrapped);
      default:
        return expression satisfies never;
    }
  }

  private apply(
    fn: ScalarFunction,
    operands: readonly Expression[],
    sizes: Sizes,
    wrapped: (own: number, text: string) => string,
  ): string {
    const [a, b] = operands;
    const operator = infix[fn];
    if (operator && a && b) {
      const [symbol, own] = operator;
      // A sum or a guard extends as far right as a product does, so a left operand needs parentheses.
      const left = this.print(a, sizes, own === productLevel && reachesRight(a) ? prefixLevel : own);
      const right = this.print(b, sizes, own + 1);
      return wrapped(own, `${left} ${symbol} ${right}`);
    }
    if (fn === 'negate' && a) return wrapped(prefixLevel, `−${this.print(a, sizes, prefixLevel)}`);
    return `${names[fn] ?? fn}(${operands.map((operand) => this.print(operand, sizes, 0)).join(', ')})`;
  }
}

function reachesRight(expression: Expression): boolean {
  return expression.kind === 'reduce';
}

function printNumber(value: number): string {
  return String(value).replace('Infinity', '∞').replace(/^-/, '−');
}

function isPlain({ constant, terms, divisor }: Index): boolean {
  return (
    divisor !== 1 ||
    (terms.length === 0 && constant >= 0) ||
    (terms.length === 1 && constant === 0 && terms[0]?.factor === 1)
  );
}

function printIndex({ constant, terms, divisor }: Index): string {
  const parts: readonly (readonly [size: number, text: string])[] = [
    ...terms.map(
      ({ axis, factor }) => [factor, Math.abs(factor) === 1 ? axis : `${Math.abs(factor)}·${axis}`] as const,
    ),
    ...(constant !== 0 || terms.length === 0 ? [[constant, `${Math.abs(constant)}`] as const] : []),
  ];
  // A positive term comes first, where there is one.
  const ordered = [...parts.filter(([size]) => size >= 0), ...parts.filter(([size]) => size < 0)];
  const sum = ordered
    .map(([size, text], i) => (i === 0 ? (size < 0 ? `−${text}` : text) : `${size < 0 ? '−' : '+'} ${text}`))
    .join(' ');
  if (divisor === 1) return sum;
  return `⌊${ordered.length > 1 ? `(${sum})` : sum} / ${divisor}⌋`;
}

/** Of the two bounds, only those that do not always hold. */
function printCondition(condition: Condition, sizes: Sizes): string {
  const index = printIndex(condition.index);
  if (condition.kind === 'divisible') return `${condition.modulus} | ${index}`;
  const { low, high } = rangeOf(condition.index, sizes, []);
  if (low >= 0) return `${index} < ${condition.limit}`;
  return high < condition.limit ? `0 ≤ ${index}` : `0 ≤ ${index} < ${condition.limit}`;
}
