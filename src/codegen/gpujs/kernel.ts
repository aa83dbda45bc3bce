// Prints a kernel as a function that gpu.js runs for each element of the output: TypeScript over flat arrays with literal sizes.
// `this.thread.x` is the element's position.
import { Buffers } from '../../ir/linear/build.ts';
import type { BufferId, Kernel, KernelProgram } from '../../ir/stages/type.ts';
import type { Names } from '../names.ts';
import { StatementPrinter, type StatementDialect } from '../structure/print.ts';
import type { KernelBody } from '../structure/statements.ts';
import { readsInOrder, structureKernel } from '../structure/structure-kernel.ts';
import { ExpressionPrinter } from './expression.ts';
import { helperNames, withCallees, type HelperName } from './helpers.ts';
import { elementsOf } from '../../ir/stages/walk.ts';

export interface PrintedKernel {
  /** `this: KernelThis`, `x: number[]`, … */
  readonly parameters: readonly string[];
  /** The function's statements, indented, each line ended. */
  readonly body: string;
  /** The buffers of its parameters but `this`, in order: buffers with storage of their own. */
  readonly reads: readonly BufferId[];
  /** The helpers that it calls, and their callees. */
  readonly helpers: readonly HelperName[];
}

const dialect: StatementDialect = {
  result: 'return',
  clamp: (value, last) => `Math.min(Math.max(${value}, 0), ${last})`,
};

/** @param names allocates the buffers' identifiers */
export function printKernel(kernel: Kernel, program: KernelProgram, names: Names): PrintedKernel {
  const buffers = new Buffers(program);
  const bufferName = (id: BufferId) => names.of(buffers.get(id).name);
  const body = structureKernel(kernel, buffers, { names: names.inner(helperNames), bufferName });
  const expressions = new ExpressionPrinter(bufferName);
  const printer = new StatementPrinter(expressions, dialect);
  const lines = [...printAxes(body, expressions), ...printer.statements(body.statements, '  ')];
  const reads = readsInOrder(kernel, buffers, expressions.buffers);
  return {
    parameters: ['this: KernelThis', ...reads.map((id) => `${bufferName(id)}: number[]`)],
    body: lines.map((line) => `${line}\n`).join(''),
    reads,
    helpers: withCallees(expressions.helpers),
  };
}

/** The output's axes, each computed from the element's position. */
function printAxes({ axes }: KernelBody, expressions: ExpressionPrinter): readonly string[] {
  const position = 'this.thread.x';
  const strengthOfAtom = 9;
  return axes.flatMap(({ variable, size, used }, i) => {
    if (!used) return [];
    const behind = elementsOf(axes.slice(i + 1));
    const outer = expressions.quotient(position, strengthOfAtom, behind);
    const value = i === 0 ? outer : expressions.remainder(outer, strengthOfAtom, size);
    return [`  const ${variable} = ${value};`];
  });
}
