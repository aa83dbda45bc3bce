// What becomes of a tile's sums: the rest of the kernel, and the kernels joined to it, computed on them vector by vector while they are
// in the first cache. Where a tile's rows are one axis they are written out, so that each is at a known distance from the first.
import type { BufferId } from '../../ir/stages/type.ts';
import type { Arrangement } from './arrangement.ts';
import { constantItem, placeAt, type Item } from '../emit/builder.ts';
import { mapAddress, mapSums, type Point, type Sum } from '../../ir/formula.ts';
import type { ExpressionContext } from '../emit/indices.ts';
import { arithmetic, integer, type Value } from '../../ir/loops/type.ts';
import { decompose, straightSize } from '../map.ts';
import { bindVector, rowOfTile } from './panels.ts';
import { emitPoints } from '../emit/points.ts';

export interface FinishedTile {
  readonly rowTile: Item;
  readonly vectorTile: Item;
  /** Where its sums lie, row by row. */
  readonly sums: Item;
}

export function writeBack(
  context: ExpressionContext,
  arrangement: Arrangement,
  needed: ReadonlySet<BufferId>,
  finished: FinishedTile,
): void {
  const { builder } = context;
  const { rows, tile } = arrangement;
  const { rowTile } = finished;
  const start = rowOfTile(builder, rows, rowTile);
  const tiles = Math.ceil(rows.count / tile.rows);
  const exact = rows.full * tile.rows + (tiles - rows.full) * (tile.rows - 1) === rows.count;
  if (exact && mayBeWrittenOut(arrangement)) {
    const write = (height: number) =>
      eachVector(context, arrangement, finished, (sums, stored) =>
        writeRows(context, arrangement, needed, { start, height, sums, stored }),
      );
    if (rows.full === tiles) write(tile.rows);
    else if (rows.full === 0) write(tile.rows - 1);
    else {
      const isFull = builder.let(builder.arithmetic('less', rowTile, constantItem(rows.full)), 'full');
      builder.when(isFull.value, () => write(tile.rows));
      builder.when(arithmetic('equal', isFull.value, integer(0)), () => write(tile.rows - 1));
    }
    return;
  }
  const next = rowOfTile(builder, rows, builder.arithmetic('add', rowTile, constantItem(1)));
  const end = builder.arithmetic('minimum', next, constantItem(rows.count));
  const even = rows.full * tile.rows === rows.count;
  const length = even
    ? integer(tile.rows)
    : builder.let(builder.arithmetic('subtract', end, start), 'rows').value;
  eachVector(context, arrangement, finished, (sums, stored) => {
    builder.loop('i', integer(0), length, 1, (i) => {
      decompose(builder, builder.let(builder.arithmetic('add', start, i), 'r'), rows.axes);
      const elements = arithmetic('multiply', i.value, integer(tile.vectors * context.lanes));
      const from: Item = {
        value: { kind: 'advance', pointer: sums.value, elements },
        depth: builder.depth,
      };
      emitRow(context, arrangement, needed, { from, distance: 0, points: arrangement.points, stored });
    });
  });
}

/** More values than this are not written out. */
const mostWritten = 160;

function mayBeWrittenOut({ rows, tile, points }: Arrangement): boolean {
  const size = points.reduce((total, { formula }) => total + straightSize(formula), 0);
  return rows.axes.length === 1 && tile.rows * size <= mostWritten;
}

/** The tile's vectors; `sums` points to a vector's first row, `stored` is how many of its lanes there are, where not all. */
function eachVector(
  context: ExpressionContext,
  { vectors, tile }: Arrangement,
  { vectorTile, sums }: FinishedTile,
  body: (sums: Item, stored: Value | undefined) => void,
): void {
  const { builder, lanes } = context;
  builder.loop('j', integer(0), integer(tile.vectors), 1, (j) => {
    const vector = arithmetic(
      'add',
      arithmetic('multiply', vectorTile.value, integer(tile.vectors)),
      j.value,
    );
    const named = builder.let({ value: vector, depth: builder.depth }, 'v');
    const exists =
      vectors.count % tile.vectors === 0
        ? integer(1)
        : arithmetic('less', named.value, integer(vectors.count));
    builder.when(exists, () => {
      bindVector(context, vectors, named);
      const lane = builder.axis(vectors.along.id);
      const left = arithmetic('subtract', integer(vectors.along.size), lane.value);
      const stored =
        vectors.along.size % lanes === 0
          ? undefined
          : builder.let({ value: left, depth: lane.depth }, 'lanes').value;
      const elements = arithmetic('multiply', j.value, integer(lanes));
      const value: Value = { kind: 'advance', pointer: sums.value, elements };
      body(builder.let({ value, depth: builder.depth }, 'column'), stored);
    });
  });
}

interface Rows {
  readonly start: Item;
  readonly height: number;
  readonly sums: Item;
  readonly stored: Value | undefined;
}

function writeRows(
  context: ExpressionContext,
  arrangement: Arrangement,
  needed: ReadonlySet<BufferId>,
  { start, height, sums, stored }: Rows,
): void {
  const { rows, tile, points } = arrangement;
  const [axis] = rows.axes;
  if (!axis) throw new Error('rows without an axis');
  context.builder.bind(axis.id, start);
  for (let row = 0; row < height; row++) {
    const further = (sum: Sum): Sum => ({
      ...sum,
      constant: sum.constant + row * (sum.terms.get(axis.id) ?? 0),
    });
    const moved = points.map((point) => ({
      ...point,
      output: mapAddress(point.output, further),
      formula: mapSums(point.formula, further),
    }));
    const distance = row * tile.vectors * context.lanes;
    emitRow(context, arrangement, needed, { from: sums, distance, points: moved, stored });
  }
}

interface Row {
  /** The row's sum lies so many elements from there. */
  readonly from: Item;
  readonly distance: number;
  readonly points: readonly Point[];
  readonly stored: Value | undefined;
}

function emitRow(
  context: ExpressionContext,
  { vectors }: Arrangement,
  needed: ReadonlySet<BufferId>,
  { from, distance, points, stored }: Row,
): void {
  const { place, depth } = placeAt(from, distance);
  const sum = context.builder.let({ value: { kind: 'load', place, spread: false }, depth }, 'sum');
  const given = new Map([['sum', sum]]);
  emitPoints({ ...context, along: vectors.along.id, given }, points, needed, stored);
}
