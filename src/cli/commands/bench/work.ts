// A kernel's work, counted in the kernel IR: multiply-adds of its sums, and minimum memory traffic; and its places in the `.nn` text.
import { printable } from '../../../diagnostics/printable.ts';
import { basename } from 'node:path';
import { positionAt } from '../../../diagnostics/source.ts';
import type { Buffer, BufferId, Expression, Kernel, KernelProgram } from '../../../ir/stages/type.ts';
import { buffersRead, operandsOf } from '../../../ir/stages/walk.ts';
import { elementCount } from '../../../runtime/tensor.ts';

export interface Work {
  /** Products added by a sum; a single product plus a term counts as none. */
  readonly multiplyAdds: number;
  /** Of every buffer read, once, and of the results. */
  readonly bytes: number;
}

/**
 * The work of fused kernels: an intermediate buffer counts once.
 * @param done kernels already counted: adding up the slices of a split sum is no work of its own
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

/** `mnist.nn:7`, `std/dense.nn:11`: the user's lines before the library's, without duplicates. */
export function linesOf(kernels: readonly Kernel[]): readonly string[] {
  const spans = kernels.flatMap(({ origin, fused }) => [origin, ...fused].flatMap(({ span }) => span ?? []));
  const shown = spans.map(({ source, start }) => ({
    library: source.library,
    line: `${printable(source.library ? source.path : basename(source.path))}:${positionAt(source.text, start).line}`,
  }));
  const ordered = [...shown.filter((each) => !each.library), ...shown.filter((each) => each.library)];
  return [...new Set(ordered.map(({ line }) => line))];
}

/** Kernels are named after their results. */
export function namesOf(kernels: readonly Kernel[], buffers: readonly Buffer[]): readonly string[] {
  const names = new Map(buffers.map(({ id, name }) => [id, name]));
  return kernels.map((kernel) => names.get(kernel.output) ?? kernel.name);
}
