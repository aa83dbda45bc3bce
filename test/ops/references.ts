// What each primitive should give, written apart from its lowering: straight from the definition, index by index.
import type { Shape } from '../../src/ir/graph/type.ts';
import type { AttributesOf, OperationName } from '../../src/ops/table.ts';
import { randomKey, uniform } from '../../src/runtime/random.ts';
import { elementAt, indices, tensorOf, type Tensor } from './tensors.ts';

type Reference<K extends OperationName> = (
  inputs: readonly Tensor[],
  attributes: AttributesOf<K>,
  shape: Shape,
) => Tensor;
type Leaf = 'input' | 'stored';

/** A primitive without a reference does not type-check. */
export type References = { readonly [K in Exclude<OperationName, Leaf>]: Reference<K> };

const nothing: Tensor = { shape: [], data: [0] };

const elementwise =
  (fn: (a: number, b: number, c: number) => number) =>
  ([a = nothing, b = a, c = a]: readonly Tensor[]): Tensor =>
    tensorOf(a.shape, (index) => fn(elementAt(a, index), elementAt(b, index), elementAt(c, index)));

/** The reference of each element-wise primitive, for numbers of any kind. */
export const scalars = {
  negate: (a: number) => 0 - a,
  exp: (a: number) => Math.E ** a,
  log: (a: number) => Math.log2(a) / Math.LOG2E,
  sqrt: (a: number) => a ** 0.5,
  tanh: (a: number) => (a > 20 ? 1 : a < -20 ? -1 : (Math.exp(2 * a) - 1) / (Math.exp(2 * a) + 1)),
  sigmoid: (a: number) => (1 + Math.tanh(a / 2)) / 2,
  relu: (a: number) => (a < 0 ? 0 : a),
  softplus: (a: number) => (a > 40 ? a : Math.log1p(Math.exp(a))),
  erf: (a: number) => erfByIntegral(a),
  sin: (a: number) => Math.cos(a - Math.PI / 2),
  cos: (a: number) => 1 - 2 * Math.sin(a / 2) ** 2,
  abs: (a: number) => (a < 0 ? -a : a),
  sign: (a: number) => (a > 0 ? 1 : a < 0 ? -1 : a),
  floor: (a: number) => (Math.trunc(a) > a ? Math.trunc(a) - 1 : Math.trunc(a)),
  atan: (a: number) => Math.atan2(a, 1),
  sinh: (a: number) => (Math.exp(a) - Math.exp(-a)) / 2,
  cosh: (a: number) => (Math.exp(a) + Math.exp(-a)) / 2,
  log1p: (a: number) => Math.log(1 + a),
  expm1: (a: number) => Math.exp(a) - 1,
  round: (a: number) => {
    const [down, rest] = [Math.floor(a), a - Math.floor(a)];
    return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
  },
  stop_gradient: (a: number) => a,
  add: (a: number, b: number) => a - -b,
  subtract: (a: number, b: number) => a + -b,
  multiply: (a: number, b: number) => a * b,
  divide: (a: number, b: number) => a / b,
  power: (a: number, b: number) => Math.pow(a, b),
  maximum: (a: number, b: number) => (Number.isNaN(a) || a > b ? a : b),
  minimum: (a: number, b: number) => (Number.isNaN(a) || a < b ? a : b),
  less: (a: number, b: number) => Number(a < b),
  less_equal: (a: number, b: number) => Number(a <= b),
  equal: (a: number, b: number) => Number(a === b),
  select: (condition: number, a: number, b: number) => (condition === 0 ? b : a),
} as const;

/** 2/√π · ∫₀ˣ exp(−t²) dt, by Simpson's rule */
function erfByIntegral(x: number): number {
  if (Number.isNaN(x)) return x;
  const end = Math.min(Math.max(x, -7), 7);
  const steps = 2000;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-(((end * i) / steps) ** 2));
  }
  return ((2 / Math.sqrt(Math.PI)) * sum * end) / (3 * steps);
}

const without = <T>(list: readonly T[], axes: readonly number[]) =>
  list.filter((_, axis) => !axes.includes(axis));

