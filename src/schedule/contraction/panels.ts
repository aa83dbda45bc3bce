// Packs tiles of a contraction's operands into panels: of every depth k, the values of one tile side by side, so that the
// microkernel reads both operands in order. Padding, strides and transposition are dealt with here and nowhere else: whatever a
// formula can express is packed, the faster the more it is read in order. What stands in a panel beyond an operand's end is
// never stored by anyone, so that it may be anything.
import type { Axis } from '../../ir/stages/type.ts';
import { constantItem, type Item, type LoopBuilder } from '../emit/builder.ts';
import { mapSums, nodesOf, sumsOf, type Formula } from '../../ir/formula.ts';
import type { ExpressionContext } from '../emit/indices.ts';
import { arithmetic, integer, type Place, type Value } from '../../ir/loops/type.ts';
import { axesAt, decompose } from '../map.ts';

/** A stretch of the summed axes: all of each, but of the axis `split`, which runs from `from` to `to`. */
export interface Depth {
  readonly axes: readonly Axis[];
  readonly split: Axis | undefined;
  readonly from: Value;
  readonly to: Value;
}

export interface RowSide {
  readonly formula: Formula;
  readonly axes: readonly Axis[];
  /** All rows of the operand. */
  readonly count: number;
  /** Rows of a tile's panel. */
  readonly rows: number;
  /** So many tiles have all those rows, the others one fewer: no tile is padded where the rows can be dealt out so. */
  readonly full: number;
}

/** The first row of a tile. */
export function rowOfTile(builder: LoopBuilder, side: RowSide, tile: Item): Item {
  if (side.full * side.rows >= side.count)
    return builder.let(builder.arithmetic('multiply', tile, constantItem(side.rows)), 'row');
  const least = builder.arithmetic('multiply', tile, constantItem(side.rows - 1));
  if (side.full === 0) return builder.let(least, 'row');
  const extra = builder.arithmetic('minimum', tile, constantItem(side.full));
  return builder.let(builder.arithmetic('add', least, extra), 'row');
}

export interface VectorSide {
  readonly formula: Formula;
  /** The axis along the lanes stands last. */
  readonly axes: readonly Axis[];
  readonly along: Axis;
  /** All vectors of the operand. */
  readonly count: number;
  /** Vectors of a tile. */
  readonly vectors: number;
}

/** How an operand is read while it is packed, fastest first. */
export type Access = 'in order' | 'transposed' | 'scattered';

/** Where lanes are many, not all of them need to be filled: most of a row at a time is better than one number at a time. */
const enough = (lanes: number) => Math.min(lanes, 8);

export function rowAccess(side: RowSide, depth: readonly Axis[], lanes: number): Access {
  const [axis, ...others] = side.axes;
  if (axis && others.length === 0 && axis.size >= lanes && readInOrder(side.formula, axis)) return 'in order';
  const inner = depth.at(-1);
  return inner && inner.size >= enough(lanes) && readInOrder(side.formula, inner)
    ? 'transposed'
    : 'scattered';
}

export function vectorAccess(side: VectorSide, depth: readonly Axis[], lanes: number): Access {
  if (readInOrder(side.formula, side.along)) return 'in order';
  const inner = depth.at(-1);
  return inner && inner.size >= enough(lanes) && readInOrder(side.formula, inner)
    ? 'transposed'
    : 'scattered';
}

/** Whether successive values of the axis stand side by side in all that a formula reads. */
function readInOrder(formula: Formula, axis: Axis): boolean {
  for (const node of nodesOf(formula)) {
    if (node.kind !== 'read') continue;
    const { affine, quotients, lookups } = node.address;
    if (Math.abs(affine.terms.get(axis.id) ?? 0) > 1 || affine.terms.get(axis.id) === -1) return false;
    if (lookups.some(({ value }) => sumsOf(value).some((sum) => sum.terms.has(axis.id)))) return false;
    if (quotients.some(({ sum, scale }) => sum.terms.has(axis.id) && scale !== 1)) return false;
  }
  return sumsOf(formula).some((sum) => sum.terms.has(axis.id));
}

