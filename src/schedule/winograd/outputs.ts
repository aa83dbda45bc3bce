// A convolution, or its input's gradient, by Winograd's filtering. The filter is transformed into panels once by every thread. A
// work item is a block of output tiles: its stretch of the image is transformed into one matrix of tiles × channels for each
// product, each is multiplied by the filter's, and the sums are transformed back, all in scratch memory that a core's second
// cache holds: nothing of it goes through main memory. The rest of the kernel is computed on the finished rows of outputs.
import type { BufferId } from '../../ir/stages/type.ts';
import type { Machine } from '../machine/machine.ts';
import { count } from '../contraction/arrangement.ts';
import { constantItem, type Item } from '../emit/builder.ts';
import type { ExpressionContext } from '../emit/indices.ts';
import { arithmetic, first, integer, last } from '../../ir/loops/type.ts';
import { decompose, type Scheduled } from '../map.ts';
import { emitPoints } from '../emit/points.ts';
import { advance, apart, Areas, emitSeparable, explain, load, plus, store, times, upTo } from './areas.ts';
import { emitTiles, tileAreas, tilesOf, withinEdges, type TileSource } from './tiles.ts';
import { eachHeight, newWinogradContext, type WinogradPlan } from './plan.ts';
import { taps } from './form.ts';

export function emitOutputs(plan: WinogradPlan, needed: ReadonlySet<BufferId>, machine: Machine): Scheduled {
  const { form, winograd, geometry, tile } = plan;
  const { lanes } = machine;
  const { context, parameters } = newWinogradContext(form, needed, lanes);
  const { builder } = context;
  const tiles = tilesOf(geometry);
  const products = winograd.products ** 2;
  const width = tile.vectors * lanes;
  const panels = Math.ceil(form.filters.size / width);
  const channelVectors = Math.ceil(form.channels.size / lanes);
  const depth = channelVectors * lanes;
  const steps = {
    filter: apart(panels * form.channels.size * width),
    image: apart(tiles * depth),
    sums: apart(panels * tiles * width),
  };
  const source: TileSource = withinEdges(
    {
      formula: form.image,
      channels: form.channels,
      rows: form.rows,
      columns: form.columns,
      reads: winograd.products,
      transform: winograd.data,
      comment: ['Tiles of the image, Bᵀ d B, where Bᵀ d is', ...winograd.formulas.data],
    },
    geometry,
  );
  explain(builder, `F(${winograd.tile} × ${winograd.tile}, 3 × 3)`);
  const areas = new Areas(builder);
  const filter = areas.take(products * steps.filter, 'filter');
  const image = areas.take(products * steps.image, 'image');
  const sums = areas.take(products * steps.sums, 'sums');
  const pixels = tileAreas(areas, source, geometry, lanes);
  const finish = finishAreas(areas, plan, lanes);

  const downBlocks = Math.ceil(geometry.down / geometry.rows);
  const images = count(form.images);
  const blocks = Math.ceil(images / geometry.images) * downBlocks;
  const packed = builder.mutable('packed', 'integer', integer(-1));
  builder.loop('item', first, last, 1, (item) => {
    const kept = builder.let(builder.arithmetic('quotient', item, constantItem(blocks)), 'kept');
    const block = builder.let(builder.arithmetic('remainder', item, constantItem(blocks)), 'block');
    decompose(builder, kept, form.batch);
    builder.when(arithmetic('unequal', kept.value, packed.value), () => {
      transformFilter(context, plan, filter, finish.between, steps.filter, panels);
      builder.assign(packed, kept.value);
    });
    const rest = builder.let(builder.arithmetic('quotient', block, constantItem(downBlocks)), 'rest');
    const down = builder.let(builder.arithmetic('remainder', block, constantItem(downBlocks)), 'down');
    const firstImage = builder.let(times(builder, rest, geometry.images), 'image');
    const firstRow = builder.let(times(builder, down, geometry.rows), 'row');
    const imagesHere = upTo(builder, firstImage, geometry.images, images, 'images');
    const rows = upTo(builder, firstRow, geometry.rows, geometry.down, 'rows');

    builder.loop('image', integer(0), imagesHere.value, 1, (at) => {
      decompose(builder, builder.let(plus(builder, firstImage, at), 'n'), form.images);
      const firstTile = times(builder, at, geometry.rows * geometry.across);
      builder.loop('channel', integer(0), integer(depth), lanes, (channel) => {
        const base = advance(builder, image, channel, 'tiles');
        const range = { channel, firstRow, rows, firstTile };
        emitTiles(context, source, geometry, pixels, range, { base, tile: depth, product: steps.image });
      });
    });

    builder.emit({ kind: 'comment', text: `${products} products of tiles × channels by channels × filters` });
    builder.loop('product', integer(0), integer(products), 1, (product) => {
      const a = advance(builder, image, times(builder, product, steps.image), 'a');
      builder.loop('panel', integer(0), integer(panels), 1, (panel) => {
        const at = (step: number, elements: number) =>
          plus(builder, times(builder, product, step), times(builder, panel, elements));
        const b = advance(builder, filter, at(steps.filter, form.channels.size * width), 'b');
        const c = advance(builder, sums, at(steps.sums, tiles * width), 'c');
        eachHeight(builder, constantItem(0), tiles, tile, (row, height) => {
          builder.emit({
            kind: 'tile',
            rows: height,
            stride: 1,
            step: depth,
            vectors: tile.vectors,
            a: advance(builder, a, times(builder, row, depth), 'a').value,
            b: b.value,
            depth: integer(form.channels.size),
            c: advance(builder, c, times(builder, row, width), 'c').value,
            accumulate: integer(0),
          });
        });
      });
    });

    builder.loop('filter', integer(0), integer(form.filters.size), lanes, (filterAt) => {
      const panel = builder.arithmetic('quotient', filterAt, constantItem(width));
      const lane = builder.arithmetic('remainder', filterAt, constantItem(width));
      const base = advance(builder, sums, plus(builder, times(builder, panel, tiles * width), lane), 'sums');
      builder.loop('image', integer(0), imagesHere.value, 1, (at) => {
        decompose(builder, builder.let(plus(builder, firstImage, at), 'n'), form.images);
        builder.loop('row', integer(0), rows.value, 1, (row) => {
          const line = plus(builder, times(builder, at, geometry.rows), row);
          const tileRow = advance(builder, base, times(builder, line, geometry.across * width), 'sums');
          transformBack(context, plan, tileRow, steps.sums, width, finish);
          const place = builder.let(times(builder, plus(builder, firstRow, row), geometry.tile), 'row');
          finishRows(context, plan, finish, filterAt, place, needed);
        });
      });
    });
  });
  return {
    routine: { parameters: parameters.buffers.length, body: builder.body, scratch: areas.bytes },
    buffers: parameters.buffers,
    items: count(form.batch) * blocks,
    cost: plan.cost,
  };
}

