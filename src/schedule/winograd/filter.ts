// A filter's gradient by Winograd's filtering, F(3, tile): both the image and the output's gradient are transformed tile by tile,
// the products of both are summed over the tiles in the transformed domain, and one small transform at the end gives the nine taps.
// A work item is a slice of the sum, or some rows of the filter: what it adds up, and in which order, follows from the shapes.
import type { BufferId } from '../../ir/stages/type.ts';
import type { Machine } from '../machine/machine.ts';
import { count } from '../contraction/arrangement.ts';
import { constantItem, type Item } from '../emit/builder.ts';
import type { ExpressionContext } from '../emit/indices.ts';
import { first, integer, last } from '../../ir/loops/type.ts';
import { decompose, type Scheduled } from '../map.ts';
import { emitPoints } from '../emit/points.ts';
import { advance, apart, Areas, emitSeparable, explain, load, plus, store, times, upTo } from './areas.ts';
import { eachHeight, newWinogradContext, type WinogradPlan } from './plan.ts';
import { emitTiles, tileAreas, tilesOf, withinEdges, type TileSource } from './tiles.ts';
import { taps } from './form.ts';

export function emitFilter(plan: WinogradPlan, needed: ReadonlySet<BufferId>, machine: Machine): Scheduled {
  const { form, winograd, geometry, tile, imageAlongLanes } = plan;
  const { lanes } = machine;
  const { context, parameters } = newWinogradContext(form, needed, lanes);
  const { builder } = context;
  const sources = sourcesOf(plan);
  const [along, across] = imageAlongLanes
    ? [sources.image, sources.gradient]
    : [sources.gradient, sources.image];
  const rows = across.channels.size / plan.rowBlocks;
  const stride = Math.ceil(rows / lanes) * lanes;
  const width = tile.vectors * lanes;
  const panels = Math.ceil(along.channels.size / width);
  const tiles = tilesOf(geometry);
  const products = winograd.products ** 2;
  const steps = {
    rows: apart(tiles * stride),
    vectors: apart(panels * tiles * width),
    sums: apart(panels * rows * width),
  };
  explain(builder, `F(3 × 3, ${winograd.tile} × ${winograd.tile})`);
  const areas = new Areas(builder);
  const places = {
    rows: areas.take(products * steps.rows, 'rows'),
    vectors: areas.take(products * steps.vectors, 'vectors'),
    sums: areas.take(products * steps.sums, 'sums'),
    taps: areas.take(taps * taps * lanes, 'taps'),
    between: areas.take(winograd.products * taps * lanes, 'between'),
  };
  const pixels = [across, along].map((source) => tileAreas(areas, source, geometry, lanes));
  const [rowPixels, vectorPixels] = pixels;
  if (!rowPixels || !vectorPixels) throw new Error('a product of one operand');

  const images = count(form.images);
  builder.loop('item', first, last, 1, (item) => {
    decompose(
      builder,
      builder.let(builder.arithmetic('quotient', item, constantItem(plan.rowBlocks)), 'batch'),
      form.batch,
    );
    const rowBlock = builder.arithmetic('remainder', item, constantItem(plan.rowBlocks));
    const firstChannel = builder.let(times(builder, rowBlock, rows), 'from');
    const begun = builder.mutable('begun', 'integer', integer(0));

    builder.loop('image', integer(0), integer(images), geometry.images, (firstImage) => {
      const imagesHere = upTo(builder, firstImage, geometry.images, images, 'images');
      builder.loop('block', integer(0), integer(geometry.down), geometry.rows, (firstRow) => {
        const rowsHere = upTo(builder, firstRow, geometry.rows, geometry.down, 'rows');
        builder.loop('image', integer(0), imagesHere.value, 1, (at) => {
          decompose(builder, builder.let(plus(builder, firstImage, at), 'n'), form.images);
          const firstTile = times(builder, at, geometry.rows * geometry.across);
          builder.loop('channel', integer(0), integer(stride), lanes, (channel) => {
            const base = advance(builder, places.rows, channel, 'tiles');
            const range = {
              channel: builder.let(plus(builder, firstChannel, channel), 'channel'),
              ...{ firstRow, rows: rowsHere, firstTile },
            };
            const target = { base, tile: stride, product: steps.rows };
            emitTiles(context, across, geometry, rowPixels, range, target);
          });
          builder.loop('channel', integer(0), integer(panels * width), lanes, (channel) => {
            const panel = builder.arithmetic('quotient', channel, constantItem(width));
            const lane = builder.arithmetic('remainder', channel, constantItem(width));
            const place = plus(builder, times(builder, panel, tiles * width), lane);
            const base = advance(builder, places.vectors, place, 'tiles');
            const range = { channel, firstRow, rows: rowsHere, firstTile };
            const target = { base, tile: width, product: steps.vectors };
            emitTiles(context, along, geometry, vectorPixels, range, target);
          });
        });
        const lines = builder.arithmetic('multiply', imagesHere, rowsHere);
        const depth = builder.let(times(builder, lines, geometry.across), 'depth');
        builder.emit({ kind: 'comment', text: `${products} products, summed over the tiles` });
        builder.loop('product', integer(0), integer(products), 1, (product) => {
          const a = advance(builder, places.rows, times(builder, product, steps.rows), 'a');
          builder.loop('panel', integer(0), integer(panels), 1, (panel) => {
            const at = (step: number, elements: number) =>
              plus(builder, times(builder, product, step), times(builder, panel, elements));
            const b = advance(builder, places.vectors, at(steps.vectors, tiles * width), 'b');
            const c = advance(builder, places.sums, at(steps.sums, rows * width), 'c');
            eachHeight(builder, constantItem(0), rows, tile, (row, height) => {
              builder.emit({
                kind: 'tile',
                rows: height,
                stride,
                step: 1,
                vectors: tile.vectors,
                a: advance(builder, a, row, 'a').value,
                b: b.value,
                depth: depth.value,
                c: advance(builder, c, times(builder, row, width), 'c').value,
                accumulate: begun.value,
              });
            });
          });
        });
        builder.assign(begun, integer(1));
      });
    });
    finish(context, plan, { places, step: steps.sums, rows, width, firstChannel }, needed);
  });
  return {
    routine: { parameters: parameters.buffers.length, body: builder.body, scratch: areas.bytes },
    buffers: parameters.buffers,
    items: count(form.batch) * plan.rowBlocks,
    cost: plan.cost,
  };
}

