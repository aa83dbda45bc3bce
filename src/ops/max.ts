import type { Node, Shape } from '../ir/graph/type.ts';
import type { Emit } from './operation.ts';
import { reduction } from './reduction.ts';
import { otherAxes, sizesAt } from './shapes.ts';
import { elementCount } from '../runtime/tensor.ts';

// dx = dy at the first maximum, 0 elsewhere
export const max = reduction(
  'y = max x',
  'max',
  ({ emit, inputs: [x], cotangent, attributes: { axes } }) => {
    if (!x) return [];
    const spread = (node: Node) => emit.broadcast(node, x.shape, otherAxes(x.shape.length, axes));
    const first = spread(emit.apply('argmax', [x], { axes }));
    return [emit.select(emit.equal(positionAlong(emit, x.shape, axes), first), spread(cotangent), 0)];
  },
  true,
);

/** The flat row-major position of every element along the axes. */
function positionAlong(emit: Emit, shape: Shape, axes: readonly number[]): Node {
  const terms = axes.map((axis, i) => {
    const stride = elementCount(sizesAt(shape, axes.slice(i + 1)));
    return emit.multiply(emit.apply('iota', [], { shape, axis }), stride);
  });
  return (
    terms.reduce<Node | undefined>((total, term) => (total ? emit.add(total, term) : term), undefined) ??
    emit.constant(0, shape)
  );
}
