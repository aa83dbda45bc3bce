// Rules of the primitives that only move elements: views of views become one view, views of constants constants, and views that keep the
// order of the elements reshapes, which cost nothing.
import type { Node, Shape } from '../../ir/graph/type.ts';
import { equalShapes, sizesAt } from '../../ops/shapes.ts';
import { attributesOf, constantOf, operandOf, ownAttributes, type Rule, type RuleTable } from './rule.ts';
import { elementCount } from '../../runtime/tensor.ts';

/** broadcast c → c, broadcast (broadcast x) and broadcast (transpose x) → broadcast x */
const broadcastOfView: Rule = (candidate, emit) => {
  const { shape, axes } = ownAttributes(candidate, 'broadcast');
  const [x] = candidate.inputs;
  const value = constantOf(x);
  if (value !== undefined) return emit.constant(value, shape);
  const inner = attributesOf(x, 'broadcast');
  const source = operandOf(emit, x, 'broadcast');
  if (inner && source)
    return emit.broadcast(
      source,
      shape,
      inner.axes.map((axis) => axes[axis] ?? 0),
    );
  const turned = attributesOf(x, 'transpose');
  const straight = operandOf(emit, x, 'transpose');
  if (!turned || !straight) return undefined;
  return emit.broadcast(
    straight,
    shape,
    straight.shape.map((_, axis) => axes[turned.permutation.indexOf(axis)] ?? 0),
  );
};

/** A broadcast that repeats nothing → a transpose, a reshape or x itself */
const broadcastOfNothing: Rule = (candidate, emit) => {
  const { shape, axes } = ownAttributes(candidate, 'broadcast');
  const [x] = candidate.inputs;
  if (!x || elementCount(x.shape) !== elementCount(shape)) return undefined;
  const order = axes.map((_, i) => i).sort((a, b) => (axes[a] ?? 0) - (axes[b] ?? 0));
  return emit.reshape(emit.transpose(x, order), shape);
};

/** reshape c → c, reshape (reshape x) → reshape x, reshape (broadcast of one element) → broadcast */
const reshapeOfView: Rule = (candidate, emit) => {
  const { shape } = ownAttributes(candidate, 'reshape');
  const [x] = candidate.inputs;
  if (!x || equalShapes(x.shape, shape)) return x;
  const value = constantOf(x);
  if (value !== undefined) return emit.constant(value, shape);
  const inner = operandOf(emit, x, 'reshape');
  if (inner) return emit.reshape(inner, shape);
  const source = operandOf(emit, x, 'broadcast');
  if (source && elementCount(source.shape) === 1) return emit.broadcast(emit.reshape(source, []), shape, []);
  return undefined;
};

/** transpose c → c, transpose (transpose x) → transpose x, transpose (broadcast x) → broadcast x */
const transposeOfView: Rule = (candidate, emit) => {
  const { permutation } = ownAttributes(candidate, 'transpose');
  const [x] = candidate.inputs;
  if (!x) return undefined;
  const shape = sizesAt(x.shape, permutation);
  const value = constantOf(x);
  if (value !== undefined) return emit.constant(value, shape);
  const turned = attributesOf(x, 'transpose');
  const straight = operandOf(emit, x, 'transpose');
  if (turned && straight)
    return emit.transpose(
      straight,
      permutation.map((axis) => turned.permutation[axis] ?? 0),
    );
  const spread = attributesOf(x, 'broadcast');
  const source = operandOf(emit, x, 'broadcast');
  if (spread && source)
    return emit.broadcast(
      source,
      shape,
      spread.axes.map((axis) => permutation.indexOf(axis)),
    );
  return undefined;
};

/** A transpose that moves only axes of size 1 → a reshape */
const transposeOfNothing: Rule = (candidate, emit) => {
  const { permutation } = ownAttributes(candidate, 'transpose');
  const [x] = candidate.inputs;
  const long = permutation.filter((axis) => (x?.shape[axis] ?? 1) > 1);
  const inOrder = long.every((axis, i) => i === 0 || axis > (long[i - 1] ?? 0));
  return x && inOrder ? emit.reshape(x, sizesAt(x.shape, permutation)) : undefined;
};

/** A slice of everything → x, slice c → c, slice (slice x) → slice x */
const sliceOfView: Rule = (candidate, emit) => {
  const { starts, limits, strides } = ownAttributes(candidate, 'slice');
  const [x] = candidate.inputs;
  if (!x) return undefined;
  const shape = x.shape.map((_, i) => Math.ceil(((limits[i] ?? 0) - (starts[i] ?? 0)) / (strides[i] ?? 1)));
  if (equalShapes(x.shape, shape)) return x;
  const value = constantOf(x);
  if (value !== undefined) return emit.constant(value, shape);
  const inner = attributesOf(x, 'slice');
  const source = operandOf(emit, x, 'slice');
  if (!inner || !source) return undefined;
  const first = starts.map((start, i) => (inner.starts[i] ?? 0) + start * (inner.strides[i] ?? 1));
  const steps = strides.map((stride, i) => stride * (inner.strides[i] ?? 1));
  const ends = shape.map((size, i) => (first[i] ?? 0) + (size - 1) * (steps[i] ?? 1) + 1);
  return emit.apply('slice', [source], { starts: first, limits: ends, strides: steps });
};

