// The language's tensor arithmetic: shapes are per example, the batch is a hidden first axis, and operands are aligned by axis names if
// they have them, else from the right. The results are graph nodes with explicit broadcasts.
import { elementCount, showShape } from '../../runtime/tensor.ts';
import { fail } from '../../diagnostics/diagnostic.ts';
import type { Node, Shape } from '../../ir/graph/type.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import { joinMisfit } from './misfits.ts';
import { originOf, originsOf } from './places.ts';
import { tooLarge } from './size-limit.ts';
import { exampleShape, type Generator, type Label, type TensorValue } from './values.ts';

/** An axis of a tensor: a position in its per-example shape, or the batch. */
export type AxisReference = number | 'batch';

/** An operand of an einsum, with a label for each per-example axis: equal labels are the same index. */
export interface EinsumOperand {
  readonly value: TensorValue;
  readonly labels: readonly number[];
}

export class Tensors {
  private sites = 0;

  constructor(
    readonly builder: GraphBuilder,
    /** Examples in a compiled batch. */
    readonly batch: number,
  ) {}

  of(node: Node, batched: boolean, labels?: readonly Label[], limit?: number): TensorValue {
    const excess = tooLarge('a value', node.shape);
    if (excess) fail('shape.too-large', undefined, excess);
    const rank = node.shape.length - (batched ? 1 : 0);
    return {
      kind: 'tensor',
      node,
      batched,
      labels: labels ?? Array.from({ length: rank }, () => undefined),
      ...(limit !== undefined && { limit }),
    };
  }

  unary(operation: string, x: TensorValue): TensorValue {
    return this.of(this.builder.apply(operation, [x.node]), x.batched, x.labels);
  }

  /** An element-wise primitive; numbers are broadcast to the operands' common shape. */
  elementwise(
    operation: string,
    operands: readonly (TensorValue | number)[],
    symbol = operation,
  ): TensorValue {
    const tensors = operands.filter((operand) => typeof operand !== 'number');
    const common = this.commonShape(tensors, symbol);
    const full = this.full(common);
    const nodes = operands.map((operand) =>
      typeof operand === 'number' ? this.builder.constant(operand, full) : this.spread(operand, common),
    );
    const [a, b] = nodes;
    const node =
      a && b && nodes.length === 2 ? this.simple(operation, a, b) : this.builder.apply(operation, nodes);
    return this.of(node, common.batched, common.labels);
  }

  /** Whether a tensor can be broadcast to a shape. */
  linesUp(x: TensorValue, shape: Shape, labels: readonly Label[]): boolean {
    const own = exampleShape(x);
    const targets = alignAxes(x.labels, own, labels, shape);
    return own.every((size, i) => (targets[i] ?? -1) >= 0 && (size === 1 || size === shape[targets[i] ?? 0]));
  }

  /** Broadcasts a tensor to a compatible shape. */
  broadcastTo(x: TensorValue, shape: Shape, labels: readonly Label[], batched: boolean): TensorValue {
    return this.of(this.spread(x, { shape, labels, batched }), batched, labels);
  }

  /** Sums, maxima or argmaxima over axes, which are dropped or, with `keep`, kept with size 1. */
  reduce(
    operation: 'sum' | 'max' | 'argmax',
    x: TensorValue,
    axes: readonly AxisReference[],
    keep: boolean,
  ): TensorValue {
    const offset = x.batched ? 1 : 0;
    const positions = axes.map((axis) => (axis === 'batch' ? 0 : axis + offset));
    const overBatch = axes.includes('batch');
    const unique = [...new Set(positions)].sort((a, b) => a - b);
    const reduced =
      unique.length === 0 && operation !== 'argmax'
        ? x.node
        : this.builder.apply(operation, [x.node], { axes: unique });
    const batched = x.batched && !overBatch;
    const kept = x.labels.filter((_, i) => !axes.includes(i));
    const limit = operation === 'argmax' ? this.countOver(x, axes) : undefined;
    if (!keep) return this.of(reduced, batched, kept, limit);
    const shape = exampleShape(x).map((size, i) => (axes.includes(i) ? 1 : size));
    return this.of(
      this.builder.reshape(reduced, batched ? [this.batch, ...shape] : shape),
      batched,
      x.labels,
      limit,
    );
  }

