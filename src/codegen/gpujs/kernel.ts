// A kernel enters, a function that gpu.js runs for each element of the output leaves: TypeScript over flat arrays with literal
// sizes. `this.thread.x` is the element's position.
import type { Buffer, BufferId, Kernel, KernelProgram, MapKernel } from '../../ir/kernel.ts';
import { expandPowers } from '../expand-powers.ts';
import { flattenKernel } from '../flatten.ts';
import type { Names } from '../names.ts';
import type { KernelBody, Statement } from '../statements.ts';
import { structure } from '../structure.ts';
import { ExpressionPrinter } from './expression.ts';
import { helperNames, withCallees, type HelperName } from './helpers.ts';
import { gatherForm } from './scatter.ts';

export interface PrintedKernel {
  /** The function's parameters and body, without its name: `(this: KernelThis, x: number[]): number {…}`. */
  readonly text: string;
  /** What its parameters stand for, in order: buffers that have storage of their own. */
  readonly reads: readonly BufferId[];
  /** The helpers that it calls, and those that they call. */
  readonly helpers: readonly HelperName[];
}

/** @param names gives a buffer's identifier by its name */
export function printKernel(kernel: Kernel, program: KernelProgram, names: Names): PrintedKernel {
  const buffers = new Map(program.buffers.map((buffer) => [buffer.id, buffer]));
  const map = kernel.kind === 'map' ? kernel : gatherForm(kernel, buffers);
  return printMapKernel(map, buffers, names);
}

function printMapKernel(
  kernel: MapKernel,
  buffers: ReadonlyMap<BufferId, Buffer>,
  names: Names,
): PrintedKernel {
  const identifier = (id: BufferId) => names.of(buffers.get(id)?.name ?? '');
  const flat = flattenKernel(kernel, buffers);
  const expanded = { ...flat, body: expandPowers(flat.body) };
  const locals = names.inner(helperNames);
  const body = structure(expanded, { names: locals, bufferName: identifier });
  const expressions = new ExpressionPrinter(identifier);
  const lines = [...printAxes(body, expressions), ...printStatements(body.statements, expressions)];
  const reads = [...expressions.buffers].sort((a, b) => a - b);
  return {
    text: `(${parameters(reads.map(identifier))}): number {\n${lines.map((line) => `  ${line}\n`).join('')}}`,
    reads,
    helpers: withCallees(expressions.helpers),
  };
}

function parameters(names: readonly string[]): string {
  return ['this: KernelThis', ...names.map((name) => `${name}: number[]`)].join(', ');
}

/** The output's axes, each from the element's position. */
function printAxes({ axes }: KernelBody, expressions: ExpressionPrinter): string[] {
  const position = 'this.thread.x';
  const strengthOfAtom = 9;
  return axes.flatMap(({ variable, size, used }, i) => {
    if (!used) return [];
    const behind = axes.slice(i + 1).reduce((product, axis) => product * axis.size, 1);
    const outer = expressions.quotient(position, strengthOfAtom, behind);
    const value = i === 0 ? outer : expressions.remainder(outer, strengthOfAtom, size);
    return [`const ${variable} = ${value};`];
  });
}

function printStatements(statements: readonly Statement[], expressions: ExpressionPrinter): string[] {
  return statements.flatMap((statement) => printStatement(statement, expressions));
}

function printStatement(statement: Statement, expressions: ExpressionPrinter): string[] {
  switch (statement.kind) {
    case 'whole': {
      const { value } = statement;
      const text =
        value.kind === 'quotient'
          ? expressions.wholeQuotient(value.of, value.divisor)
          : `Math.min(Math.max(${expressions.scalar(value.value)}, 0), ${value.limit - 1})`;
      return [`const ${statement.name} = ${text};`];
    }
    case 'const':
    case 'let':
      return [`${statement.kind} ${statement.name} = ${expressions.scalar(statement.value)};`];
    case 'set':
      return [`${statement.name} = ${expressions.scalar(statement.value)};`];
    case 'accumulate': {
      const { name, reducer } = statement;
      const value = expressions.scalar(statement.value);
      return [reducer === 'sum' ? `${name} += ${value};` : `${name} = Math.max(${name}, ${value});`];
    }
    case 'for': {
      const { variable, size, body } = statement;
      return block(`for (let ${variable} = 0; ${variable} < ${size}; ${variable}++)`, body, expressions);
    }
    case 'if':
      return block(`if (${expressions.conditions(statement.conditions)})`, statement.body, expressions);
    case 'result':
      return [`return ${expressions.scalar(statement.value)};`];
    default:
      return statement satisfies never;
  }
}

function block(head: string, body: readonly Statement[], expressions: ExpressionPrinter): string[] {
  return [`${head} {`, ...printStatements(body, expressions).map((line) => `  ${line}`), '}'];
}
