// A small graph drawn from a list of choices, with gradients, whose values stay tame (no poles, no overflow).
import { GraphBuilder } from '../../src/graph/builder.ts';
import { differentiate } from '../../src/graph/differentiate.ts';
import type { Graph, Node, Shape } from '../../src/ir/graph/type.ts';
import { unaryNames } from '../../src/ir/scalar.ts';
import type { UnaryFunction } from '../../src/runtime/unary-functions.ts';
import { equalShapes } from '../../src/ops/shapes.ts';
import { numbersFrom, tensorOf } from '../ops/tensors.ts';
import { elementCount } from '../../src/runtime/tensor.ts';

const leaves: Readonly<Record<string, Shape>> = { a: [2, 3], b: [3], c: [], d: [3, 4], e: [2, 1, 3] };
/** Smooth, and no pole or overflow near. */
const isTame: { readonly [F in UnaryFunction]: boolean } = {
  negate: true,
  exp: false,
  log: false,
  sqrt: false,
  tanh: true,
  sigmoid: true,
  softplus: true,
  erf: true,
  sin: true,
  cos: true,
  abs: false,
  sign: false,
  floor: false,
  atan: true,
  sinh: false,
  cosh: false,
  log1p: false,
  expm1: false,
  round: false,
};
const unary = unaryNames.filter((name) => isTame[name]);
const binary = ['add', 'subtract', 'multiply'];
const constants = [0, 1, -1, 2, -0.5];

export function randomGraph(choices: readonly number[]): {
  readonly graph: Graph;
  readonly given: Readonly<Record<string, readonly number[]>>;
} {
  const builder = new GraphBuilder('random');
  const inputs = Object.entries(leaves).map(([name, shape]) => builder.input(name, 'input', shape));
  const nodes = [...inputs];
  let position = 0;
  const choose = (count: number) => (choices[position++ % choices.length] ?? 0) % count;
  const any = <T>(list: readonly T[]): T => {
    const chosen = list[choose(list.length)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  };
  const axesOf = (node: Node) => node.shape.map((_, axis) => axis);
  const small = (node: Node) => elementCount(node.shape) <= 200 && node.shape.length <= 5;

  const makers: readonly (() => Node)[] = [
    () => builder.apply(any(unary), [any(nodes)]),
    () => {
      const a = any(nodes);
      const b = any(nodes.filter((node) => equalShapes(node.shape, a.shape)));
      return builder.apply(any(binary), [a, b]);
    },
    () => {
      const a = any(nodes);
      const condition = builder.less(a, 0.25);
      const scaled = builder.multiply(a, 0.5);
      return any([
        () => builder.select(condition, a, scaled),
        () => builder.select(condition, builder.apply('tanh', [a]), 0),
        () => builder.apply('relu', [a]),
      ])();
    },
    () => {
      const a = any(nodes);
      const axis = choose(Math.max(a.shape.length, 1));
      if (a.shape.length === 0) return builder.exp(builder.apply('sin', [a]));
      const rows = builder.sum(builder.multiply(a, a), [axis]);
      const root = builder.sqrt(builder.add(rows, 1));
      const kept = axesOf(a).filter((other) => other !== axis);
      return any([
        () => builder.divide(a, builder.broadcast(root, a.shape, kept)),
        () => builder.multiply(a, builder.broadcast(rows, a.shape, kept)),
        () => builder.subtract(a, builder.broadcast(builder.divide(rows, 2), a.shape, kept)),
        () => builder.apply('softmax', [a], { axis }),
        () => builder.log(builder.apply('softmax', [a], { axis })),
        () => builder.apply('cumulative_sum', [a], { axis }),
        () => builder.apply('concat', [a, builder.apply('reverse', [a], { axes: [axis] })], { axis }),
        () => builder.apply('max', [a], { axes: [axis] }),
      ])();
    },
    () => {
      const a = any(nodes);
      const axes = axesOf(a)
        .filter(() => choose(2) === 0)
        .slice(0, 2);
      const sizes = axes.map((axis) => 1 + choose(Math.min(a.shape[axis] ?? 1, 3)));
      const strides = sizes.map((size) => any([1, size, 2]));
      const padding = axes.map(() => choose(2));
      const geometry = { axes, sizes, strides, dilations: axes.map(() => 1), low: padding, high: padding };
      return builder.apply('windows', [a], { ...geometry, value: 0 });
    },
    () => {
      const a = any(nodes);
      const operands = [a, builder.constant(any(constants), a.shape)];
      return builder.apply(any(binary), choose(2) === 0 ? operands : operands.toReversed());
    },
    () => builder.divide(any(nodes), any([2, -4, 1])),
    () => builder.power(any(nodes), any([0, 1, 2, 3])),
    () => {
      const a = any(nodes);
      return builder.sum(
        a,
        axesOf(a).filter(() => choose(2) === 0),
      );
    },
    () => {
      const a = any(nodes.filter(small));
      const place = choose(a.shape.length + 1);
      const axes = axesOf(a).map((axis) => (axis < place ? axis : axis + 1));
      return builder.broadcast(a, a.shape.toSpliced(place, 0, any([1, 2, 3])), axes);
    },
    () => {
      const a = any(nodes);
      const permutation = axesOf(a).sort((i, j) => choose(3) - 1 || i - j);
      return builder.transpose(a, permutation);
    },
    () => {
      const a = any(nodes);
      return builder.reshape(a, any([[elementCount(a.shape)], [...a.shape, 1], [1, ...a.shape]]));
    },
    () => {
      const a = any(nodes);
      const starts = a.shape.map((size) => choose(size));
      const strides = a.shape.map(() => 1 + choose(2));
      return builder.apply('slice', [a], { starts, limits: a.shape, strides });
    },
    () => {
      const a = any(nodes.filter(small));
      const low = a.shape.map(() => choose(2));
      return builder.apply('pad', [a], { low, high: a.shape.map(() => choose(2)), interior: low, value: 0 });
    },
    () => {
      const [a, b] = [any(nodes), any(nodes)];
      const left = axesOf(a);
      const right = b.shape.map((size, axis) => {
        const shared = left.filter((label) => a.shape[label] === size && label >= axis);
        return shared.length > 0 && choose(3) > 0 ? any(shared) : 10 + axis;
      });
      const labels = right.map((label, i) => (right.indexOf(label) === i ? label : 20 + i));
      const output = [...new Set([...left, ...labels])].filter(() => choose(2) === 0);
      return builder.contract(a, left, b, labels, output.reverse());
    },
  ];
  while (position < choices.length) {
    const node = any(makers)();
    if (small(node)) nodes.push(builder.apply('tanh', [node]), node);
  }

  const parts = nodes
    .slice(inputs.length)
    .map((node) => builder.sum(builder.apply('tanh', [node]), axesOf(node)));
  const loss = parts.reduce((total, part) => builder.add(total, part), builder.constant(0.5, []));
  const wrt = inputs.map(({ id }) => id);
  const { graph, gradients } = differentiate(builder.finish(), loss.id, wrt);
  const next = new GraphBuilder('random', graph);
  next.output('loss', loss);
  inputs.forEach((input) =>
    next.output(`d_${String(input.attributes['name'])}`, next.node(gradients.get(input.id) ?? -1)),
  );
  const random = numbersFrom(choices.reduce((sum, choice) => (sum * 31 + choice) | 0, 7));
  const given = Object.entries(leaves).map(
    ([name, shape]) => [name, tensorOf(shape, () => 2 * random() - 1).data] as const,
  );
  return { graph: next.finish(), given: Object.fromEntries(given) };
}