/** Packs one tile of rows: at `panel`, depth by depth, `rows` values. */
export function packRows(
  context: ExpressionContext,
  side: RowSide,
  tile: Item,
  panel: Item,
  depth: Depth,
): void {
  const { builder, lanes } = context;
  const { rows } = side;
  const start = rowOfTile(builder, side, tile);
  const access = rowAccess(side, depth.axes, lanes);
  const along = access === 'transposed' ? depth.axes.at(-1) : undefined;
  const inner: ExpressionContext = { ...context, along: along?.id };
  // Along the depth two rows go together, so that their values are stored side by side.
  const together = along && rows >= 2 ? 2 : 1;
  builder.loop('i', integer(0), integer(rows), together, (i) => {
    const offset = rows % together === 0 ? i.value : arithmetic('minimum', i.value, integer(rows - together));
    const above = arithmetic('add', start.value, offset);
    const places = Array.from({ length: together }, (_, row) => {
      const wanted = arithmetic('add', above, integer(row));
      const clamped = arithmetic('minimum', wanted, integer(side.count - 1));
      return axesAt(builder, builder.let({ value: clamped, depth: builder.depth }, 'r'), side.axes);
    });
    const pointer: Value = { kind: 'advance', pointer: panel.value, elements: offset };
    const target = new Target(context, pointer, rows);
    eachDepth(inner, depth, along ? lanes : 0, target, () => {
      const [left, right] = places.map((place) => {
        for (const [axis, item] of place) builder.bind(axis, item);
        return builder.let(inner.emit(inner, side.formula), 'packed').value;
      });
      if (!left) return;
      const columns = Array.from({ length: lanes }, (_, k) => target.place(k * rows));
      if (right) builder.emit({ kind: 'pairs', left, right, places: columns });
      else if (along) builder.emit({ kind: 'scatter', places: columns, value: left });
      else builder.emit({ kind: 'store', place: target.place(0), value: left, count: integer(1) });
      target.step(along ? lanes : 1);
    });
  });
}

/** Panels of successive tiles, and the first of them. */
export interface Panels {
  readonly base: Item;
  readonly from: Item;
  readonly to: Item;
  /** Elements of one panel. */
  readonly elements: number;
}

/**
 * Packs all tiles of a block whose operand has one axis, which is read in order: depth by depth, so that what lies side by side
 * is read side by side, however far one depth is from the next.
 */
export function packInOrder(
  context: ExpressionContext,
  formula: Formula,
  axis: Axis,
  width: number,
  startOf: (tile: Item) => Item,
  panels: Panels,
  depth: Depth,
): void {
  const { builder, lanes } = context;
  const inner: ExpressionContext = { ...context, along: axis.id };
  const target = new Target(context, panels.base.value, width);
  eachDepth(inner, depth, 0, target, () => {
    builder.loop('tile', panels.from.value, panels.to.value, 1, (tile) => {
      builder.bind(axis.id, startOf(tile));
      const distance = builder.arithmetic('subtract', tile, panels.from);
      const elements = builder.arithmetic('multiply', distance, constantItem(panels.elements));
      for (let lane = 0; lane < width; lane += lanes) {
        const { value } = builder.let(inner.emit(inner, shifted(formula, axis, lane)), 'packed');
        const { pointer, offset } = target.place(lane);
        const panel: Value = { kind: 'advance', pointer, elements: elements.value };
        builder.emit({ kind: 'store', place: { pointer: panel, offset }, value });
      }
    });
    target.step(1);
  });
}

/** Packs one tile of vectors: at `panel`, depth by depth, `vectors` × lanes values. */
export function packVectors(
  context: ExpressionContext,
  side: VectorSide,
  tile: Item,
  panel: Item,
  depth: Depth,
): void {
  const { builder, lanes } = context;
  const { along, vectors } = side;
  const width = vectors * lanes;
  const transposed = vectorAccess(side, depth.axes, lanes) === 'transposed';
  const innermost = transposed ? depth.axes.at(-1) : undefined;
  builder.loop('j', integer(0), integer(vectors), 1, (j) => {
    const wanted = arithmetic('add', arithmetic('multiply', tile.value, integer(vectors)), j.value);
    const vector = arithmetic('minimum', wanted, integer(side.count - 1));
    bindVector(context, side, builder.let({ value: vector, depth: builder.depth }, 'v'));
    const elements = arithmetic('multiply', j.value, integer(lanes));
    const target = new Target(context, { kind: 'advance', pointer: panel.value, elements }, width);
    if (innermost) {
      const inner: ExpressionContext = { ...context, along: innermost.id };
      eachDepth(inner, depth, lanes, target, () => {
        const rows = Array.from({ length: lanes }, (_, lane) => {
          // past the end of a short axis any row will do: the last, which is at hand
          const shift = shifted(side.formula, along, Math.min(lane, along.size - 1));
          return builder.let(inner.emit(inner, shift), 'line').value;
        });
        const places = Array.from({ length: lanes }, (_, k) => target.place(k * width));
        builder.emit({ kind: 'transpose', rows, places });
        target.step(lanes);
      });
      return;
    }
    const inner: ExpressionContext = { ...context, along: along.id };
    eachDepth(inner, depth, 0, target, () => {
      const { value } = builder.let(inner.emit(inner, side.formula), 'packed');
      builder.emit({ kind: 'store', place: target.place(0), value });
      target.step(1);
    });
  });
}