  /** The number of elements that a reduction over the axes combines. */
  countOver(x: TensorValue, axes: readonly AxisReference[]): number {
    const shape = exampleShape(x);
    return [...new Set(axes)].reduce<number>(
      (count, axis) => count * (axis === 'batch' ? (x.batched ? this.batch : 1) : (shape[axis] ?? 1)),
      1,
    );
  }

  /**
   * The matrix product of the last two axes (a vector is a row on the left and a column on the right); shapes are compatible
   * (misfits.ts).
   */
  matmul(a: TensorValue, b: TensorValue): TensorValue {
    const [left, right] = [exampleShape(a), exampleShape(b)];
    // Labels of the einsum: 0 the batch, 1 the summed axis, 2 and 3 the matrices' own, from 4 the leading axes.
    const leading = Math.max(left.length - 2, 0);
    const rightLeading = Math.max(right.length - 2, 0);
    const leftLabels: number[] = [
      ...Array.from({ length: leading }, (_, i) => 4 + i),
      ...(left.length > 1 ? [2] : []),
      1,
    ];
    const shared = rightLeading === 0 ? 0 : Math.min(leading, rightLeading);
    const rightLabels = [
      ...Array.from({ length: rightLeading }, (_, i) => {
        const fromEnd = rightLeading - i;
        return fromEnd <= shared ? 4 + leading - fromEnd : 100 + i;
      }),
      1,
      ...(right.length > 1 ? [3] : []),
    ];
    const output = [
      ...rightLabels.filter((label) => label >= 100),
      ...leftLabels.filter((label) => label >= 4),
      ...(left.length > 1 ? [2] : []),
      ...(right.length > 1 ? [3] : []),
    ];
    return this.contract({ value: a, labels: leftLabels }, { value: b, labels: rightLabels }, output);
  }

  /** An einsum over per-example axes; label 0 is reserved for the batch. An axis of the result keeps its name from an operand. */
  contract(left: EinsumOperand, right: EinsumOperand, output: readonly number[]): TensorValue {
    const [a, b] = [left.value, right.value];
    const batched = a.batched || b.batched;
    const node = this.builder.contract(
      a.node,
      a.batched ? [0, ...left.labels] : left.labels,
      b.node,
      b.batched ? [0, ...right.labels] : right.labels,
      batched ? [0, ...output] : output,
    );
    const names = new Map<number, Label>(left.labels.map((label, i) => [label, a.labels[i]]));
    right.labels.forEach((label, i) => names.set(label, names.get(label) ?? b.labels[i]));
    return this.of(
      node,
      batched,
      output.map((label) => names.get(label)),
    );
  }

  transpose(x: TensorValue, permutation: readonly number[]): TensorValue {
    const full = x.batched ? [0, ...permutation.map((axis) => axis + 1)] : permutation;
    return this.of(
      this.builder.transpose(x.node, full),
      x.batched,
      permutation.map((axis) => x.labels[axis]),
      x.limit,
    );
  }

  reshape(x: TensorValue, shape: Shape, labels?: readonly Label[]): TensorValue {
    const from = exampleShape(x);
    if (elementCount(from) !== elementCount(shape)) {
      const args = {
        from: showShape(from),
        to: showShape(shape),
        have: elementCount(from),
        want: elementCount(shape),
      };
      fail('shape.reshape', undefined, args, { related: originOf(x) });
    }
    return this.of(
      this.builder.reshape(x.node, x.batched ? [this.batch, ...shape] : shape),
      x.batched,
      labels,
      x.limit,
    );
  }

