// The epilogue of a tile: the rest of the kernel and the kernels fused into it, vector by vector, on the tile's sums while they are in
// the first cache. Unrolled, each row is at a constant offset from the first.
import type { Computation } from '../../ir/linear/type.ts';
import { further, substituteComputation } from '../../ir/linear/walk.ts';
import { arithmetic, integer, type Value } from '../../ir/loops/type.ts';
import { constantItem, placeAt, type Item } from '../emit/builder.ts';
import type { EmitContext } from '../emit/context.ts';
import { bindPosition } from '../emit/nest.ts';
import { emitComputations } from '../emit/computations.ts';
import type { ContractionPlan } from '../type.ts';
import { bindVector, byHeight, rowOfTile } from './pack.ts';

export interface FinishedTile {
  readonly rowTile: Item;
  readonly vectorTile: Item;
  /** The tile's sums, row by row. */
  readonly sums: Item;
}

export function emitEpilogue(context: EmitContext, plan: ContractionPlan, finished: FinishedTile): void {
  if (plan.epilogue === 'unrolled') emitUnrolled(context, plan, finished);
  else emitLoop(context, plan, finished);
}

function emitUnrolled(context: EmitContext, plan: ContractionPlan, finished: FinishedTile): void {
  const start = rowOfTile(context.builder, plan.rows, finished.rowTile);
  byHeight(context.builder, plan.rows, finished.rowTile, (height) =>
    eachVector(context, plan, finished, (vector) => emitRows(context, plan, start, { ...vector, height })),
  );
}

function emitLoop(context: EmitContext, plan: ContractionPlan, finished: FinishedTile): void {
  const { builder, lanes } = context;
  const { rows, tile } = plan;
  const start = rowOfTile(builder, rows, finished.rowTile);
  const next = rowOfTile(builder, rows, builder.arithmetic('add', finished.rowTile, constantItem(1)));
  const end = builder.arithmetic('minimum', next, constantItem(rows.count));
  const even = rows.full * tile.rows === rows.count;
  const length = even
    ? integer(tile.rows)
    : builder.let(builder.arithmetic('subtract', end, start), 'rows').value;
  eachVector(context, plan, finished, ({ sums, stored }) => {
    builder.loop('i', integer(0), length, 1, (i) => {
      bindPosition(builder, builder.let(builder.arithmetic('add', start, i), 'r'), rows.axes);
      const elements = arithmetic('multiply', i.value, integer(tile.vectors * lanes));
      const value: Value = { kind: 'advance', pointer: sums.value, elements };
      const from = { value, depth: builder.depth };
      emitRow(context, plan, { from, distance: 0, computations: plan.computations, stored });
    });
  });
}

/** A vector of the tile's columns. */
interface Column {
  /** Pointer to its sum in the first row. */
  readonly sums: Item;
  /** How many of the lanes are stored, where not all are. */
  readonly stored: Value | undefined;
}

function eachVector(
  context: EmitContext,
  { vectors, tile }: ContractionPlan,
  { vectorTile, sums }: FinishedTile,
  body: (column: Column) => void,
): void {
  const { builder, lanes } = context;
  builder.loop('j', integer(0), integer(tile.vectors), 1, (j) => {
    const firstVector = arithmetic('multiply', vectorTile.value, integer(tile.vectors));
    const value = arithmetic('add', firstVector, j.value);
    const vector = builder.let({ value, depth: builder.depth }, 'v');
    const exists =
      vectors.count % tile.vectors === 0
        ? integer(1)
        : arithmetic('less', vector.value, integer(vectors.count));
    builder.when(exists, () => {
      bindVector(context, vectors, vector);
      const lane = builder.axis(vectors.along.id);
      const left = arithmetic('subtract', integer(vectors.along.size), lane.value);
      const stored =
        vectors.along.size % lanes === 0
          ? undefined
          : builder.let({ value: left, depth: lane.depth }, 'lanes').value;
      const elements = arithmetic('multiply', j.value, integer(lanes));
      const pointer: Value = { kind: 'advance', pointer: sums.value, elements };
      body({ sums: builder.let({ value: pointer, depth: builder.depth }, 'column'), stored });
    });
  });
}

/** The rows, unrolled: each is the first with the row axis advanced by a constant. */
function emitRows(
  context: EmitContext,
  plan: ContractionPlan,
  start: Item,
  { height, sums, stored }: Column & { readonly height: number },
): void {
  const { rows, tile, computations } = plan;
  const [axis] = rows.axes;
  if (!axis) throw new Error('rows without an axis');
  context.builder.bind(axis.id, start);
  for (let row = 0; row < height; row++) {
    const moved = computations.map((computation) => substituteComputation(computation, further(axis, row)));
    const distance = row * tile.vectors * context.lanes;
    emitRow(context, plan, { from: sums, distance, computations: moved, stored });
  }
}

interface Row {
  /** The row's sum is `distance` elements after `from`. */
  readonly from: Item;
  readonly distance: number;
  readonly computations: readonly Computation[];
  readonly stored: Value | undefined;
}

function emitRow(
  context: EmitContext,
  plan: ContractionPlan,
  { from, distance, computations, stored }: Row,
): void {
  const { place, depth } = placeAt(from, distance);
  const sum = context.builder.let({ value: { kind: 'load', place, splat: false }, depth }, 'sum');
  const given = new Map([['sum', sum]]);
  emitComputations({ ...context, along: plan.vectors.along.id, given }, computations, plan.stored, stored);
}