/** Where in a panel the next depth goes. The pointer moves once per turn of a loop, stores before that are at offsets. */
class Target {
  private readonly at: Item;
  private pending = 0;

  constructor(
    private readonly context: ExpressionContext,
    start: Value,
    /** Elements of one depth. */
    private readonly width: number,
  ) {
    this.at = context.builder.mutable('at', 'pointer', start);
  }

  place(element: number): Place {
    return { pointer: this.at.value, offset: 4 * (this.pending + element) };
  }

  step(depths: number): void {
    this.pending += depths * this.width;
  }

  /** Ends a turn of a loop. `back`: how many depths too many the loop has stepped. */
  flush(back = 0): void {
    const elements = this.pending - back * this.width;
    this.pending = 0;
    if (elements !== 0) {
      const value: Value = { kind: 'advance', pointer: this.at.value, elements: integer(elements) };
      this.context.builder.assign(this.at, value);
    }
  }
}

/** Binds the axes of the vector side to a vector's place; its lanes begin at a multiple of their number. */
export function bindVector(context: ExpressionContext, { axes, along }: VectorSide, vector: Item): void {
  const { builder, lanes } = context;
  const others = axes.filter((axis) => axis !== along);
  const inRow = Math.ceil(along.size / lanes);
  if (others.length === 0) {
    builder.bind(
      along.id,
      builder.let(builder.arithmetic('multiply', vector, constantItem(lanes)), 'lane'),
      lanes,
    );
    return;
  }
  const position = builder.let(builder.arithmetic('remainder', vector, constantItem(inRow)), 'position');
  const rest = builder.let(builder.arithmetic('quotient', vector, constantItem(inRow)), 'rest');
  decompose(builder, rest, others);
  builder.bind(
    along.id,
    builder.let(builder.arithmetic('multiply', position, constantItem(lanes)), 'lane'),
    lanes,
  );
}

/** The last axes of a depth are written out as long as they are this few together. */
const unrolled = 9;

/**
 * Walks a depth in order. With `step` 0 the body does one depth, else as many along the innermost axis, which may overshoot its
 * end: the target is then moved back.
 */
function eachDepth(
  context: ExpressionContext,
  { axes, split, from, to }: Depth,
  step: number,
  target: Target,
  body: () => void,
): void {
  const { builder } = context;
  const written = (index: number) =>
    axes.slice(index).every((axis) => axis !== split) &&
    axes.slice(index).reduce((product, axis) => product * axis.size, 1) <= unrolled;
  const visit = (index: number): void => {
    const axis = axes[index];
    if (!axis) {
      body();
      return;
    }
    context.sizes.set(axis.id, axis.size);
    const innermost = step > 0 && index === axes.length - 1;
    if (axis.size === 1 && axis !== split) {
      builder.bindConstant(axis.id, 0);
      visit(index + 1);
      return;
    }
    if (step === 0 && written(index)) {
      for (let at = 0; at < axis.size; at++) {
        builder.bindConstant(axis.id, at);
        visit(index + 1);
      }
      return;
    }
    const [begin, end] = axis === split ? [from, to] : [integer(0), integer(axis.size)];
    builder.loop(axis.hint ?? 'k', begin, end, innermost ? step : 1, (position) => {
      builder.bind(axis.id, position, innermost && begin.kind === 'integer' ? step : 1);
      visit(index + 1);
      target.flush();
    });
    if (innermost) target.flush(overshoot({ axes, split, from, to }, step));
  };
  visit(0);
  target.flush();
}

/** How far steps of `lanes` go past the end of the innermost axis. Where it is split, the panel ends with it. */
function overshoot({ axes, split }: Depth, lanes: number): number {
  const innermost = axes.at(-1);
  if (!innermost || innermost === split) return 0;
  return Math.ceil(innermost.size / lanes) * lanes - innermost.size;
}

export function shifted(formula: Formula, axis: Axis, by: number): Formula {
  return mapSums(formula, (sum) => ({
    ...sum,
    constant: sum.constant + by * (sum.terms.get(axis.id) ?? 0),
  }));
}