  /** The elements from `start` (inclusive) to `end` (exclusive) along one axis. */
  slice(x: TensorValue, axis: number, start: number, end: number, stride = 1): TensorValue {
    const full = x.node.shape;
    const position = axis + (x.batched ? 1 : 0);
    const node = this.builder.apply('slice', [x.node], {
      starts: full.map((_, i) => (i === position ? start : 0)),
      limits: full.map((size, i) => (i === position ? end : size)),
      strides: full.map((_, i) => (i === position ? stride : 1)),
    });
    return this.of(node, x.batched, x.labels, x.limit);
  }

  concat(parts: readonly TensorValue[], axis: number): TensorValue {
    const [first] = parts;
    if (!first) throw new Error('concat of nothing');
    const batched = parts.some((part) => part.batched);
    const shapes = parts.map(exampleShape);
    for (const [i, shape] of shapes.entries()) {
      const reason = joinMisfit(shapes[0] ?? [], shape, axis);
      if (reason === undefined) continue;
      const args = { shapes: `${showShape(shapes[0] ?? [])} and ${showShape(shape)}`, axis, reason };
      fail('shape.concat', undefined, args, { related: originsOf([first, parts[i] ?? first]) });
    }
    const nodes = parts.map((part, i) =>
      this.spread(part, { shape: shapes[i] ?? [], labels: part.labels, batched }),
    );
    const labels = first.labels.map((label, i) => label ?? parts.find((part) => part.labels[i])?.labels[i]);
    return this.of(this.builder.apply('concat', nodes, { axis: axis + (batched ? 1 : 0) }), batched, labels);
  }

  /** A unary primitive with attributes that refer to axes of the full shape. */
  attributed(
    operation: string,
    x: TensorValue,
    attributes: Record<string, number | readonly number[]>,
  ): TensorValue {
    return this.of(this.builder.apply(operation, [x.node], attributes), x.batched);
  }

  /** Uniform random numbers in [0, 1), new at each step, of a tensor's shape. */
  random(like: TensorValue): TensorValue {
    const elements = elementCount(like.node.shape);
    const grouped = (numbers: number) => numbers.toLocaleString('en-US');
    if (elements > 2 ** 24)
      fail('random.too-many', undefined, { elements: grouped(elements), limit: grouped(2 ** 24) });
    const node = this.builder.apply('random', [], { site: this.sites++, shape: like.node.shape });
    return this.of(node, like.batched, like.labels);
  }

  /** A generator with explicit dimensions, as a tensor of the graph. */
  generate(generator: Generator): TensorValue {
    switch (generator.kind) {
      case 'fill': {
        const dimensions = generator.dimensions ?? [];
        const shape = dimensions.map(({ size }) => size);
        const labels = dimensions.map(({ label }) => label);
        return this.of(this.builder.constant(generator.value, shape), false, labels);
      }
      case 'iota':
      case 'eye': {
        if (!generator.dimensions) break;
        const shape = generator.dimensions.map(({ size }) => size);
        const labels = generator.dimensions.map(({ label }) => label);
        const along = (axis: number) => this.builder.apply('iota', [], { shape, axis });
        const node = generator.kind === 'iota' ? along(0) : this.builder.equal(along(0), along(1));
        return this.of(node, false, labels);
      }
      case 'unary':
        return this.unary(generator.function, this.generate(generator.operand));
      case 'binary': {
        const operand = (side: Generator) =>
          side.kind === 'fill' && !side.dimensions ? side.value : this.generate(side);
        return this.elementwise(operations[generator.operator], [
          operand(generator.left),
          operand(generator.right),
        ]);
      }
      case 'normal':
      case 'uniform':
      case 'orthogonal':
        break;
    }
    return fail('value.generator', undefined, {});
  }

