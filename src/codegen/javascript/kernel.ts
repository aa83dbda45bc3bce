// A kernel enters, a plain JavaScript function that fills its output leaves: loops over the output's elements in their order, and
// within them the statements that all targets share. Expressions are printed as for gpu.js, whose language is a part of JavaScript.
import { Buffers } from '../../ir/linear/build.ts';
import type { BufferId, Kernel, KernelProgram } from '../../ir/stages/type.ts';
import { buffersRead } from '../../ir/stages/walk.ts';
import { expandPowers } from '../structure/expand-powers.ts';
import { flattenKernel } from '../structure/flatten.ts';
import { gatherForm } from '../structure/gather-form.ts';
import { ExpressionPrinter } from '../gpujs/expression.ts';
import { helperNames, helperText, withCallees, type HelperName } from '../gpujs/helpers.ts';
import { breakExpression, width } from '../gpujs/text.ts';
import type { Names } from '../names.ts';
import type { Statement } from '../structure/statements.ts';
import { structure } from '../structure/structure.ts';

export interface JavaScriptKernel {
  /** What the function is given after its output, in order: buffers that have storage of their own. */
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
  const map = kernel.kind === 'map' ? kernel : gatherForm(kernel, buffers);
  const identifier = (id: BufferId) => names.of(buffers.get(id).name);
  const flat = flattenKernel(map, buffers);
  const locals = names.inner([...helperNames, output, place, 'element', 'once']);
  const { axes, statements } = structure(
    { ...flat, body: expandPowers(flat.body) },
    { names: locals, bufferName: identifier },
  );
  const printer = new Printer(new ExpressionPrinter(identifier));
  const early = statements.slice(0, -1).some(endsElement);
  const loops = axes.length > 0 ? axes : early ? [{ variable: 'once', size: 1, used: false }] : [];
  const indent = '  '.repeat(loops.length + 1);
  const inner = printer.statements(statements, indent, early);
  const heads = loops.map(({ variable, size }, i) => {
    const label = early && i === loops.length - 1 ? 'element: ' : '';
    return `${'  '.repeat(i + 1)}${label}for (let ${variable} = 0; ${variable} < ${size}; ${variable}++) {`;
  });
  const ends = loops.map((_, i) => `${'  '.repeat(loops.length - i)}}`);
  const lines = [`  let ${place} = 0;`, ...heads, ...inner, ...ends];
  const roots = buffersRead(kernel).map((id) => buffers.owner(id));
  const reads = [...new Set(roots)].filter((id) => printer.expressions.buffers.has(id));
  return {
    reads,
    parameters: [output, ...reads.map(identifier)],
    body: lines.map((line) => `${line}\n`).join(''),
    helpers: withCallees(printer.expressions.helpers),
  };
}

/** A helper as JavaScript: its text without the types, all of which are `number`. */
export function javaScriptHelper(name: HelperName): string {
  return helperText(name).replaceAll(': number', '');
}

/** Whether an element may end inside the statement. */
function endsElement(statement: Statement): boolean {
  if (statement.kind === 'result') return true;
  return (statement.kind === 'for' || statement.kind === 'if') && statement.body.some(endsElement);
}

class Printer {
  constructor(readonly expressions: ExpressionPrinter) {}

  /** @param early whether a result is followed by others, and has to leave the element */
  statements(statements: readonly Statement[], indent: string, early: boolean): string[] {
    return statements.flatMap((statement) => this.statement(statement, indent, early));
  }

  private statement(statement: Statement, indent: string, early: boolean): string[] {
    const { expressions } = this;
    const line = (head: string, expression: string) => [breakExpression(head, expression, ';', indent)];
    const block = (head: string, body: readonly Statement[]) => [
      `${head} {`,
      ...this.statements(body, `${indent}  `, early),
      `${indent}}`,
    ];
    switch (statement.kind) {
      case 'whole': {
        const { name, value } = statement;
        if (value.kind === 'quotient')
          return line(`const ${name} =`, expressions.wholeQuotient(value.of, value.divisor));
        const clamped = `Math.min(Math.max(${expressions.scalar(value.value)}, 0), ${value.limit - 1})`;
        return line(`const ${name} =`, `Math.floor(${clamped})`);
      }
      case 'const':
      case 'let':
        return line(`${statement.kind} ${statement.name} =`, expressions.scalar(statement.value));
      case 'set':
        return line(`${statement.name} =`, expressions.scalar(statement.value));
      case 'accumulate': {
        const { name, reducer } = statement;
        const value = expressions.scalar(statement.value);
        return reducer === 'sum'
          ? line(`${name} +=`, value)
          : line(`${name} =`, `Math.max(${name}, ${value})`);
      }
      case 'for': {
        const { variable, size, body } = statement;
        return block(`${indent}for (let ${variable} = 0; ${variable} < ${size}; ${variable}++)`, body);
      }
      case 'if': {
        const conditions = expressions.conditions(statement.conditions);
        const head = `${indent}if (${conditions.join(' && ')})`;
        const broken = conditions.map((each) => `${indent}  ${each}`).join(' &&\n');
        return block(
          head.length + 2 <= width ? head : `${indent}if (\n${broken}\n${indent})`,
          statement.body,
        );
      }
      case 'result': {
        const set = line(`${output}[${place}++] =`, expressions.scalar(statement.value));
        return early ? [...set, `${indent}continue element;`] : set;
      }
      default:
        return statement satisfies never;
    }
  }
}
