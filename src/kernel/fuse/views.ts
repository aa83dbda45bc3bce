// Fuses views: kernels that compute nothing and only map indices (a slice, windows, a broadcast, a constant). Their readers read the
// source directly.
import type { Expression, Kernel, MapKernel } from '../../ir/stages/type.ts';
import { heavyContraction } from '../recognize/contraction.ts';
import type { FusionState } from './state.ts';
import { inlineInto, isFull } from './inline.ts';

export function inlineViews(state: FusionState): void {
  for (const kernel of state.allKernels()) {
    const view = state.producerOf(kernel.output);
    if (view?.kind === 'map' && isView(view.body)) inlineView(state, view);
  }
}

/** One read with affine indices, possibly guarded, or a number or a position. */
export function isView(body: Expression): boolean {
  if (body.kind === 'guard') return isView(body.value);
  if (body.kind === 'read') return body.index.every((index) => !('kind' in index));
  return body.kind === 'number' || body.kind === 'position';
}

function inlineView(state: FusionState, view: MapKernel): void {
  const readers = state.readersOf(view.output);
  const rewritten = readers.flatMap((reader) => viewInto(state, view, reader) ?? []);
  const complete = rewritten.length === readers.length && !state.isResult(view.output);
  if (!complete && couldAbsorbItsSource(state, view)) return;
  for (const reader of rewritten) state.replace(reader);
  if (complete) state.remove(view.output);
}

function viewInto(state: FusionState, view: MapKernel, reader: Kernel): MapKernel | undefined {
  if (reader.kind === 'scatter_add' || isFull(reader)) return undefined;
  const rewritten = inlineInto(state, view, reader);
  if (!rewritten || view.body.kind === 'number') return rewritten;
  // The operands of a heavy contraction must stay plain reads: a view composed with a view may be none.
  return heavyContraction(reader) && !heavyContraction(rewritten) ? undefined : rewritten;
}

/**
 * A view that is stored while it is the only reader of its source: the source's kernel can then write the view's layout itself, and
 * reading past the view would only keep both buffers.
 */
function couldAbsorbItsSource(state: FusionState, view: MapKernel): boolean {
  let { body } = view;
  while (body.kind === 'guard') body = body.value;
  if (body.kind !== 'read') return false;
  const source = body.buffer;
  return (
    state.producerOf(source) !== undefined && !state.isResult(source) && state.readersOf(source).length === 1
  );
}
