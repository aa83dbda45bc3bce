// A kernel program enters, one with fewer kernels and buffers leaves: kernels are put into their readers by substitution. The values
// of outputs and updates stay what they are, but for rounding: what was stored in between is no longer rounded there.
// The rules stand each in its file: views (fuse-views.ts), element-wise kernels (fuse-elementwise.ts), epilogues and sums of sums
// (fuse-reductions.ts). The law of all of them: nothing is computed asymptotically more often than before.
import type { BufferId, Kernel, KernelProgram, MapKernel } from '../ir/kernel.ts';
import { buffersRead } from '../ir/walk-kernel.ts';
import { outermostReductions } from './contraction.ts';
import { finishFusion } from './finish-fusion.ts';
import { FusionState } from './fusion-state.ts';
import { inlineElementwise } from './fuse-elementwise.ts';
import { absorbReduction } from './fuse-reductions.ts';
import { inlineViews } from './fuse-views.ts';
import { readRoots } from './read-roots.ts';

export function fuse(program: KernelProgram): KernelProgram {
  const state = new FusionState(program);
  dropUnread(state);
  inlineViews(state);
  dropUnread(state);
  inlineKernels(state);
  for (const kernel of state.allKernels()) if (kernel.kind === 'map') state.replace(readRoots(state, kernel));
  return finishFusion(state, program);
}

/** What a kernel may be put into changes when others around it vanish, so these are looked at again. */
function inlineKernels(state: FusionState): void {
  const waiting = new Set<BufferId>(state.allKernels().map((kernel) => kernel.output));
  for (const output of waiting) {
    waiting.delete(output);
    const kernel = state.producerOf(output);
    if (kernel?.kind !== 'map') continue;
    for (const reader of inlineKernel(state, kernel)) {
      for (const source of buffersRead(reader)) {
        const producer = state.producerOf(source);
        if (producer) waiting.add(producer.output);
      }
      waiting.add(reader.output);
    }
  }
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
