// What is passed along while one Winograd routine is emitted, and the products, which convolutions and gradients share.
import { integer } from '../../ir/loops/type.ts';
import type { Item } from '../emit/builder.ts';
import type { EmitContext } from '../emit/context.ts';
import type { AreaRole, WinogradPlan } from '../type.ts';
import type { Winograd } from './transforms.ts';
import { advance, plus, times } from './vectors.ts';

export interface Work {
  readonly context: EmitContext;
  readonly plan: WinogradPlan;
  readonly winograd: Winograd;
  /** The pointer to an area of scratch memory. */
  readonly area: (role: AreaRole) => Item;
}

/**
 * sums[product] = [sums[product] +] left[product] · right[product] for every product. In the left matrix the depth is contiguous
 * (`depthInner`), or the rows are. `depth`: the depth of this block.
 */
export function emitProducts(
  { context: { builder }, plan: { matrices, geometry }, area }: Work,
  {
    depthInner,
    depth,
    accumulate,
  }: { readonly depthInner: boolean; readonly depth: Item; readonly accumulate: Item },
): void {
  const { tile, rows, panels, width, pitch, steps } = matrices;
  const [stride, step] = depthInner ? [1, pitch] : [pitch, 1];
  builder.loop('product', integer(0), integer(geometry.products ** 2), 1, (product) => {
    const left = advance(builder, area('left'), times(builder, product, steps.left), 'a');
    builder.loop('panel', integer(0), integer(panels), 1, (panel) => {
      const at = (each: number, elements: number) =>
        plus(builder, times(builder, product, each), times(builder, panel, elements));
      const b = advance(builder, area('right'), at(steps.right, matrices.depth * width), 'b');
      const sums = advance(builder, area('sums'), at(steps.sums, rows * width), 'c');
      for (const { first, tiles, height } of matrices.heights) {
        builder.loop('row', integer(first), integer(first + tiles * height), height, (row) => {
          const a = advance(builder, left, times(builder, row, step), 'a');
          builder.emit({
            kind: 'tile',
            ...{ rows: height, stride, step, vectors: tile.vectors },
            a: a.value,
            b: b.value,
            depth: depth.value,
            c: advance(builder, sums, times(builder, row, width), 'c').value,
            accumulate: accumulate.value,
          });
        });
      }
    });
  });
}
