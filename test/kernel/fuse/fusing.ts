// Fuses a graph's kernels and holds them against the unfused ones in the interpreter, on random inputs.
import { expect } from 'vitest';
import type { Graph } from '../../../src/ir/graph/type.ts';
import { interpret } from '../../../src/ir/stages/interpret.ts';
import type { Expression, Kernel, KernelProgram, MapKernel } from '../../../src/ir/stages/type.ts';
import { printKernels } from '../../../src/ir/stages/print.ts';
import { verifyKernels } from '../../../src/ir/stages/verify.ts';
import { operandsOf } from '../../../src/ir/stages/walk.ts';
import { fuse } from '../../../src/kernel/fuse/fuse.ts';
import { lower } from '../../../src/kernel/lower.ts';
import { randomKey } from '../../../src/runtime/random.ts';
import { numbersFrom } from '../../ops/tensors.ts';

export const zeros = { kind: 'fill', value: 0 } as const;

/** Inputs that hold whole numbers below a limit, by name; all others are drawn from [-1, 1). */
export type Integers = Readonly<Record<string, number>>;

/** The fused program of a graph, having shown that it computes the same as the unfused one. */
export function fuseAndCompare(graph: Graph, integers: Integers = {}): KernelProgram {
  const lowered = lower(graph);
  verifyKernels(lowered);
  const fused = fuse(lowered);
  verifyKernels(fused);
  const [expected, found] = [run(lowered, integers), run(fused, integers)];
  expectClose(found.outputs, expected.outputs);
  expectClose(found.stored, expected.stored);
  expect(found.outputs.size + fused.updates.length).toBeGreaterThan(0);
  return fused;
}

function run(program: KernelProgram, integers: Integers): ReturnType<typeof interpret> {
  const inputs = new Map<string, ArrayLike<number>>();
  const stored = new Map<string, ArrayLike<number>>();
  for (const { name, shape, role, alias } of program.buffers) {
    if (alias !== undefined || role.kind === 'temporary') continue;
    const key = role.kind === 'stored' ? role.path : name;
    // Drawn from the name, so that both programs are given the same whatever order their buffers have.
    const random = numbersFrom([...key].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 5));
    const limit = integers[key];
    const draw = () => (limit === undefined ? 2 * random() - 1 : Math.floor(limit * random()));
    const values = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, draw);
    if (role.kind === 'stored') stored.set(key, values);
    else inputs.set(key, role.input === 'random_key' ? randomKey(1, 2) : values);
  }
  return interpret(program, { inputs, stored });
}

function expectClose(
  found: ReadonlyMap<string, Float64Array>,
  expected: ReadonlyMap<string, Float64Array>,
): void {
  for (const [name, values] of found) {
    const wanted = expected.get(name) ?? new Float64Array();
    expect(values.length, name).toBe(wanted.length);
    const worst = values.reduce((far, value, i) => Math.max(far, distance(value, wanted[i] ?? NaN)), 0);
    expect(worst, name).toBeLessThan(1e-9);
  }
}

/** Relative to values above 1; infinite where only one is a number. */
function distance(found: number, wanted: number): number {
  if (Object.is(found, wanted)) return 0;
  const far = Math.abs(found - wanted) / (1 + Math.abs(wanted));
  return Number.isNaN(far) ? Infinity : far;
}

/** The formulas alone, without what is given and what leaves. */
export function formulas(program: KernelProgram): readonly string[] {
  return printKernels(program)
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter(
      (line) => line !== '' && !/^(input|target|parameter|state|buffer|constant|output|update) /.test(line),
    );
}

export function mapKernel(program: KernelProgram, name: string): MapKernel {
  const found = program.kernels.find((kernel) => kernel.name === name);
  if (found?.kind !== 'map') throw new Error(`no kernel ${name} among ${names(program.kernels).join(', ')}`);
  return found;
}

export function names(kernels: readonly Kernel[]): readonly string[] {
  return kernels.map((kernel) => kernel.name);
}

/** How deep reductions stand in one another. */
export function reductionDepth(expression: Expression): number {
  const inner = Math.max(0, ...operandsOf(expression).map(reductionDepth));
  return inner + (expression.kind === 'reduce' ? 1 : 0);
}
