// Prints a kernel as a plain JavaScript function that fills its output: loops over the output's elements in order, around the same
// statements as for gpu.js.
import { Buffers } from '../../ir/linear/build.ts';
import type { BufferId, Kernel, KernelProgram, ScalarFunction } from '../../ir/stages/type.ts';
import { ExpressionPrinter } from '../gpujs/expression.ts';
import { helperNames, helperText, withCallees, type HelperName } from '../gpujs/helpers.ts';
import type { Names } from '../names.ts';
import { loopHead, StatementPrinter, type StatementDialect } from '../structure/print.ts';
import type { KernelBody, Statement } from '../structure/statements.ts';
import { readsInOrder, structureKernel } from '../structure/structure-kernel.ts';

export interface JavaScriptKernel {
  /** The parameters after the output, in order: buffers with storage of their own. */
  readonly reads: readonly BufferId[];
  /** The function's parameters: the output, then what it reads. */
  readonly parameters: readonly string[];
  /** Its statements, indented, each line ended. */
  readonly body: string;
  readonly helpers: readonly HelperName[];
}

/** Locals of the loops around an element. */
const output = 'out';
const place = 'at';

/** @param names gives a buffer's identifier by its name */
export function printJavaScriptKernel(
  kernel: Kernel,
  program: KernelProgram,
  names: Names,
): JavaScriptKernel {
  const buffers = new Buffers(program);
  const bufferName = (id: BufferId) => names.of(buffers.get(id).name);
  const locals = names.inner([...helperNames, output, place, 'element', 'once']);
  const body = structureKernel(kernel, buffers, { names: locals, bufferName });
  const clamp = (value: string, last: number) => `Math.floor(Math.min(Math.max(${value}, 0), ${last}))`;
  return printLoops(kernel, body, { buffers, clamp, expressions: new ExpressionPrinter(bufferName) });
}

/** The name of the object of all scalar functions in an exact kernel. */
export const exactFunctions = 'functions';

/**
 * For running in this process, not for reading: bitwise equal to the interpreter. Scalar functions are called as they are defined, in
 * float64, and 0 · NaN is NaN. The text contains no name of the program, only numbers.
 */
export function printExactKernel(kernel: Kernel, buffers: Buffers): JavaScriptKernel {
  let count = 0;
  const fresh = () => `v${count++}`;
  const bufferName = (id: BufferId) => `b${id}`;
  const body = structureKernel(kernel, buffers, { names: { fresh }, bufferName, strict: true });
  const called = (name: ScalarFunction) => (operators.has(name) ? undefined : `${exactFunctions}.${name}`);
  const clamp = (value: string, last: number) => `Math.trunc(Math.min(Math.max(${value}, 0), ${last})) || 0`;
  const expressions = new ExpressionPrinter(bufferName, called);
  return printLoops(kernel, body, { buffers, clamp, expressions });
}

/** Scalar functions that JavaScript's operators compute exactly as defined. */
const operators: ReadonlySet<ScalarFunction> = new Set([
  'add',
  'subtract',
  'multiply',
  'divide',
  'negate',
  'less',
  'less_equal',
  'equal',
  'select',
]);

interface Printing {
  readonly buffers: Buffers;
  readonly clamp: StatementDialect['clamp'];
  readonly expressions: ExpressionPrinter;
}

function printLoops(
  kernel: Kernel,
  { axes, statements }: KernelBody,
  { buffers, clamp, expressions }: Printing,
): JavaScriptKernel {
  // A result that is followed by further statements must end the element.
  const early = statements.slice(0, -1).some(endsElement);
  const loops = axes.length > 0 ? axes : early ? [{ variable: 'once', size: 1, used: false }] : [];
  const result = `${output}[${place}++] =`;
  const printer = new StatementPrinter(expressions, {
    ...{ result, clamp },
    ...(early && { leave: 'continue element;' }),
  });
  const inner = printer.statements(statements, '  '.repeat(loops.length + 1));
  const heads = loops.map(({ variable, size }, i) => {
    const label = early && i === loops.length - 1 ? 'element: ' : '';
    return `${'  '.repeat(i + 1)}${label}${loopHead(variable, size)} {`;
  });
  const ends = loops.map((_, i) => `${'  '.repeat(loops.length - i)}}`);
  const lines = [`  let ${place} = 0;`, ...heads, ...inner, ...ends];
  const reads = readsInOrder(kernel, buffers, expressions.buffers);
  return {
    reads,
    parameters: [output, ...reads.map((id) => expressions.bufferName(id))],
    body: lines.map((line) => `${line}\n`).join(''),
    helpers: withCallees(expressions.helpers),
  };
}

/** A helper as JavaScript: its text without the types, all of which are `number`. */
export function javaScriptHelper(name: HelperName): string {
  return helperText(name).replaceAll(': number', '');
}

/** Whether the statement may end an element. */
function endsElement(statement: Statement): boolean {
  if (statement.kind === 'result') return true;
  return (statement.kind === 'for' || statement.kind === 'if') && statement.body.some(endsElement);
}
