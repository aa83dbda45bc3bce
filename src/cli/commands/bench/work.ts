// What a kernel has to do, counted from the kernel IR: the multiply-adds of its sums, and the bytes that it must at least move.
// And where in the `.nn` text it comes from.
import { printable } from '../../../diagnostics/printable.ts';
import { basename } from 'node:path';
import { positionAt } from '../../../diagnostics/source.ts';
import type { Buffer, BufferId, Expression, Kernel, KernelProgram } from '../../../ir/stages/type.ts';
import { buffersRead, operandsOf } from '../../../ir/stages/walk.ts';
import { elementCount } from '../../../runtime/tensor.ts';

export interface Work {
  /** Products that a sum adds up; a product that is added to once counts nothing. */
  readonly multiplyAdds: number;
  /** Of every buffer read, once, and of the results. */
  readonly bytes: number;
}

/**
 * Of kernels that run as one: what one of them writes and another reads counts once.
 * @param done kernels that have been counted: of a sum that is taken in slices, adding up the slices is no work of its own
 */
export function workOf(kernels: readonly Kernel[], program: KernelProgram, done: Set<string>): Work {
  const buffers = new Map(program.buffers.map((buffer) => [buffer.id, buffer]));
  const touched = new Map<BufferId, number>();
  const touch = (id: BufferId) => {
    const buffer = buffers.get(id);
    if (buffer) touched.set(buffer.alias ?? id, 4 * elementCount(buffer.shape));
  };
  let multiplyAdds = 0;
  for (const kernel of kernels) {
    if (done.has(kernel.name)) continue;
    done.add(kernel.name);
    buffersRead(kernel).forEach(touch);
    touch(kernel.output);
    if (kernel.kind === 'map')
      multiplyAdds += productsIn(kernel.body, elementCount(kernel.axes.map((axis) => axis.size)));
  }
  return { multiplyAdds, bytes: [...touched.values()].reduce((sum, bytes) => sum + bytes, 0) };
}

/** @param times how often the expression is evaluated */
function productsIn(expression: Expression, times: number): number {
  const inner =
    expression.kind === 'reduce' ? times * elementCount(expression.axes.map((axis) => axis.size)) : times;
  const own = expression.kind === 'reduce' && expression.reducer === 'sum' && isProduct(expression.value);
  return operandsOf(expression).reduce((sum, operand) => sum + productsIn(operand, inner), own ? inner : 0);
}

function isProduct(expression: Expression): boolean {
  if (expression.kind === 'guard') return isProduct(expression.value);
  return expression.kind === 'apply' && expression.function === 'multiply';
}

/** `mnist.nn:7`, `std/dense.nn:11`: the user's own lines before those of the library, each once. */
export function linesOf(kernels: readonly Kernel[]): readonly string[] {
  const spans = kernels.flatMap(({ origin, fused }) => [origin, ...fused].flatMap(({ span }) => span ?? []));
  const shown = spans.map(({ source, start }) => ({
    library: source.library,
    line: `${printable(source.library ? source.path : basename(source.path))}:${positionAt(source.text, start).line}`,
  }));
  const ordered = [...shown.filter((each) => !each.library), ...shown.filter((each) => each.library)];
  return [...new Set(ordered.map(({ line }) => line))];
}

/** Kernels are called by what they compute. */
export function namesOf(kernels: readonly Kernel[], buffers: readonly Buffer[]): readonly string[] {
  const names = new Map(buffers.map(({ id, name }) => [id, name]));
  return kernels.map((kernel) => names.get(kernel.output) ?? kernel.name);
}