/** Panels of the transformed filter: [product][panel][channel][filters of the panel]. */
function transformFilter(
  context: ExpressionContext,
  { form, winograd, tile }: WinogradPlan,
  filter: Item,
  between: Item,
  step: number,
  panels: number,
): void {
  const { builder, lanes } = context;
  const inner: ExpressionContext = { ...context, along: form.filters.id };
  const width = tile.vectors * lanes;
  builder.emit({ kind: 'comment', text: 'The filter, G g Gᵀ, where G g is' });
  for (const text of winograd.formulas.filter) builder.emit({ kind: 'comment', text });
  builder.loop('filter', integer(0), integer(panels * width), lanes, (filterAt) => {
    builder.bind(form.filters.id, filterAt, lanes);
    const panel = builder.arithmetic('quotient', filterAt, constantItem(width));
    const lane = builder.arithmetic('remainder', filterAt, constantItem(width));
    const place = plus(builder, times(builder, panel, form.channels.size * width), lane);
    builder.loop('channel', integer(0), integer(form.channels.size), 1, (channel) => {
      builder.bind(form.channels.id, channel);
      const to = advance(builder, filter, plus(builder, place, times(builder, channel, width)), 'to');
      emitSeparable(builder, lanes, {
        from: taps,
        to: winograd.products,
        transform: winograd.filter,
        between,
        read: (i, column) => {
          builder.bindConstant(form.windowRows.id, i);
          builder.bind(form.windowColumns.id, column);
          return builder.let(inner.emit(inner, form.other), 'g');
        },
        write: (row, column, value) => {
          const line = advance(builder, to, times(builder, row, winograd.products * step), 'line');
          store(builder, line, column * step, value);
        },
      });
    });
  });
}

