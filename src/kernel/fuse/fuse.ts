// Fusion: kernels are inlined into their readers, so that a program has fewer kernels and stores fewer buffers. The values of outputs and
// updates stay what they are, but for rounding: an intermediate value that is no longer stored is no longer rounded.
// What is fused:
// - views into their readers (views.ts)
// - element-wise kernels into their readers (elementwise.ts)
// - epilogues: an element-wise kernel into the reduction that it reads (reductions.ts)
// - sums of sums into one sum (reductions.ts)
// Invariant: nothing is computed asymptotically more often than before.
import type { BufferId, Kernel, KernelProgram, MapKernel } from '../../ir/stages/type.ts';
import { buffersRead } from '../../ir/stages/walk.ts';
import { outermostReductions } from '../recognize/contraction.ts';
import { finishFusion } from './finish.ts';
import { FusionState } from './state.ts';
import { inlineElementwise } from './elementwise.ts';
import { absorbReduction } from './reductions.ts';
import { inlineViews } from './views.ts';
import { readRoots } from './read-roots.ts';

export interface FuseOptions {
  /**
   * Keeps every gradient in a kernel of its own, separate from the update that uses it: readable, at the price of a pass over the
   * parameters. Default: false.
   */
  readonly keepGradients?: boolean;
}

export function fuse(program: KernelProgram, { keepGradients = false }: FuseOptions = {}): KernelProgram {
  const state = new FusionState(program);
  dropUnread(state);
  inlineViews(state);
  dropUnread(state);
  inlineKernels(state, keepGradients);
  for (const kernel of state.allKernels()) if (kernel.kind === 'map') state.replace(readRoots(state, kernel));
  return finishFusion(state, program);
}

/** Iterates to a fixed point: where a kernel may be inlined changes when its neighbors vanish, so these are visited again. */
function inlineKernels(state: FusionState, keepGradients: boolean): void {
  const waiting = new Set<BufferId>(state.allKernels().map((kernel) => kernel.output));
  for (const output of waiting) {
    waiting.delete(output);
    const kernel = state.producerOf(output);
    if (kernel?.kind !== 'map') continue;
    if (keepGradients && isGradient(state, kernel)) continue;
    for (const reader of inlineKernel(state, kernel)) {
      for (const source of buffersRead(reader)) {
        const producer = state.producerOf(source);
        if (producer) waiting.add(producer.output);
      }
      waiting.add(reader.output);
    }
  }
}

/** A value of the backward pass that only updates read. */
function isGradient(state: FusionState, kernel: MapKernel): boolean {
  return (
    kernel.phase === 'backward' && state.readersOf(kernel.output).every(({ phase }) => phase === 'update')
  );
}

function inlineKernel(state: FusionState, kernel: MapKernel): readonly MapKernel[] {
  return outermostReductions(kernel.body).length === 0
    ? inlineElementwise(state, kernel)
    : absorbReduction(state, kernel);
}

function dropUnread(state: FusionState): void {
  const unread = (kernel: Kernel) =>
    state.readersOf(kernel.output).length === 0 && !state.isResult(kernel.output);
  const waiting = state.allKernels().filter(unread);
  for (let kernel = waiting.pop(); kernel; kernel = waiting.pop()) {
    state.remove(kernel.output);
    for (const source of buffersRead(kernel)) {
      const producer = state.producerOf(source);
      if (producer && unread(producer)) waiting.push(producer);
    }
  }
}
