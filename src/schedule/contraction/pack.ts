// Packs tiles of a contraction's operands into panels: for every depth step, the values of one tile side by side, so that the microkernel
// reads both operands contiguously. Padding, strides and transposition are handled here and nowhere else: any formula can be packed,
// faster the more of its reads are contiguous. Panel elements past the operand's edge are undefined: the microkernel reads them, but no
// sum computed from them is stored.
import type { Axis } from '../../ir/stages/type.ts';
import { arithmetic, integer, type Value } from '../../ir/loops/type.ts';
import { further, substitute } from '../../ir/linear/walk.ts';
import { constantItem, type Item, type LoopBuilder } from '../emit/builder.ts';
import type { EmitContext } from '../emit/context.ts';
import { emitFormula } from '../emit/expression.ts';
import { axesAt, bindPosition } from '../emit/nest.ts';
import type { RowSide, Staging, VectorSide } from '../type.ts';
import { PanelWriter, type DepthBlock } from './panel-writer.ts';

/** The panels of a block, and its tiles. */
export interface Panels {
  readonly base: Item;
  readonly from: Item;
  readonly to: Item;
  /** Elements of one panel. */
  readonly elements: number;
}

export interface Packing {
  readonly context: EmitContext;
  readonly panels: Panels;
  readonly depth: DepthBlock;
  readonly staging: Staging;
}

