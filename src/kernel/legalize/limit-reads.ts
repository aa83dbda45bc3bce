// Legalizes kernels for WebGPU, which guarantees eight storage buffers per kernel (gpu.js asks for no more), one of them the output. A
// kernel that reads more than seven is split: parts of its expression are computed by kernels of their own.
import type {
  Axis,
  Buffer,
  BufferId,
  Expression,
  Index,
  Kernel,
  KernelProgram,
  MapKernel,
} from '../../ir/stages/type.ts';
import {
  expressionKey,
  mapOperands,
  outerScope,
  visitExpressions,
  elementsOf,
  type Scope,
} from '../../ir/stages/walk.ts';
import { at, guard } from '../../ops/expressions.ts';

export const mostReads = 7;

export function limitReads(program: KernelProgram, limit = mostReads): KernelProgram {
  const buffers = [...program.buffers];
  const kernels: Kernel[] = [];
  const add = (kernel: Kernel): void => {
    if (kernel.kind === 'map' && readsOf(kernel.body, buffers).size > limit) {
      const [part, rest] = split(kernel, buffers, limit);
      add(part);
      add(rest);
    } else {
      kernels.push(kernel);
    }
  };
  program.kernels.forEach(add);
  return kernels.length === program.kernels.length ? program : { ...program, buffers, kernels };
}

interface Candidate {
  readonly expression: Expression;
  readonly scope: Scope;
  /** The axes that its value depends on. */
  readonly axes: readonly Axis[];
  readonly elements: number;
  /** By how many buffers the kernel's reads shrink without it. */
  readonly gain: number;
}

/** A kernel for a part of the expression, and the rest of the kernel, which reads the part. */
function split(kernel: MapKernel, buffers: Buffer[], limit: number): readonly [MapKernel, MapKernel] {
  const best = bestCandidate(kernel, buffers, limit);
  const name = freshName(`${kernel.name}.part`, buffers);
  const output = Math.max(...buffers.map(({ id }) => id)) + 1;
  const shape = best.axes.map((axis) => axis.size);
  buffers.push({ id: output, name, shape, element: 'f32', role: { kind: 'temporary' } });
  const read: Expression = { kind: 'read', buffer: output, index: best.axes.map(at) };
  const key = expressionKey(best.expression);
  const body = guard(best.scope.conditions, best.expression);
  return [
    { ...kernel, name, output, axes: best.axes, body, fused: [] },
    { ...kernel, body: replace(kernel.body, key, read) },
  ];
}

/**
 * The subexpression to extract: one that alone brings the reads within the limit, with the fewest elements; else the one that saves most
 * buffers without being evaluated for more elements than the kernel has.
 */
function bestCandidate(kernel: MapKernel, buffers: readonly Buffer[], limit: number): Candidate {
  const all = readsOf(kernel.body, buffers).size;
  const own = elementsOf(kernel.axes);
  const candidates: Candidate[] = [];
  visitExpressions(kernel.body, outerScope(kernel.axes), (expression, scope) => {
    const reads = readsOf(expression, buffers).size;
    if (reads < 2 || reads > limit) return;
    const rest = replace(kernel.body, expressionKey(expression), { kind: 'number', value: 0 });
    const gain = all - readsOf(rest, buffers).size - 1;
    if (gain < 1) return;
    const axes = axesOf(expression, scope);
    candidates.push({ expression, scope, axes, elements: elementsOf(axes), gain });
  });
  const excess = ({ elements }: Candidate) => Math.max(0, elements - own);
  const [best] = candidates.sort((a, b) => {
    const enough = [a, b].map(({ gain }) => all - gain <= limit);
    if (enough[0] && enough[1]) return a.elements - b.elements || b.gain - a.gain;
    return (
      excess(a) - excess(b) ||
      Number(enough[1]) - Number(enough[0]) ||
      b.gain - a.gain ||
      a.elements - b.elements
    );
  });
  if (!best)
    throw new Error(`${kernel.name} reads more than ${limit} buffers and has no part to compute apart`);
  return best;
}

function freshName(wish: string, buffers: readonly Buffer[]): string {
  const taken = new Set(buffers.map(({ name }) => name));
  let name = wish;
  for (let count = 2; taken.has(name); count++) name = `${wish}_${count}`;
  return name;
}

/** The enclosing axes that an expression, or a condition around it, mentions. */
function axesOf(expression: Expression, scope: Scope): readonly Axis[] {
  const used = new Set<string>();
  const mark = (index: Index): Index => {
    for (const { axis } of index.terms) used.add(axis);
    return index;
  };
  const visit = (each: Expression): Expression => mapOperands(each, visit, mark);
  visit(guard(scope.conditions, expression));
  return scope.axes.filter((axis) => used.has(axis.id));
}

function replace(expression: Expression, key: string, by: Expression): Expression {
  if (expressionKey(expression) === key) return by;
  return mapOperands(
    expression,
    (operand) => replace(operand, key, by),
    (index) => index,
  );
}

function readsOf(expression: Expression, buffers: readonly Buffer[]): ReadonlySet<BufferId> {
  const found = new Set<BufferId>();
  const add = (id: BufferId) => found.add(buffers.find((buffer) => buffer.id === id)?.alias ?? id);
  visitExpressions(expression, outerScope([]), (each) => {
    if (each.kind === 'read') add(each.buffer);
    if (each.kind === 'random') add(each.key);
  });
  return found;
}
