// From a stretch of an image to transformed tiles: of one vector of channels at a time, rows of pixels are copied to scratch memory
// with the channels along the lanes (padding, strides and everything else that a formula can say ends here), then each tile
// row is transformed downwards, column by column, and across, tile by tile. A lane is a channel throughout, so that neither the
// width of an image nor the size of a tile leaves lanes idle.
import type { Axis } from '../../ir/stages/type.ts';
import { constantItem, type Item } from '../emit/builder.ts';
import type { Formula, GuardCondition } from '../../ir/formula.ts';
import type { ExpressionContext } from '../emit/indices.ts';
import { integer } from '../../ir/loops/type.ts';
import { shifted } from '../contraction/panels.ts';
import { advance, load, plus, store, times, vectors, type Areas } from './areas.ts';
import type { Transform } from './transforms.ts';

/** Tiles of the outputs' places. */
export interface Geometry {
  /** Outputs of a tile along each axis, and products. */
  readonly tile: number;
  readonly products: number;
  /** Rows and columns of places, of tiles. */
  readonly height: number;
  readonly width: number;
  readonly down: number;
  readonly across: number;
  /** A block's images and tile rows. */
  readonly images: number;
  readonly rows: number;
}

/** Tiles of a block. */
export const tilesOf = ({ images, rows, across }: Geometry): number => images * rows * across;

export interface TileSource {
  readonly formula: Formula;
  /** The axis along the lanes. */
  readonly channels: Axis;
  readonly rows: Axis;
  readonly columns: Axis;
  /** Elements that a tile reads along each axis. */
  readonly reads: number;
  readonly transform: Transform;
  readonly comment: readonly string[];
}

/** Scratch memory for one vector of channels: [row][column][lane], and of a tile row [product][column][lane]. */
export interface TileAreas {
  readonly pixels: Item;
  readonly lines: Item;
  readonly pitch: number;
}

export function tileAreas(areas: Areas, source: TileSource, geometry: Geometry, lanes: number): TileAreas {
  const { tile, products, rows, across } = geometry;
  const pitch = Math.ceil((tile * across + source.reads - tile) / lanes) * lanes;
  return {
    pixels: areas.take((tile * rows + source.reads - tile) * pitch * lanes, 'pixels'),
    lines: areas.take(products * pitch * lanes, 'lines'),
    pitch,
  };
}

/** What is transformed: a vector of channels of the image that is bound, from a tile row on. */
export interface TileRange {
  readonly channel: Item;
  readonly firstRow: Item;
  readonly rows: Item;
  /** The first tile's number in the block. */
  readonly firstTile: Item;
}

/** Where a tile's vector goes: base + tile · `tile` + product · `product`. */
export interface TileTarget {
  readonly base: Item;
  readonly tile: number;
  readonly product: number;
}

/** A source that is zero where tiles stick out over the edge of what it may be read at. */
export function withinEdges(source: TileSource, { tile, height, width }: Geometry): TileSource {
  const conditions = [
    { axis: source.rows, size: height },
    { axis: source.columns, size: width },
  ].flatMap(({ axis, size }): GuardCondition[] =>
    size % tile === 0
      ? []
      : [
          {
            kind: 'inside',
            sum: { constant: 0, terms: new Map([[axis.id, 1]]) },
            divisor: 1,
            limit: size + source.reads - tile,
          },
        ],
  );
  if (conditions.length === 0) return source;
  return { ...source, formula: { kind: 'guard', conditions, value: source.formula, otherwise: 0 } };
}

export function emitTiles(
  context: ExpressionContext,
  source: TileSource,
  geometry: Geometry,
  areas: TileAreas,
  range: TileRange,
  target: TileTarget,
): void {
  const { builder, lanes } = context;
  const { tile, products, across } = geometry;
  const { pitch } = areas;
  copyPixels(context, source, geometry, areas, range);
  for (const text of source.comment) builder.emit({ kind: 'comment', text });
  const arithmetic = vectors(builder);
  builder.loop('row', integer(0), range.rows.value, 1, (row) => {
    const width = tile * across + source.reads - tile;
    builder.loop('x', integer(0), integer(width), 1, (x) => {
      const from = advance(
        builder,
        areas.pixels,
        plus(builder, times(builder, row, tile * pitch * lanes), times(builder, x, lanes)),
        'from',
      );
      const to = advance(builder, areas.lines, times(builder, x, lanes), 'to');
      const values = Array.from({ length: source.reads }, (_, i) =>
        load(builder, from, i * pitch * lanes, 'd'),
      );
      source
        .transform(values, arithmetic)
        .forEach((value, i) => store(builder, to, i * pitch * lanes, value));
    });
    const first = plus(builder, range.firstTile, times(builder, row, across));
    builder.loop('product', integer(0), integer(products), 1, (product) => {
      builder.loop('tile', integer(0), integer(across), 1, (at) => {
        const from = advance(
          builder,
          areas.lines,
          plus(builder, times(builder, product, pitch * lanes), times(builder, at, tile * lanes)),
          'from',
        );
        const values = Array.from({ length: source.reads }, (_, i) => load(builder, from, i * lanes, 'd'));
        const to = advance(
          builder,
          target.base,
          plus(
            builder,
            times(builder, product, products * target.product),
            times(builder, plus(builder, first, at), target.tile),
          ),
          'to',
        );
        source
          .transform(values, arithmetic)
          .forEach((value, i) => store(builder, to, i * target.product, value));
      });
    });
  });
}

/** Rows of pixels, transposed: what the formula reads along the columns comes to lie along the lanes. */
function copyPixels(
  context: ExpressionContext,
  source: TileSource,
  { tile, down }: Geometry,
  { pixels, pitch }: TileAreas,
  { channel, firstRow, rows }: TileRange,
): void {
  const { builder, lanes } = context;
  const { channels, rows: rowAxis, columns, reads, formula } = source;
  const inner: ExpressionContext = { ...context, along: columns.id };
  context.sizes.set(rowAxis.id, tile * down + reads - tile);
  context.sizes.set(columns.id, pitch);
  builder.bind(channels.id, channel, lanes);
  const height = plus(builder, times(builder, rows, tile), constantItem(reads - tile));
  builder.loop('y', integer(0), builder.let(height, 'height').value, 1, (y) => {
    builder.bind(rowAxis.id, builder.let(plus(builder, times(builder, firstRow, tile), y), 'row'));
    builder.loop('x', integer(0), integer(pitch), lanes, (x) => {
      builder.bind(columns.id, x, lanes);
      const lines = Array.from(
        { length: lanes },
        (_, lane) => builder.let(inner.emit(inner, shifted(formula, channels, lane)), 'line').value,
      );
      const place = plus(builder, times(builder, y, pitch * lanes), times(builder, x, lanes));
      const to = advance(builder, pixels, place, 'to');
      const places = Array.from({ length: lanes }, (_, i) => ({ pointer: to.value, offset: 4 * lanes * i }));
      builder.emit({ kind: 'transpose', rows: lines, places });
    });
  });
}
