// Compiles a kernel program all of whose buffers have one element, such as a learning-rate schedule, to a function of its inputs. It is
// called at every step and therefore allocates nothing.
import type { BufferId, Expression, KernelProgram } from './type.ts';
import { scalar } from '../scalar.ts';

/** The first output as a function of the inputs, by name. Arithmetic is float64, rounded to float32 where a kernel stores. */
export type ScalarProgram = (inputs: ReadonlyMap<string, number>) => number;

/** @returns undefined where the program has larger buffers, or needs more than arithmetic */
export function scalarProgram({ buffers, kernels, outputs }: KernelProgram): ScalarProgram | undefined {
  const memory = new Map<BufferId, number>();
  const root = new Map(buffers.map(({ id, alias }) => [id, alias ?? id]));
  const [output] = outputs;
  if (!output || buffers.some(({ shape }) => shape.some((size) => size !== 1))) return undefined;

  const evaluate = (expression: Expression): number => {
    switch (expression.kind) {
      case 'number':
        return expression.value;
      case 'read':
        return memory.get(root.get(expression.buffer) ?? expression.buffer) ?? NaN;
      case 'apply': {
        const [a, b, c] = expression.operands;
        return scalar[expression.function](a ? evaluate(a) : 0, b ? evaluate(b) : 0, c ? evaluate(c) : 0);
      }
      default:
        return NaN;
    }
  };
  const arithmetic = (expression: Expression): boolean =>
    expression.kind === 'number' ||
    expression.kind === 'read' ||
    (expression.kind === 'apply' && expression.operands.every(arithmetic));
  if (!kernels.every((kernel) => kernel.kind === 'map' && arithmetic(kernel.body))) return undefined;

  return (inputs) => {
    for (const { id, name, role } of buffers)
      if (role.kind === 'input') memory.set(id, inputs.get(name) ?? NaN);
    for (const kernel of kernels)
      if (kernel.kind === 'map') memory.set(kernel.output, Math.fround(evaluate(kernel.body)));
    return memory.get(root.get(output.buffer) ?? output.buffer) ?? NaN;
  };
}
