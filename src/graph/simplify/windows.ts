// Rules of windows and their transpose: padding absorbed, and windows of one element or windows that tile the input turned into reshapes.
// The latter spares a pooling's gradient the search for the windows that contain an element.
import type { Shape } from '../../ir/graph/type.ts';
import { windowsShape, type WindowGeometry } from '../../ops/windows.ts';
import { attributesOf, constantOf, operandOf, ownAttributes, type Rule, type RuleTable } from './rule.ts';
import { elementCount } from '../../runtime/tensor.ts';

/** windows (pad x) → windows x */
const takePadding: Rule = (candidate, emit) => {
  const outer = ownAttributes(candidate, 'windows');
  const [x] = candidate.inputs;
  const inner = attributesOf(x, 'pad');
  const source = operandOf(emit, x, 'pad');
  if (!inner || !source || inner.interior.some((gap) => gap > 0)) return undefined;
  const padded = [...outer.low, ...outer.high].some((width) => width > 0);
  const elsewhere = source.shape.some(
    (_, i) => !outer.axes.includes(i) && ((inner.low[i] ?? 0) > 0 || (inner.high[i] ?? 0) > 0),
  );
  if (elsewhere || (padded && inner.value !== outer.value)) return undefined;
  return emit.apply('windows', [source], {
    ...outer,
    low: outer.axes.map((axis, k) => (outer.low[k] ?? 0) + (inner.low[axis] ?? 0)),
    high: outer.axes.map((axis, k) => (outer.high[k] ?? 0) + (inner.high[axis] ?? 0)),
    value: inner.value,
  });
};

/** windows c → c, where the padding holds no other value */
const windowsOfConstant: Rule = (candidate, emit) => {
  const attributes = ownAttributes(candidate, 'windows');
  const [x] = candidate.inputs;
  const value = constantOf(x);
  if (!x || value === undefined) return undefined;
  const padded = [...attributes.low, ...attributes.high].some((width) => width > 0);
  return padded && value !== attributes.value
    ? undefined
    : emit.constant(value, windowsShape(x.shape, attributes));
};

/** Windows that tile x → transpose (reshape x) */
const windowsOfTiles: Rule = (candidate, emit) => {
  const attributes = ownAttributes(candidate, 'windows');
  const [x] = candidate.inputs;
  if (!x) return undefined;
  const shape = windowsShape(x.shape, attributes);
  if (!standSideBySide(attributes) || elementCount(shape) !== elementCount(x.shape)) return undefined;
  if (attributes.low.some((width) => width > 0)) return undefined;
  const tiles = tilesOf(shape, x.shape.length, attributes);
  return emit.transpose(emit.reshape(x, tiles.shape), tiles.order);
};

/** unwindows of disjoint, adjacent windows → pad (slice (reshape (transpose x))) */
const unwindowsOfTiles: Rule = (candidate, emit) => {
  const attributes = ownAttributes(candidate, 'unwindows');
  const [x] = candidate.inputs;
  if (!x || !standSideBySide(attributes)) return undefined;
  const { shape, axes, sizes, low } = attributes;
  const tiles = tilesOf(x.shape, shape.length, attributes);
  const turned = emit.transpose(
    x,
    tiles.order.map((_, i) => tiles.order.indexOf(i)),
  );
  const covered = shape.map((size, axis) =>
    axes.includes(axis) ? (x.shape[axis] ?? 1) * (sizes[axes.indexOf(axis)] ?? 1) : size,
  );
  const starts = shape.map((_, axis) => low[axes.indexOf(axis)] ?? 0);
  const limits = shape.map((size, axis) => Math.min(covered[axis] ?? size, size + (starts[axis] ?? 0)));
  const slice = emit.apply('slice', [emit.reshape(turned, covered)], {
    starts,
    limits,
    strides: shape.map(() => 1),
  });
  const high = shape.map((size, axis) => size - (slice.shape[axis] ?? size));
  const none = shape.map(() => 0);
  return emit.apply('pad', [slice], { low: none, high, interior: none, value: 0 });
};

function standSideBySide({ sizes, strides, dilations }: WindowGeometry): boolean {
  return sizes.every((size, k) => size === strides[k] && (size === 1 || dilations[k] === 1));
}

/** The windows [… p …, w …] as tiles [… p, w …], and the permutation from tiles to windows. */
function tilesOf(windows: Shape, rank: number, { axes }: WindowGeometry) {
  const order = new Array<number>(windows.length).fill(0);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const k = axes.indexOf(axis);
    order[axis] = shape.push(windows[axis] ?? 1) - 1;
    if (k >= 0) order[rank + k] = shape.push(windows[rank + k] ?? 1) - 1;
  }
  return { shape, order };
}

export const windowRules = {
  windows: [takePadding, windowsOfConstant, windowsOfTiles],
  unwindows: [unwindowsOfTiles],
} satisfies RuleTable;
