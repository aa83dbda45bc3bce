// Transforms a part of an image tile by tile, for one vector of channels at a time: rows of pixels are copied to scratch memory,
// vectorized along the channels (padding, strides and all else that a formula can express ends here), then each tile row is transformed
// vertically, column by column, and horizontally, tile by tile. A lane is always a channel, so that neither the width of an image nor the
// size of a tile leaves lanes idle.
import { elementSize, integer } from '../../ir/loops/type.ts';
import { further, substitute } from '../../ir/linear/walk.ts';
import { constantItem, type Item } from '../emit/builder.ts';
import { withSizes, type EmitContext } from '../emit/context.ts';
import { emitFormula } from '../emit/expression.ts';
import type { TileSource } from '../type.ts';
import { advance, comments, load, plus, store, times, vectors } from './vectors.ts';
import type { Work } from './work.ts';

/** What is transformed: one vector of channels of the bound image, from a tile row on. */
export interface TileRange {
  readonly channel: Item;
  readonly firstRow: Item;
  readonly rows: Item;
  /** Index of the first tile in the block. */
  readonly firstTile: Item;
}

/** Address of a tile's vector: base + tile · `tile` + product · `product`. */
export interface TileTarget {
  readonly base: Item;
  readonly tile: number;
  readonly product: number;
}

export function emitTiles(work: Work, source: TileSource, range: TileRange, target: TileTarget): void {
  const { context, plan, winograd } = work;
  const { builder } = context;
  copyPixels(work, source, range);
  comments(
    builder,
    source.transform === 'data'
      ? 'Tiles of the image, Bᵀ d B, where Bᵀ d is'
      : "Tiles of the output's gradient, G g Gᵀ, where G g is",
    ...winograd.formulas[source.transform],
  );
  builder.loop('row', integer(0), range.rows.value, 1, (row) => {
    transformDown(work, source, row);
    const first = plus(builder, range.firstTile, times(builder, row, plan.geometry.across));
    transformAcross(work, source, first, target);
  });
}

const pixelsOf = ({ transform }: TileSource) =>
  transform === 'data' ? 'image pixels' : ('gradient pixels' as const);
const linesOf = ({ transform }: TileSource) =>
  transform === 'data' ? 'image lines' : ('gradient lines' as const);

/** Transforms the columns of a tile row: [row][column][lane] → [product][column][lane]. */
function transformDown({ context, plan, winograd, area }: Work, source: TileSource, row: Item): void {
  const { builder, lanes } = context;
  const { tile, across } = plan.geometry;
  const { reads, pitch } = source;
  builder.loop('x', integer(0), integer(tile * across + reads - tile), 1, (x) => {
    const place = plus(builder, times(builder, row, tile * pitch * lanes), times(builder, x, lanes));
    const from = advance(builder, area(pixelsOf(source)), place, 'from');
    const to = advance(builder, area(linesOf(source)), times(builder, x, lanes), 'to');
    const values = Array.from({ length: reads }, (_, i) => load(builder, from, i * pitch * lanes, 'd'));
    winograd[source.transform](values, vectors(builder)).forEach((value, i) =>
      store(builder, to, i * pitch * lanes, value),
    );
  });
}

/** Transforms each tile's rows: [product][column][lane] → products of all tiles. */
function transformAcross(
  { context, plan, winograd, area }: Work,
  source: TileSource,
  first: Item,
  target: TileTarget,
): void {
  const { builder, lanes } = context;
  const { tile, products, across } = plan.geometry;
  builder.loop('product', integer(0), integer(products), 1, (product) => {
    builder.loop('tile', integer(0), integer(across), 1, (at) => {
      const line = times(builder, product, source.pitch * lanes);
      const column = times(builder, at, tile * lanes);
      const from = advance(builder, area(linesOf(source)), plus(builder, line, column), 'from');
      const values = Array.from({ length: source.reads }, (_, i) => load(builder, from, i * lanes, 'd'));
      const place = plus(
        builder,
        times(builder, product, products * target.product),
        times(builder, plus(builder, first, at), target.tile),
      );
      const to = advance(builder, target.base, place, 'to');
      winograd[source.transform](values, vectors(builder)).forEach((value, i) =>
        store(builder, to, i * target.product, value),
      );
    });
  });
}

/** Copies rows of pixels, transposed: from vectors along the columns to vectors along the channels. */
function copyPixels({ context, plan, area }: Work, source: TileSource, range: TileRange): void {
  const { builder, lanes } = context;
  const { tile, down } = plan.geometry;
  const { rows, columns } = plan.form;
  const { channels, reads, pitch, formula } = source;
  const inner: EmitContext = {
    ...withSizes(context, [
      { ...rows, size: tile * down + reads - tile },
      { ...columns, size: pitch },
    ]),
    along: columns.id,
  };
  builder.bind(channels.id, range.channel, lanes);
  const height = plus(builder, times(builder, range.rows, tile), constantItem(reads - tile));
  builder.loop('y', integer(0), builder.let(height, 'height').value, 1, (y) => {
    const row = plus(builder, times(builder, range.firstRow, tile), y);
    builder.bind(rows.id, builder.let(row, 'row'));
    builder.vectorLoop('x', integer(0), integer(pitch), lanes, (x) => {
      builder.bind(columns.id, x, lanes);
      const lines = Array.from(
        { length: lanes },
        (_, lane) =>
          builder.let(emitFormula(inner, substitute(formula, further(channels, lane))), 'line').value,
      );
      const place = plus(builder, times(builder, y, pitch * lanes), times(builder, x, lanes));
      const to = advance(builder, area(pixelsOf(source)), place, 'to');
      const places = Array.from({ length: lanes }, (_, i) => ({
        pointer: to.value,
        offset: elementSize * lanes * i,
      }));
      builder.emit({ kind: 'transpose', rows: lines, places });
    });
  });
}