  private simple(operation: string, a: Node, b: Node): Node {
    switch (operation) {
      case 'add':
        return this.builder.add(a, b);
      case 'subtract':
        return this.builder.subtract(a, b);
      case 'multiply':
        return this.builder.multiply(a, b);
      case 'divide':
        return this.builder.divide(a, b);
      case 'power':
        return this.builder.power(a, b);
      default:
        return this.builder.apply(operation, [a, b]);
    }
  }

  private full(common: { readonly shape: Shape; readonly batched: boolean }): Shape {
    return common.batched ? [this.batch, ...common.shape] : common.shape;
  }

  private commonShape(tensors: readonly TensorValue[], symbol: string): CommonShape {
    const [widest] = [...tensors].sort((a, b) => b.labels.length - a.labels.length);
    if (!widest) return { shape: [], labels: [], batched: false };
    const shape = [...exampleShape(widest)];
    const labels = [...widest.labels];
    for (const tensor of tensors) {
      const own = exampleShape(tensor);
      const targets = alignAxes(tensor.labels, own, widest.labels, exampleShape(widest));
      own.forEach((size, i) => {
        const target = targets[i] ?? 0;
        const known = shape[target] ?? 0;
        if (known === 1) shape[target] = size;
        else if (size !== 1 && size !== known) {
          refuseOperands(symbol, tensors, widest, tensor, [known, size]);
        }
        labels[target] ??= tensor.labels[i];
      });
    }
    return { shape, labels, batched: tensors.some((tensor) => tensor.batched) };
  }

  private spread(x: TensorValue, common: CommonShape): Node {
    const own = exampleShape(x);
    const targets = alignAxes(x.labels, own, common.labels, common.shape);
    const kept = own.flatMap((size, i) => (size === 1 && common.shape[targets[i] ?? 0] !== 1 ? [] : [i]));
    const base = x.batched ? [this.batch] : [];
    const squeezed = this.builder.reshape(x.node, [...base, ...kept.map((i) => own[i] ?? 1)]);
    const offset = common.batched ? 1 : 0;
    const axes = [...(x.batched ? [0] : []), ...kept.map((i) => (targets[i] ?? 0) + offset)];
    return this.builder.broadcast(squeezed, this.full(common), axes);
  }
}

/** Reports two operands whose sizes differ along an axis, in the order of the text. */
function refuseOperands(
  operator: string,
  operands: readonly TensorValue[],
  widest: TensorValue,
  other: TensorValue,
  sizes: readonly [number, number],
): never {
  const swapped = operands.indexOf(other) < operands.indexOf(widest) !== operator.startsWith('>');
  const [first, second] = swapped ? [other, widest] : [widest, other];
  const [leftSize, rightSize] = swapped ? [sizes[1], sizes[0]] : sizes;
  const [left, right] = [showShape(exampleShape(first)), showShape(exampleShape(second))];
  const related = originsOf([first, second]);
  return fail('shape.operands', undefined, { operator, left, right, leftSize, rightSize }, { related });
}

interface CommonShape {
  readonly shape: Shape;
  readonly labels: readonly Label[];
  readonly batched: boolean;
}

const operations = { '+': 'add', '-': 'subtract', '*': 'multiply', '/': 'divide', '^': 'power' } as const;

/**
 * For each axis of the narrower operand, the aligned axis of the wider one: by name if every axis of the narrower has a name that the
 * wider has once, in the same order and size; else from the right.
 */
function alignAxes(
  own: readonly Label[],
  ownShape: Shape,
  wide: readonly Label[],
  wideShape: Shape,
): number[] {
  const fromRight = own.map((_, i) => wide.length - own.length + i);
  if (own.length === wide.length) return fromRight;
  const byName = own.map((label) => (label === undefined ? -1 : wide.indexOf(label)));
  const named = byName.every(
    (axis, i) =>
      axis >= 0 &&
      wide.lastIndexOf(own[i]) === axis &&
      axis > (byName[i - 1] ?? -1) &&
      (wideShape[axis] === ownShape[i] || ownShape[i] === 1),
  );
  return named ? byName : fromRight;
}