function sourcesOf({ form, winograd, geometry }: WinogradPlan): {
  readonly image: TileSource;
  readonly gradient: TileSource;
} {
  const places = { rows: form.rows, columns: form.columns };
  const image: TileSource = {
    ...places,
    formula: form.image,
    channels: form.channels,
    reads: winograd.products,
    transform: winograd.data,
    comment: ['Tiles of the image, Bᵀ d B, where Bᵀ d is', ...winograd.formulas.data],
  };
  const gradient: TileSource = {
    ...places,
    formula: form.other,
    channels: form.filters,
    reads: winograd.tile,
    transform: winograd.gradient,
    comment: ["Tiles of the output's gradient, G g Gᵀ, where G g is", ...winograd.formulas.gradient],
  };
  return { image: withinEdges(image, geometry), gradient: withinEdges(gradient, geometry) };
}

interface Sums {
  readonly places: { readonly sums: Item; readonly taps: Item; readonly between: Item };
  /** Elements from one product's sums to the next's. */
  readonly step: number;
  readonly rows: number;
  readonly width: number;
  readonly firstChannel: Item;
}

/** The sums of all products become the nine taps, on which the rest of the kernel is computed. */
function finish(
  context: ExpressionContext,
  { form, winograd, imageAlongLanes }: WinogradPlan,
  { places, step, rows, width, firstChannel }: Sums,
  needed: ReadonlySet<BufferId>,
): void {
  const { builder, lanes } = context;
  const [along, across] = imageAlongLanes ? [form.channels, form.filters] : [form.filters, form.channels];
  context.sizes.set(form.rows.id, form.rows.size);
  context.sizes.set(form.columns.id, form.columns.size);
  builder.emit({ kind: 'comment', text: 'The taps, Aᵀ M A, where Aᵀ m is' });
  for (const text of winograd.formulas.taps) builder.emit({ kind: 'comment', text });
  builder.loop('row', integer(0), integer(rows), 1, (row) => {
    builder.bind(across.id, builder.let(plus(builder, firstChannel, row), 'r'));
    builder.loop('channel', integer(0), integer(along.size), lanes, (channel) => {
      builder.bind(along.id, channel, lanes);
      const panel = builder.arithmetic('quotient', channel, constantItem(width));
      const lane = builder.arithmetic('remainder', channel, constantItem(width));
      const line = plus(builder, times(builder, panel, rows * width), times(builder, row, width), lane);
      const from = advance(builder, places.sums, line, 'from');
      emitSeparable(builder, lanes, {
        from: winograd.products,
        to: taps,
        transform: winograd.taps,
        between: places.between,
        read: (i, column) => {
          const place = advance(builder, from, times(builder, column, step), 'place');
          return load(builder, place, i * winograd.products * step, 'm');
        },
        write: (row, column, value) => {
          const line = advance(builder, places.taps, times(builder, row, taps * lanes), 'line');
          store(builder, line, column * lanes, value);
        },
      });
      const stored = upTo(builder, channel, lanes, along.size, 'lanes').value;
      builder.loop('i', integer(0), integer(taps), 1, (i) => {
        builder.bind(form.windowRows.id, i);
        builder.loop('j', integer(0), integer(taps), 1, (j) => {
          builder.bind(form.windowColumns.id, j);
          const tap = plus(builder, times(builder, i, taps * lanes), times(builder, j, lanes));
          const sum = load(builder, advance(builder, places.taps, tap, 'tap'), 0, 'sum');
          const inner: ExpressionContext = { ...context, along: along.id, given: new Map([['sum', sum]]) };
          const whole = stored.kind === 'integer' && stored.value === lanes;
          emitPoints(inner, form.points, needed, whole ? undefined : stored);
        });
      });
    });
  });
}