/** Scratch memory for the outputs of one tile row: [row][column][lane], and [lane][row][column]. */
interface FinishAreas {
  readonly pixels: Item;
  readonly lines: Item;
  /** Half-transformed tiles. */
  readonly between: Item;
  readonly pitch: number;
}

function finishAreas(areas: Areas, { geometry }: WinogradPlan, lanes: number): FinishAreas {
  const { tile, products, across } = geometry;
  const pitch = Math.ceil((tile * across) / lanes) * lanes;
  const elements = tile * pitch * lanes;
  return {
    pixels: areas.take(elements, 'pixels'),
    lines: areas.take(elements, 'lines'),
    between: areas.take(products * Math.max(tile, taps) * lanes, 'between'),
    pitch,
  };
}

/** One tile row of one vector of filters: the sums of all products become outputs, and columns come to lie along the lanes. */
function transformBack(
  context: ExpressionContext,
  { winograd, geometry }: WinogradPlan,
  sums: Item,
  step: number,
  width: number,
  { pixels, lines, between, pitch }: FinishAreas,
): void {
  const { builder, lanes } = context;
  const { tile, products, across } = geometry;
  builder.emit({ kind: 'comment', text: 'Y = Aᵀ M A, where Aᵀ m is' });
  for (const text of winograd.formulas.output) builder.emit({ kind: 'comment', text });
  builder.loop('tile', integer(0), integer(across), 1, (at) => {
    const from = advance(builder, sums, times(builder, at, width), 'from');
    const to = advance(builder, pixels, times(builder, at, tile * lanes), 'to');
    emitSeparable(builder, lanes, {
      from: products,
      to: tile,
      transform: winograd.output,
      between,
      read: (i, column) => {
        const place = advance(builder, from, times(builder, column, step), 'place');
        return load(builder, place, i * products * step, 'm');
      },
      write: (row, column, value) => {
        const line = advance(builder, to, times(builder, row, pitch * lanes), 'line');
        store(builder, line, column * lanes, value);
      },
    });
  });
  builder.loop('x', integer(0), integer(tile * pitch), lanes, (x) => {
    const from = advance(builder, pixels, times(builder, x, lanes), 'from');
    const to = advance(builder, lines, x, 'to');
    const rows = Array.from({ length: lanes }, (_, i) => load(builder, from, i * lanes, 'y').value);
    const places = Array.from({ length: lanes }, (_, i) => ({
      pointer: to.value,
      offset: 4 * i * tile * pitch,
    }));
    builder.emit({ kind: 'transpose', rows, places });
  });
}

/** The rest of the kernel on the outputs of one tile row. */
function finishRows(
  context: ExpressionContext,
  { form, geometry }: WinogradPlan,
  { lines, pitch }: FinishAreas,
  filterAt: Item,
  firstRow: Item,
  needed: ReadonlySet<BufferId>,
): void {
  const { builder, lanes } = context;
  const { tile, height, width } = geometry;
  context.sizes.set(form.rows.id, height);
  context.sizes.set(form.columns.id, width);
  const rows = upTo(builder, firstRow, tile, height, 'height');
  const filters = upTo(builder, filterAt, lanes, form.filters.size, 'lanes');
  builder.loop('lane', integer(0), filters.value, 1, (lane) => {
    builder.bind(form.filters.id, builder.let(plus(builder, filterAt, lane), 'k'));
    builder.loop('y', integer(0), rows.value, 1, (y) => {
      builder.bind(form.rows.id, builder.let(plus(builder, firstRow, y), 'y'));
      const line = plus(builder, times(builder, lane, tile * pitch), times(builder, y, pitch));
      const finish = (x: Item, stored?: number) => {
        builder.bind(form.columns.id, x, lanes);
        const from = advance(builder, lines, plus(builder, line, x), 'from');
        const given = new Map([['sum', load(builder, from, 0, 'sum')]]);
        const inner: ExpressionContext = { ...context, along: form.columns.id, given };
        emitPoints(inner, form.points, needed, stored === undefined ? undefined : integer(stored));
      };
      const whole = width - (width % lanes);
      builder.loop('x', integer(0), integer(whole), lanes, (x) => finish(x));
      if (whole < width) finish(constantItem(whole), width - whole);
    });
  });
}
