// A kernel enters, a function that gpu.js runs for each element of the output leaves: TypeScript over flat arrays with literal
// sizes. `this.thread.x` is the element's position.
import { Buffers } from '../../ir/linear/build.ts';
import type { BufferId, Kernel, KernelProgram, MapKernel } from '../../ir/stages/type.ts';
import { buffersRead } from '../../ir/stages/walk.ts';
import { expandPowers } from '../structure/expand-powers.ts';
import { flattenKernel } from '../structure/flatten.ts';
import type { Names } from '../names.ts';
import type { KernelBody, Statement } from '../structure/statements.ts';
import { structure } from '../structure/structure.ts';
import { ExpressionPrinter } from './expression.ts';
import { helperNames, withCallees, type HelperName } from './helpers.ts';
import { gatherForm } from '../structure/gather-form.ts';
import { breakExpression, width } from './text.ts';

export interface PrintedKernel {
  /** `this: KernelThis`, `x: number[]`, … */
  readonly parameters: readonly string[];
  /** The function's statements, indented, each line ended. */
  readonly body: string;
  /** What its parameters but `this` stand for, in order: buffers that have storage of their own. */
  readonly reads: readonly BufferId[];
  /** The helpers that it calls, and those that they call. */
  readonly helpers: readonly HelperName[];
}

/** @param names gives a buffer's identifier by its name */
export function printKernel(kernel: Kernel, program: KernelProgram, names: Names): PrintedKernel {
  const buffers = new Buffers(program);
  const map = kernel.kind === 'map' ? kernel : gatherForm(kernel, buffers);
  return printMapKernel(map, buffers, names);
}

function printMapKernel(kernel: MapKernel, buffers: Buffers, names: Names): PrintedKernel {
  const identifier = (id: BufferId) => names.of(buffers.get(id).name);
  const flat = flattenKernel(kernel, buffers);
  const expanded = { ...flat, body: expandPowers(flat.body) };
  const locals = names.inner(helperNames);
  const body = structure(expanded, { names: locals, bufferName: identifier });
  const expressions = new ExpressionPrinter(identifier);
  const lines = [...printAxes(body, expressions), ...printStatements(body.statements, expressions, '  ')];
  // In the order of the formula.
  const roots = buffersRead(kernel).map((id) => buffers.owner(id));
  const reads = [...new Set(roots)].filter((id) => expressions.buffers.has(id));
  return {
    parameters: ['this: KernelThis', ...reads.map((id) => `${identifier(id)}: number[]`)],
    body: lines.map((line) => `${line}\n`).join(''),
    reads,
    helpers: withCallees(expressions.helpers),
  };
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
    return [`  const ${variable} = ${value};`];
  });
}

function printStatements(
  statements: readonly Statement[],
  expressions: ExpressionPrinter,
  indent: string,
): string[] {
  return statements.flatMap((statement) => printStatement(statement, expressions, indent));
}

function printStatement(statement: Statement, expressions: ExpressionPrinter, indent: string): string[] {
  const line = (head: string, expression: string) => [breakExpression(head, expression, ';', indent)];
  switch (statement.kind) {
    case 'whole': {
      const { name, value } = statement;
      const text =
        value.kind === 'quotient'
          ? expressions.wholeQuotient(value.of, value.divisor)
          : `Math.min(Math.max(${expressions.scalar(value.value)}, 0), ${value.limit - 1})`;
      return line(`const ${name} =`, text);
    }
    case 'const':
    case 'let':
      return line(`${statement.kind} ${statement.name} =`, expressions.scalar(statement.value));
    case 'set':
      return line(`${statement.name} =`, expressions.scalar(statement.value));
    case 'accumulate': {
      const { name, reducer } = statement;
      const value = expressions.scalar(statement.value);
      return reducer === 'sum' ? line(`${name} +=`, value) : line(`${name} =`, `Math.max(${name}, ${value})`);
    }
    case 'for': {
      const { variable, size, body } = statement;
      const head = `${indent}for (let ${variable} = 0; ${variable} < ${size}; ${variable}++)`;
      return block(head, body, expressions, indent);
    }
    case 'if':
      return block(
        printIf(expressions.conditions(statement.conditions), indent),
        statement.body,
        expressions,
        indent,
      );
    case 'result':
      return line('return', expressions.scalar(statement.value));
    default:
      return statement satisfies never;
  }
}

function printIf(conditions: readonly string[], indent: string): string {
  const line = `${indent}if (${conditions.join(' && ')})`;
  if (line.length + 2 <= width) return line;
  return `${indent}if (\n${conditions.map((each) => `${indent}  ${each}`).join(' &&\n')}\n${indent})`;
}

function block(
  head: string,
  body: readonly Statement[],
  expressions: ExpressionPrinter,
  indent: string,
): string[] {
  return [`${head} {`, ...printStatements(body, expressions, `${indent}  `), `${indent}}`];
}
