// The one expensive primitive: an einsum of two operands. Matrix product, batched product, and, reading through `windows`, convolution
// and both of its gradients are contractions.
import type { Shape } from '../ir/graph/type.ts';
import { apply, at, reduce } from './expressions.ts';
import { ShapeError, type Axis, type Operation } from './operation.ts';
import { showShape } from './shapes.ts';

export type ContractionAttributes = {
  /** One label per axis of the left operand, without repetition; likewise for right and output. */
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly output: readonly number[];
};

export const contraction: Operation<ContractionAttributes> = {
  formula: 'y[output] = Σ a[left] · b[right]',

  shape([a = [], b = []], { left, right, output }) {
    const sizes = labelSizes(a, left, b, right);
    return output.map((label) => {
      const size = sizes.get(label);
      if (size === undefined || output.indexOf(label) !== output.lastIndexOf(label)) {
        throw new ShapeError(`label ${label} of the result is not one axis of the operands`);
      }
      return size;
    });
  },

  // The cotangent of an operand is the contraction of dy with the other operand. A label that only this operand has was summed over: the
  // cotangent is broadcast along it.
  gradient({ emit, inputs: [a, b], cotangent, attributes: { left, right, output }, wanted }) {
    const towards = (
      operand: typeof a,
      own: readonly number[],
      other: typeof a,
      others: readonly number[],
    ) => {
      if (!operand || !other) return undefined;
      const known = own.filter((label) => output.includes(label) || others.includes(label));
      const partial = emit.contract(cotangent, output, other, others, known);
      return emit.broadcast(
        partial,
        operand.shape,
        known.map((label) => own.indexOf(label)),
      );
    };
    return [
      wanted(0) ? towards(a, left, b, right) : undefined,
      wanted(1) ? towards(b, right, a, left) : undefined,
    ];
  },

  lower({
    inputs: [a, b],
    inputShapes: [aShape = [], bShape = []],
    attributes: { left, right, output },
    axis,
    result,
  }) {
    if (!a || !b) return;
    const sizes = labelSizes(aShape, left, bShape, right);
    result((axes) => {
      const byLabel = new Map<number, Axis>(
        output.flatMap((label, i) => (axes[i] ? [[label, axes[i]]] : [])),
      );
      const summed: Axis[] = [];
      for (const [label, size] of sizes) {
        if (byLabel.has(label)) continue;
        const k = axis(size, 'k');
        byLabel.set(label, k);
        summed.push(k);
      }
      const index = (labels: readonly number[]) =>
        labels.flatMap((label) => byLabel.get(label) ?? []).map(at);
      return reduce('sum', summed, apply('multiply', a(index(left)), b(index(right))));
    });
  },

  samples: [
    {
      shapes: [
        [3, 4],
        [4, 5],
      ],
      attributes: { left: [0, 1], right: [1, 2], output: [0, 2] },
    },
    {
      shapes: [
        [3, 4],
        [5, 4],
      ],
      attributes: { left: [0, 1], right: [2, 1], output: [2, 0] },
    },
    {
      shapes: [
        [2, 3, 4],
        [2, 4, 5],
      ],
      attributes: { left: [0, 1, 2], right: [0, 2, 3], output: [0, 1, 3] },
    },
    { shapes: [[4], [4]], attributes: { left: [0], right: [0], output: [] } },
    { shapes: [[2], [3]], attributes: { left: [0], right: [1], output: [1, 0] } },
    { shapes: [[2, 3], [4]], attributes: { left: [0, 1], right: [2], output: [0, 2] } },
  ],
};

function labelSizes(
  a: Shape,
  left: readonly number[],
  b: Shape,
  right: readonly number[],
): Map<number, number> {
  const sizes = new Map<number, number>();
  const visit = (shape: Shape, labels: readonly number[]) => {
    if (labels.length !== shape.length || new Set(labels).size !== labels.length) {
      throw new ShapeError(`${showShape(labels)} does not label the axes of ${showShape(shape)}`);
    }
    shape.forEach((size, i) => {
      const label = labels[i] ?? -1;
      const known = sizes.get(label);
      if (known !== undefined && known !== size)
        throw new ShapeError(`${known} and ${size} are summed over together`);
      sizes.set(label, size);
    });
  };
  visit(a, left);
  visit(b, right);
  return sizes;
}
