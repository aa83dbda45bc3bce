// A filter's gradient by Winograd convolution, F(3, tile): the image and the output's gradient are transformed tile by tile, their
// products are summed over the tiles in the transformed domain, and one small inverse transform gives the nine taps. A work item is a
// slice of the sum, or some rows of the filter: the order of additions depends on the shapes alone.
import { first, integer, last } from '../../ir/loops/type.ts';
import { constantItem, type Item } from '../emit/builder.ts';
import type { EmitContext } from '../emit/context.ts';
import { bindPosition } from '../emit/nest.ts';
import { emitComputations } from '../emit/computations.ts';
import type { TileSource } from '../type.ts';
import { sidesOf } from './choose.ts';
import { taps } from './form.ts';
import { emitTiles } from './tiles.ts';
import { advance, columnOf, comments, emitSeparable, load, plus, store, times, upTo } from './vectors.ts';
import { emitProducts, type Work } from './work.ts';
import { elementsOf } from '../../ir/stages/walk.ts';

export function emitFilter(work: Work): void {
  const { context, plan } = work;
  const { builder } = context;
  const { form, geometry, matrices, blocks } = plan;
  const images = elementsOf(form.images);
  builder.loop('item', first, last, 1, (item) => {
    const batch = builder.let(builder.arithmetic('quotient', item, constantItem(blocks.rows)), 'batch');
    bindPosition(builder, batch, form.batch);
    const rowBlock = builder.arithmetic('remainder', item, constantItem(blocks.rows));
    const firstChannel = builder.let(times(builder, rowBlock, matrices.rows), 'from');
    const begun = builder.mutable('begun', 'integer', integer(0));
    builder.loop('image', integer(0), integer(images), geometry.images, (firstImage) => {
      const imagesHere = upTo(builder, firstImage, { most: geometry.images, end: images }, 'images');
      builder.loop('block', integer(0), integer(geometry.down), geometry.rows, (firstRow) => {
        const rows = upTo(builder, firstRow, { most: geometry.rows, end: geometry.down }, 'rows');
        transformBlock(work, firstChannel, { firstImage, images: imagesHere, firstRow, rows });
        const lines = builder.arithmetic('multiply', imagesHere, rows);
        const depth = builder.let(times(builder, lines, geometry.across), 'depth');
        comments(builder, `${geometry.products ** 2} products, summed over the tiles`);
        emitProducts(work, { depthInner: false, depth, accumulate: begun });
        builder.assign(begun, integer(1));
      });
    });
    finishTaps(work, firstChannel);
  });
}

/** The operands that give the vectors and the rows of the products. */
function sourcesOf({ plan: { image, filter } }: Work): {
  readonly along: TileSource;
  readonly across: TileSource;
} {
  if (!filter) throw new Error('a filter without a gradient');
  const { gradient, vectors } = filter;
  return vectors === 'image' ? { along: image, across: gradient } : { along: gradient, across: image };
}

interface BlockRange {
  readonly firstImage: Item;
  readonly images: Item;
  readonly firstRow: Item;
  readonly rows: Item;
}

/** Transforms a block's tiles of both operands: [product][tile][row] on the left, [product][panel][tile][lane] on the right. */
function transformBlock(work: Work, firstChannel: Item, range: BlockRange): void {
  const { context, plan, area } = work;
  const { builder, lanes } = context;
  const { form, geometry, matrices } = plan;
  const { width, pitch, depth, panels, steps } = matrices;
  const { along, across } = sourcesOf(work);
  const { firstRow, rows } = range;
  builder.loop('image', integer(0), range.images.value, 1, (at) => {
    bindPosition(builder, builder.let(plus(builder, range.firstImage, at), 'n'), form.images);
    const firstTile = times(builder, at, geometry.rows * geometry.across);
    builder.vectorLoop('channel', integer(0), integer(pitch), lanes, (row) => {
      const base = advance(builder, area('left'), row, 'tiles');
      const channel = builder.let(plus(builder, firstChannel, row), 'channel');
      const target = { base, tile: pitch, product: steps.left };
      emitTiles(work, across, { channel, firstRow, rows, firstTile }, target);
    });
    builder.vectorLoop('channel', integer(0), integer(panels * width), lanes, (channel) => {
      const column = columnOf(builder, channel, { width, panel: depth * width });
      const base = advance(builder, area('right'), column, 'tiles');
      const target = { base, tile: width, product: steps.right };
      emitTiles(work, along, { channel, firstRow, rows, firstTile }, target);
    });
  });
}

/** Transforms the sums of all products back into the nine taps, and computes the epilogue on them. */
function finishTaps(work: Work, firstChannel: Item): void {
  const { context, plan, winograd } = work;
  const { builder, lanes } = context;
  const { form, matrices, filter } = plan;
  const { rows, width } = matrices;
  const { along, across } = sidesOf(form, filter?.vectors ?? 'image');
  comments(builder, 'The taps, Aᵀ M A, where Aᵀ m is', ...winograd.formulas.taps);
  builder.loop('row', integer(0), integer(rows), 1, (row) => {
    builder.bind(across.id, builder.let(plus(builder, firstChannel, row), 'r'));
    builder.vectorLoop('channel', integer(0), integer(along.size), lanes, (channel) => {
      builder.bind(along.id, channel, lanes);
      const panel = builder.arithmetic('quotient', channel, constantItem(width));
      const lane = builder.arithmetic('remainder', channel, constantItem(width));
      transformBack(
        work,
        plus(builder, times(builder, panel, rows * width), times(builder, row, width), lane),
      );
      emitTaps(
        work,
        { ...context, along: along.id },
        upTo(builder, channel, { most: lanes, end: along.size }, 'lanes'),
      );
    });
  });
}

/** Transforms back the nine taps of one row and one vector of channels, whose sums begin at `place`. */
function transformBack({ context, plan, winograd, area }: Work, place: Item): void {
  const { builder, lanes } = context;
  const { sums } = plan.matrices.steps;
  const from = advance(builder, area('sums'), place, 'from');
  emitSeparable(builder, lanes, {
    from: winograd.products,
    to: taps,
    transform: winograd.taps,
    between: area('between'),
    read: (i, column) => {
      const at = advance(builder, from, times(builder, column, sums), 'place');
      return load(builder, at, i * winograd.products * sums, 'm');
    },
    write: (row, column, value) => {
      const line = advance(builder, area('taps'), times(builder, row, taps * lanes), 'line');
      store(builder, line, column * lanes, value);
    },
  });
}

function emitTaps({ plan, area }: Work, context: EmitContext, stored: Item): void {
  const { builder, lanes } = context;
  const { form } = plan;
  const all = stored.value.kind === 'integer' && stored.value.value === lanes;
  builder.loop('i', integer(0), integer(taps), 1, (i) => {
    builder.bind(form.windowRows.id, i);
    builder.loop('j', integer(0), integer(taps), 1, (j) => {
      builder.bind(form.windowColumns.id, j);
      const tap = plus(builder, times(builder, i, taps * lanes), times(builder, j, lanes));
      const sum = load(builder, advance(builder, area('taps'), tap, 'tap'), 0, 'sum');
      const inner: EmitContext = { ...context, given: new Map([['sum', sum]]) };
      emitComputations(inner, form.computations, plan.stored, all ? undefined : stored.value);
    });
  });
}
