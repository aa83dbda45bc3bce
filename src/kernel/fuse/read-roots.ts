// Replaces reads of an alias by reads of its root buffer where the index is simpler under the root's shape: `ids[i, j]` rather than
// `reshape[5·i + j]`.
import type { Expression, Index, MapKernel } from '../../ir/stages/type.ts';
import { sizesOf } from '../../ir/stages/index-range.ts';
import { innerScope, mapOperands, outerScope, type Scope } from '../../ir/stages/walk.ts';
import type { FusionState } from './state.ts';
import { reshapeIndex } from './reshape-index.ts';

type Read = Expression & { readonly kind: 'read' };

export function readRoots(state: FusionState, kernel: MapKernel): MapKernel {
  const visit = (expression: Expression, scope: Scope): Expression => {
    const inner = innerScope(expression, scope);
    const whole = mapOperands(
      expression,
      (operand) => visit(operand, inner),
      (index) => index,
    );
    return whole.kind === 'read' ? simplerRead(state, whole, scope) : whole;
  };
  return { ...kernel, body: visit(kernel.body, outerScope(kernel.axes)) };
}

function simplerRead(state: FusionState, read: Read, { axes, conditions }: Scope): Read {
  const root = state.rootOf(read.buffer);
  if (root === read.buffer) return read;
  const [from, to] = [state.buffer(read.buffer).shape, state.buffer(root).shape];
  const index = reshapeIndex(read.index, from, to, sizesOf(axes), conditions);
  if (!index || 'axis' in index || complexity(index) >= complexity(read.index)) return read;
  return { ...read, buffer: root, index };
}

/** Number of terms and of operations on them. */
function complexity(index: readonly (Index | Expression)[]): number {
  return index.reduce((sum, each) => {
    if ('kind' in each) return sum;
    const factors = each.terms.filter((term) => term.factor !== 1).length;
    return sum + each.terms.length + factors + Number(each.constant !== 0) + Number(each.divisor !== 1);
  }, 0);
}