/** A slice of a concat within one of its parts → a slice of that part */
const sliceOfConcat: Rule = (candidate, emit) => {
  const { starts, limits, strides } = ownAttributes(candidate, 'slice');
  const [x] = candidate.inputs;
  const axis = attributesOf(x, 'concat')?.axis;
  if (!x || axis === undefined) return undefined;
  let offset = 0;
  for (const part of x.inputs.map((id) => emit.node(id))) {
    const [start, limit] = [(starts[axis] ?? 0) - offset, (limits[axis] ?? 0) - offset];
    const size = part.shape[axis] ?? 0;
    if (start >= 0 && limit <= size) {
      const within = (all: readonly number[], own: number) => all.map((each, i) => (i === axis ? own : each));
      return emit.apply('slice', [part], {
        starts: within(starts, start),
        limits: within(limits, limit),
        strides,
      });
    }
    offset += size;
  }
  return undefined;
};

/** A pad of nothing → x; padding a constant with itself → the constant */
const padOfNothing: Rule = (candidate, emit) => {
  const { low, high, interior, value } = ownAttributes(candidate, 'pad');
  const [x] = candidate.inputs;
  if (!x) return undefined;
  const shape = x.shape.map(
    (size, i) => (low[i] ?? 0) + (high[i] ?? 0) + size + (size - 1) * (interior[i] ?? 0),
  );
  if (equalShapes(x.shape, shape)) return x;
  return constantOf(x) === value ? emit.constant(value, shape) : undefined;
};

/** A concat of one → it; a concat of equal constants → a constant */
const concatOfOne: Rule = (candidate, emit) => {
  const { axis } = ownAttributes(candidate, 'concat');
  const [first, ...others] = candidate.inputs;
  if (!first || others.length === 0) return first;
  const value = constantOf(first);
  if (value === undefined || others.some((other) => constantOf(other) !== value)) return undefined;
  const joined = candidate.inputs.reduce((total, { shape }) => total + (shape[axis] ?? 0), 0);
  return emit.constant(
    value,
    first.shape.map((size, i) => (i === axis ? joined : size)),
  );
};

/** concat (concat a b) c → concat a b c */
const concatOfConcat: Rule = (candidate, emit) => {
  const { axis } = ownAttributes(candidate, 'concat');
  const inner = candidate.inputs.map((input) => attributesOf(input, 'concat')?.axis === axis);
  if (!inner.includes(true)) return undefined;
  const parts = candidate.inputs.flatMap((input, i) =>
    inner[i] ? input.inputs.map((id) => emit.node(id)) : input,
  );
  return emit.apply('concat', parts, { axis });
};

/** pad x + pad y → pad (concat x y), where the two are adjacent: the gradient of a split simplifies to it */
const addOfPads: Rule = ({ inputs: [a, b] }, emit) => {
  const join = (first: Node, second: Node) => {
    const [p, q] = [attributesOf(first, 'pad'), attributesOf(second, 'pad')];
    const [x, y] = [operandOf(emit, first, 'pad'), operandOf(emit, second, 'pad')];
    if (!p || !q || !x || !y || p.value !== 0 || q.value !== 0) return undefined;
    if ([...p.interior, ...q.interior].some((gap) => gap > 0)) return undefined;
    const differing = p.low.flatMap((low, i) => (low === q.low[i] && p.high[i] === q.high[i] ? [] : [i]));
    const [axis = -1] = differing;
    if (differing.length !== 1 || (p.low[axis] ?? 0) + (x.shape[axis] ?? 0) !== q.low[axis]) return undefined;
    const joined = emit.apply('concat', [x, y], { axis });
    return emit.apply('pad', [joined], { low: p.low, high: q.high, interior: p.interior, value: 0 });
  };
  return a && b && (join(a, b) ?? join(b, a));
};

/** reverse along axes of size 1 → x, reverse c → c, reverse (reverse x) → the axes that only one of them reverses */
const reverseOfView: Rule = (candidate, emit) => {
  const { axes } = ownAttributes(candidate, 'reverse');
  const [x] = candidate.inputs;
  if (!x || constantOf(x) !== undefined) return x;
  const long = longAxes(x, axes);
  const inner = attributesOf(x, 'reverse')?.axes ?? [];
  const source = operandOf(emit, x, 'reverse') ?? x;
  const once = [
    ...long.filter((axis) => !inner.includes(axis)),
    ...inner.filter((axis) => !long.includes(axis)),
  ];
  if (source === x && long.length === axes.length && axes.length > 0) return undefined;
  return once.length === 0 ? source : emit.apply('reverse', [source], { axes: once.sort((a, b) => a - b) });
};

function longAxes({ shape }: { readonly shape: Shape }, axes: readonly number[]): readonly number[] {
  return axes.filter((axis) => (shape[axis] ?? 1) > 1);
}

export const viewRules = {
  broadcast: [broadcastOfView, broadcastOfNothing],
  reshape: [reshapeOfView],
  transpose: [transposeOfView, transposeOfNothing],
  slice: [sliceOfView, sliceOfConcat],
  pad: [padOfNothing],
  concat: [concatOfOne, concatOfConcat],
  add: [addOfPads],
  reverse: [reverseOfView],
} satisfies RuleTable;