/** The index in x of position `inner` along the axes and `outer` along the others. */
function join(rank: number, axes: readonly number[], inner: readonly number[], outer: readonly number[]) {
  const rest = [...outer];
  return Array.from({ length: rank }, (_, axis) =>
    axes.includes(axis) ? (inner[axes.indexOf(axis)] ?? 0) : (rest.shift() ?? 0),
  );
}

const rows =
  (reduce: (values: readonly number[]) => number) =>
  ([x = nothing]: readonly Tensor[], { axes }: { readonly axes: readonly number[] }): Tensor => {
    const inner = indices(axes.map((axis) => x.shape[axis] ?? 1));
    return tensorOf(without(x.shape, axes), (outer) =>
      reduce(inner.map((index) => elementAt(x, join(x.shape.length, axes, index, outer)))),
    );
  };

const along = (x: Tensor, index: readonly number[], axis: number) =>
  Array.from({ length: x.shape[axis] ?? 0 }, (_, k) => elementAt(x, index.with(axis, k)));

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

export const references: References = {
  constant: (_, { value, shape }) => tensorOf(shape, () => value),
  iota: (_, { shape, axis }) => tensorOf(shape, (index) => index[axis] ?? NaN),
  random: (_, { site, shape }) => {
    let next = 0;
    return tensorOf(shape, () => uniform(randomKey(1, 2), site, next++));
  },
  negate: elementwise(scalars.negate),
  exp: elementwise(scalars.exp),
  log: elementwise(scalars.log),
  sqrt: elementwise(scalars.sqrt),
  tanh: elementwise(scalars.tanh),
  sigmoid: elementwise(scalars.sigmoid),
  relu: elementwise(scalars.relu),
  softplus: elementwise(scalars.softplus),
  erf: elementwise(scalars.erf),
  sin: elementwise(scalars.sin),
  cos: elementwise(scalars.cos),
  abs: elementwise(scalars.abs),
  sign: elementwise(scalars.sign),
  floor: elementwise(scalars.floor),
  atan: elementwise(scalars.atan),
  sinh: elementwise(scalars.sinh),
  cosh: elementwise(scalars.cosh),
  log1p: elementwise(scalars.log1p),
  expm1: elementwise(scalars.expm1),
  round: elementwise(scalars.round),
  stop_gradient: elementwise(scalars.stop_gradient),
  add: elementwise(scalars.add),
  subtract: elementwise(scalars.subtract),
  multiply: elementwise(scalars.multiply),
  divide: elementwise(scalars.divide),
  power: elementwise(scalars.power),
  maximum: elementwise(scalars.maximum),
  minimum: elementwise(scalars.minimum),
  less: elementwise(scalars.less),
  less_equal: elementwise(scalars.less_equal),
  equal: elementwise(scalars.equal),
  select: elementwise(scalars.select),
  broadcast: ([x = nothing], { shape, axes }) =>
    tensorOf(shape, (index) =>
      elementAt(
        x,
        axes.map((axis) => index[axis] ?? 0),
      ),
    ),
  reshape: ([x = nothing], { shape }) => ({ shape, data: x.data }),
  transpose: ([x = nothing], { permutation }, shape) =>
    tensorOf(shape, (index) => {
      const source = new Array<number>(index.length).fill(0);
      permutation.forEach((axis, i) => (source[axis] = index[i] ?? 0));
      return elementAt(x, source);
    }),
  slice: ([x = nothing], { starts, limits, strides }) => {
    const chosen = indices(x.shape).filter((index) =>
      index.every((i, axis) => {
        const offset = i - (starts[axis] ?? 0);
        return offset >= 0 && i < (limits[axis] ?? 0) && offset % (strides[axis] ?? 1) === 0;
      }),
    );
    const shape = x.shape.map((_, axis) => new Set(chosen.map((index) => index[axis])).size);
    return { shape, data: chosen.map((index) => elementAt(x, index)) };
  },
  pad: ([x = nothing], { low, interior, value }, shape) => {
    const places = new Map(
      indices(x.shape).map((index) => [
        index.map((i, axis) => (low[axis] ?? 0) + i * (1 + (interior[axis] ?? 0))).join(),
        elementAt(x, index),
      ]),
    );
    return tensorOf(shape, (index) => places.get(index.join()) ?? value);
  },
  concat: (inputs, { axis }, shape) => {
    const [first = nothing] = inputs;
    if (axis === 0) return { shape, data: inputs.flatMap(({ data }) => data) };
    const blocks = indices(first.shape.slice(0, axis)).length;
    const data = Array.from({ length: blocks }, (_, block) =>
      inputs.flatMap((x) =>
        x.data.slice((block * x.data.length) / blocks, ((block + 1) * x.data.length) / blocks),
      ),
    );
    return { shape, data: data.flat() };
  },
  reverse: ([x = nothing], { axes }) =>
    tensorOf(x.shape, (index) =>
      elementAt(
        x,
        index.map((i, axis) => (axes.includes(axis) ? (x.shape[axis] ?? 0) - 1 - i : i)),
      ),
    ),
  windows: ([x = nothing], { axes, strides, dilations, low, value }, shape) =>
    tensorOf(shape, (index) => {
      const source = x.shape.map((_, axis) => {
        const k = axes.indexOf(axis);
        if (k < 0) return index[axis] ?? 0;
        const start = (index[axis] ?? 0) * (strides[k] ?? 1) - (low[k] ?? 0);
        return start + (index[x.shape.length + k] ?? 0) * (dilations[k] ?? 1);
      });
      return elementAt(x, source, value);
    }),
  unwindows: ([x = nothing], { axes, strides, dilations, low, shape }) => {
    const sums = new Map<string, number>();
    for (const index of indices(x.shape)) {
      const target = shape.map((_, axis) => {
        const k = axes.indexOf(axis);
        if (k < 0) return index[axis] ?? 0;
        const start = (index[axis] ?? 0) * (strides[k] ?? 1) - (low[k] ?? 0);
        return start + (index[shape.length + k] ?? 0) * (dilations[k] ?? 1);
      });
      sums.set(target.join(), (sums.get(target.join()) ?? 0) + elementAt(x, index));
    }
    return tensorOf(shape, (index) => sums.get(index.join()) ?? 0);
  },
  sum: rows(total),
  max: rows((values) => Math.max(...values)),
  argmax: rows((values) => values.indexOf(Math.max(...values))),
  cumulative_sum: ([x = nothing], { axis }) =>
    tensorOf(x.shape, (index) => total(along(x, index, axis).slice(0, (index[axis] ?? 0) + 1))),
  softmax: ([x = nothing], { axis }) =>
    tensorOf(x.shape, (index) => Math.exp(elementAt(x, index)) / total(along(x, index, axis).map(Math.exp))),
  log_softmax: ([x = nothing], { axis }) =>
    tensorOf(x.shape, (index) => elementAt(x, index) - Math.log(total(along(x, index, axis).map(Math.exp)))),
  contraction: ([a = nothing, b = nothing], { left, right, output }, shape) => {
    const labels = [...new Set([...left, ...right])];
    const sizes = labels.map((label) => a.shape[left.indexOf(label)] ?? b.shape[right.indexOf(label)] ?? 1);
    const sums = new Map<string, number>();
    for (const index of indices(sizes)) {
      const of = (wanted: readonly number[]) => wanted.map((label) => index[labels.indexOf(label)] ?? 0);
      const key = of(output).join();
      sums.set(key, (sums.get(key) ?? 0) + elementAt(a, of(left)) * elementAt(b, of(right)));
    }
    return tensorOf(shape, (index) => sums.get(index.join()) ?? 0);
  },
  one_hot: ([ids = nothing], _, shape) =>
    tensorOf(shape, (index) => Number(elementAt(ids, index.slice(0, -1)) === index.at(-1))),
  gather: ([table = nothing, ids = nothing], _, shape) =>
    tensorOf(shape, (index) => {
      const rank = ids.shape.length;
      return elementAt(table, [elementAt(ids, index.slice(0, rank)), ...index.slice(rank)]);
    }),
  scatter_add: ([ids = nothing, values = nothing], _, shape) =>
    tensorOf(shape, ([v, ...rest]) =>
      total(
        indices(ids.shape)
          .filter((index) => elementAt(ids, index) === v)
          .map((index) => elementAt(values, [...index, ...rest])),
      ),
    ),
};
