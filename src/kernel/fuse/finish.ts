// Cleans a program up after fusion: kernels in execution order, buffers renumbered without gaps, axes with readable ids, and equal
// subexpressions of a kernel shared as one object (so that a printer can compute each once).
import type { Buffer, BufferId, Expression, Kernel, KernelProgram, MapKernel } from '../../ir/stages/type.ts';
import { buffersRead, expressionKey, mapOperands } from '../../ir/stages/walk.ts';
import { canonicalAxes } from '../canonical-axes.ts';
import type { FusionState } from './state.ts';
import { orderKernels } from '../order.ts';

export function finishFusion(state: FusionState, program: KernelProgram): KernelProgram {
  const kernels = state
    .allKernels()
    .toSorted((a, b) => state.positionOf(a.output) - state.positionOf(b.output));
  const ordered = orderKernels(kernels, program.updates, (buffer) => state.rootOf(buffer));
  const buffers = buffersLeft(state, ordered, program);
  const ids = new Map(buffers.map((buffer, id) => [buffer.id, id]));
  const renumber = (id: BufferId): BufferId => {
    const found = ids.get(id);
    if (found === undefined) throw new Error(`fusion lost the buffer ${state.buffer(id).name}`);
    return found;
  };
  return {
    name: program.name,
    buffers: buffers.map((buffer, id) => {
      return buffer.alias === undefined
        ? { ...buffer, id }
        : { ...buffer, id, alias: renumber(buffer.alias) };
    }),
    kernels: ordered.map((kernel) => finishKernel(kernel, renumber)),
    outputs: program.outputs.map((output) => ({ ...output, buffer: renumber(output.buffer) })),
    updates: program.updates.map(({ stored, value }) => ({
      stored: renumber(stored),
      value: renumber(value),
    })),
  };
}

/** Inputs and stored tensors in their old order, then temporaries in the order they are written; an alias follows its root. */
function buffersLeft(
  state: FusionState,
  kernels: readonly Kernel[],
  { outputs, updates }: KernelProgram,
): readonly Buffer[] {
  const used = new Set<BufferId>();
  const note = (id: BufferId) => used.add(id).add(state.rootOf(id));
  for (const kernel of kernels) [kernel.output, ...buffersRead(kernel)].forEach(note);
  for (const { buffer } of outputs) note(buffer);
  for (const { stored, value } of updates) [stored, value].forEach(note);
  const position = new Map(kernels.map((kernel, i) => [kernel.output, i + 1]));
  const place = (buffer: Buffer) => position.get(state.rootOf(buffer.id)) ?? 0;
  return state
    .allBuffers()
    .filter((buffer) => used.has(buffer.id))
    .toSorted(
      (a, b) =>
        place(a) - place(b) ||
        Number(a.alias !== undefined && place(a) > 0) - Number(b.alias !== undefined && place(b) > 0) ||
        a.id - b.id,
    );
}

function finishKernel(kernel: Kernel, renumber: (id: BufferId) => BufferId): Kernel {
  if (kernel.kind === 'scatter_add') {
    const { output, ids, values } = kernel;
    return { ...kernel, output: renumber(output), ids: renumber(ids), values: renumber(values) };
  }
  const moved: MapKernel = {
    ...kernel,
    output: renumber(kernel.output),
    body: renumberReads(kernel.body, renumber),
  };
  const canonical = canonicalAxes(moved);
  return { ...canonical, body: new SharedExpressions().share(canonical.body) };
}

function renumberReads(expression: Expression, renumber: (id: BufferId) => BufferId): Expression {
  const inner = mapOperands(
    expression,
    (operand) => renumberReads(operand, renumber),
    (index) => index,
  );
  if (inner.kind === 'read') return { ...inner, buffer: renumber(inner.buffer) };
  return inner.kind === 'random' ? { ...inner, key: renumber(inner.key) } : inner;
}

/** Hash consing: equal subexpressions become one. An expression's key has its operands' numbers, so that this takes linear time. */
class SharedExpressions {
  private readonly byKey = new Map<string, Expression>();
  private readonly numbers = new Map<Expression, string>();

  share(expression: Expression): Expression {
    const own = mapOperands(
      expression,
      (operand) => this.share(operand),
      (index) => index,
    );
    const key = expressionKey(own, (operand) => this.numbers.get(operand) ?? '');
    const known = this.byKey.get(key);
    if (known) return known;
    this.byKey.set(key, own);
    this.numbers.set(own, `$${this.numbers.size}`);
    return own;
  }
}