/** The panel of a tile, where the panel of tile `from` is at `base`. */
export function panelAt(
  builder: LoopBuilder,
  { base, from, elements }: Pick<Panels, 'base' | 'from' | 'elements'>,
  tile: Item,
): Item {
  const distance = builder.arithmetic('subtract', tile, from);
  const position = builder.arithmetic('multiply', distance, constantItem(elements));
  const value: Value = { kind: 'advance', pointer: base.value, elements: position.value };
  return builder.let({ value, depth: Math.max(base.depth, position.depth) }, 'panel');
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

/** Emits the body for the tile's number of rows, all of the register tile's or one fewer: under conditions where tiles differ. */
export function byHeight(
  builder: LoopBuilder,
  { count, rows, full }: RowSide,
  tile: Item,
  body: (height: number) => void,
): void {
  if (full === Math.ceil(count / rows)) body(rows);
  else if (full === 0) body(rows - 1);
  else {
    const isFull = builder.let(builder.arithmetic('less', tile, constantItem(full)), 'full');
    builder.when(isFull.value, () => body(rows));
    builder.when(arithmetic('equal', isFull.value, integer(0)), () => body(rows - 1));
  }
}

export function packRows(packing: Packing, side: RowSide): void {
  const { builder } = packing.context;
  const [axis] = side.axes;
  if (packing.staging.panels === 'together' && axis) {
    packTogether(packing, side, {
      axis,
      width: side.rows,
      startOf: (tile) => rowOfTile(builder, side, tile),
    });
    return;
  }
  const { panels } = packing;
  builder.loop('tile', panels.from.value, panels.to.value, 1, (tile) =>
    packRowTile(packing, side, tile, panelAt(builder, panels, tile)),
  );
}

export function packVectors(packing: Packing, side: VectorSide): void {
  const { builder, lanes } = packing.context;
  const { panels } = packing;
  if (packing.staging.panels === 'together') {
    const width = side.vectors * lanes;
    const startOf = (tile: Item) =>
      builder.let(builder.arithmetic('multiply', tile, constantItem(width)), 'column');
    packTogether(packing, side, { axis: side.along, width, startOf });
    return;
  }
  builder.loop('tile', panels.from.value, panels.to.value, 1, (tile) =>
    packVectorTile(packing, side, tile, panelAt(builder, panels, tile)),
  );
}

interface Columns {
  readonly axis: Axis;
  /** Elements of a panel for one step of the depth. */
  readonly width: number;
  readonly startOf: (tile: Item) => Item;
}

/** One depth step after the other, into all panels of a block: reads are contiguous, however long the stride of the depth. */
function packTogether(
  { context, panels, depth, staging }: Packing,
  { formula }: RowSide | VectorSide,
  { axis, width, startOf }: Columns,
): void {
  const { builder, lanes } = context;
  const inner: EmitContext = { ...context, along: axis.id };
  const writer = new PanelWriter(builder, panels.base.value, width);
  writer.walk(depth, { unrolled: staging.unrolled }, () => {
    builder.loop('tile', panels.from.value, panels.to.value, 1, (tile) => {
      builder.bind(axis.id, startOf(tile));
      const distance = builder.arithmetic('subtract', tile, panels.from);
      const elements = builder.arithmetic('multiply', distance, constantItem(panels.elements));
      for (let lane = 0; lane < width; lane += lanes) {
        const { value } = builder.let(emitFormula(inner, substitute(formula, further(axis, lane))), 'packed');
        const { pointer, offset } = writer.place(lane);
        const panel: Value = { kind: 'advance', pointer, elements: elements.value };
        builder.emit({ kind: 'store', place: { pointer: panel, offset }, value });
      }
    });
    writer.step(1);
  });
}

/** Packs one tile of rows: `rows` values per depth step. Transposed, two rows at a time, whose values are stored as pairs. */
function packRowTile({ context, depth, staging }: Packing, side: RowSide, tile: Item, panel: Item): void {
  const { builder, lanes } = context;
  const { rows } = side;
  const start = rowOfTile(builder, side, tile);
  const along = staging.access === 'transposed' ? depth.axes.at(-1) : undefined;
  const inner: EmitContext = { ...context, along: along?.id };
  const together = along && rows >= 2 ? 2 : 1;
  builder.loop('i', integer(0), integer(rows), together, (i) => {
    const offset = rows % together === 0 ? i.value : arithmetic('minimum', i.value, integer(rows - together));
    const places = placesOfRows(builder, side, arithmetic('add', start.value, offset), together);
    const pointer: Value = { kind: 'advance', pointer: panel.value, elements: offset };
    const writer = new PanelWriter(builder, pointer, rows);
    writer.walk(depth, { unrolled: staging.unrolled, ...(along && { step: lanes }) }, () => {
      const [left, right] = places.map((place) => {
        for (const [axis, item] of place) builder.bind(axis, item);
        return builder.let(emitFormula(inner, side.formula), 'packed').value;
      });
      if (!left) return;
      const columns = Array.from({ length: lanes }, (_, k) => writer.place(k * rows));
      if (right) builder.emit({ kind: 'pairs', left, right, places: columns });
      else if (along) builder.emit({ kind: 'scatter', places: columns, value: left });
      else builder.emit({ kind: 'store', place: writer.place(0), value: left, count: integer(1) });
      writer.step(along ? lanes : 1);
    });
  });
}

/** The axes' values at successive rows, clamped to the last row, so that nothing is read past the operand. */
function placesOfRows(
  builder: LoopBuilder,
  side: RowSide,
  first: Value,
  length: number,
): ReturnType<typeof axesAt>[] {
  return Array.from({ length }, (_, row) => {
    const wanted = arithmetic('add', first, integer(row));
    const clamped = arithmetic('minimum', wanted, integer(side.count - 1));
    return axesAt(builder, builder.let({ value: clamped, depth: builder.depth }, 'r'), side.axes);
  });
}

/** Packs one tile of vectors: `vectors` × lanes values per depth step. */
function packVectorTile(packing: Packing, side: VectorSide, tile: Item, panel: Item): void {
  const { builder, lanes } = packing.context;
  const { vectors } = side;
  builder.loop('j', integer(0), integer(vectors), 1, (j) => {
    const wanted = arithmetic('add', arithmetic('multiply', tile.value, integer(vectors)), j.value);
    const vector = arithmetic('minimum', wanted, integer(side.count - 1));
    bindVector(packing.context, side, builder.let({ value: vector, depth: builder.depth }, 'v'));
    const elements = arithmetic('multiply', j.value, integer(lanes));
    const start: Value = { kind: 'advance', pointer: panel.value, elements };
    const writer = new PanelWriter(builder, start, vectors * lanes);
    if (packing.staging.access === 'transposed') packTransposed(packing, side, writer);
    else packVector(packing, side, writer);
  });
}

function packVector({ context, depth, staging }: Packing, side: VectorSide, writer: PanelWriter): void {
  const inner: EmitContext = { ...context, along: side.along.id };
  writer.walk(depth, { unrolled: staging.unrolled }, () => {
    const { value } = context.builder.let(emitFormula(inner, side.formula), 'packed');
    context.builder.emit({ kind: 'store', place: writer.place(0), value });
    writer.step(1);
  });
}

/** Packs blocks of lanes × lanes: one contiguous read per lane, along the innermost depth axis, then a register transpose. */
function packTransposed({ context, depth, staging }: Packing, side: VectorSide, writer: PanelWriter): void {
  const { builder, lanes } = context;
  const { along, vectors, formula } = side;
  const inner: EmitContext = { ...context, along: depth.axes.at(-1)?.id };
  writer.walk(depth, { unrolled: staging.unrolled, step: lanes }, () => {
    const rows = Array.from({ length: lanes }, (_, lane) => {
      // What lanes past the end of a short axis compute is never stored: they repeat the last row, which is in the cache.
      const row = substitute(formula, further(along, Math.min(lane, along.size - 1)));
      return builder.let(emitFormula(inner, row), 'line').value;
    });
    const places = Array.from({ length: lanes }, (_, k) => writer.place(k * vectors * lanes));
    builder.emit({ kind: 'transpose', rows, places });
    writer.step(lanes);
  });
}

/** Binds the axes of the vector side at the index of a vector; its first lane is a multiple of the number of lanes. */
export function bindVector({ builder, lanes }: EmitContext, { axes, along }: VectorSide, vector: Item): void {
  const others = axes.filter((axis) => axis !== along);
  const bind = (position: Item) => {
    const lane = builder.arithmetic('multiply', position, constantItem(lanes));
    builder.bind(along.id, builder.let(lane, 'lane'), lanes);
  };
  if (others.length === 0) {
    bind(vector);
    return;
  }
  const inRow = constantItem(Math.ceil(along.size / lanes));
  const position = builder.let(builder.arithmetic('remainder', vector, inRow), 'position');
  const rest = builder.let(builder.arithmetic('quotient', vector, inRow), 'rest');
  bindPosition(builder, rest, others);
  bind(position);
}
