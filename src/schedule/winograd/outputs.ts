// A convolution, or its input's gradient, by Winograd convolution. Each thread transforms the filter into panels once. A work item is a
// block of output tiles: its part of the image is transformed into one matrix of tiles × channels per product, each is multiplied by the
// filter's, and the sums are transformed back, all in scratch memory that fits the second cache. The epilogue runs on the finished rows
// of outputs.
import { arithmetic, elementSize, first, integer, last } from '../../ir/loops/type.ts';
import { constantItem, type Item } from '../emit/builder.ts';
import type { EmitContext } from '../emit/context.ts';
import { emitFormula } from '../emit/expression.ts';
import { bindPosition } from '../emit/nest.ts';
import { emitComputations } from '../emit/computations.ts';
import { taps } from './form.ts';
import { emitTiles } from './tiles.ts';
import { advance, columnOf, comments, emitSeparable, load, plus, store, times, upTo } from './vectors.ts';
import { emitProducts, type Work } from './work.ts';
import { elementsOf } from '../../ir/stages/walk.ts';

export function emitOutputs(work: Work): void {
  const { context, plan } = work;
  const { builder } = context;
  const { geometry, matrices, blocks } = plan;
  const perBatch = blocks.images * blocks.rows;
  const packed = builder.mutable('packed', 'integer', integer(-1));
  builder.loop('item', first, last, 1, (item) => {
    const kept = builder.let(builder.arithmetic('quotient', item, constantItem(perBatch)), 'kept');
    const block = builder.let(builder.arithmetic('remainder', item, constantItem(perBatch)), 'block');
    bindPosition(builder, kept, plan.form.batch);
    builder.when(arithmetic('unequal', kept.value, packed.value), () => {
      transformFilter(work);
      builder.assign(packed, kept.value);
    });
    const range = bindBlock(work, block);
    transformImages(work, range);
    comments(builder, `${geometry.products ** 2} products of tiles × channels by channels × filters`);
    const depth = constantItem(matrices.depth);
    emitProducts(work, { depthInner: true, depth, accumulate: constantItem(0) });
    finishTiles(work, range);
  });
}

/** A block of tiles. */
interface BlockRange {
  readonly firstImage: Item;
  readonly images: Item;
  /** Tile rows. */
  readonly firstRow: Item;
  readonly rows: Item;
}

function bindBlock(
  { context: { builder }, plan: { form, geometry, blocks } }: Work,
  block: Item,
): BlockRange {
  const rest = builder.let(builder.arithmetic('quotient', block, constantItem(blocks.rows)), 'rest');
  const down = builder.let(builder.arithmetic('remainder', block, constantItem(blocks.rows)), 'down');
  const firstImage = builder.let(times(builder, rest, geometry.images), 'image');
  const firstRow = builder.let(times(builder, down, geometry.rows), 'row');
  const images = upTo(builder, firstImage, { most: geometry.images, end: elementsOf(form.images) }, 'images');
  const rows = upTo(builder, firstRow, { most: geometry.rows, end: geometry.down }, 'rows');
  return { firstImage, images, firstRow, rows };
}

/** Transforms the filter into the right matrices: [product][panel][channel][filters of the panel]. */
function transformFilter({ context, plan, winograd, area }: Work): void {
  const { builder, lanes } = context;
  const { form, matrices } = plan;
  const { panels, width, depth, steps } = matrices;
  const inner: EmitContext = { ...context, along: form.filters.id };
  comments(builder, 'The filter, G g Gᵀ, where G g is', ...winograd.formulas.filter);
  builder.vectorLoop('filter', integer(0), integer(panels * width), lanes, (filter) => {
    builder.bind(form.filters.id, filter, lanes);
    const place = columnOf(builder, filter, { width, panel: depth * width });
    builder.loop('channel', integer(0), integer(depth), 1, (channel) => {
      builder.bind(form.channels.id, channel);
      const at = plus(builder, place, times(builder, channel, width));
      const to = advance(builder, area('right'), at, 'to');
      emitSeparable(builder, lanes, {
        from: taps,
        to: winograd.products,
        transform: winograd.filter,
        between: area('between'),
        read: (i, column) => {
          builder.bindConstant(form.windowRows.id, i);
          builder.bind(form.windowColumns.id, column);
          return builder.let(emitFormula(inner, form.other), 'g');
        },
        write: (row, column, value) => {
          const line = advance(builder, to, times(builder, row, winograd.products * steps.right), 'line');
          store(builder, line, column * steps.right, value);
        },
      });
    });
  });
}

/** Transforms the block's images into the left matrices: [product][tile][channel]. */
function transformImages(work: Work, { firstImage, images, firstRow, rows }: BlockRange): void {
  const { context, plan, area } = work;
  const { builder, lanes } = context;
  const { form, geometry, matrices, image } = plan;
  builder.loop('image', integer(0), images.value, 1, (at) => {
    bindPosition(builder, builder.let(plus(builder, firstImage, at), 'n'), form.images);
    const firstTile = times(builder, at, geometry.rows * geometry.across);
    builder.vectorLoop('channel', integer(0), integer(matrices.pitch), lanes, (channel) => {
      const base = advance(builder, area('left'), channel, 'tiles');
      const target = { base, tile: matrices.pitch, product: matrices.steps.left };
      emitTiles(work, image, { channel, firstRow, rows, firstTile }, target);
    });
  });
}

/** Transforms the sums back to outputs and runs the epilogue, one tile row of one vector of filters at a time. */
function finishTiles(work: Work, { firstImage, images, firstRow, rows }: BlockRange): void {
  const { context, plan, area } = work;
  const { builder, lanes } = context;
  const { form, geometry, matrices } = plan;
  const { width } = matrices;
  builder.vectorLoop('filter', integer(0), integer(form.filters.size), lanes, (filter) => {
    const column = columnOf(builder, filter, { width, panel: matrices.rows * width });
    const base = advance(builder, area('sums'), column, 'sums');
    builder.loop('image', integer(0), images.value, 1, (at) => {
      bindPosition(builder, builder.let(plus(builder, firstImage, at), 'n'), form.images);
      builder.loop('row', integer(0), rows.value, 1, (row) => {
        const line = plus(builder, times(builder, at, geometry.rows), row);
        const tileRow = times(builder, line, geometry.across * width);
        transformBack(work, advance(builder, base, tileRow, 'sums'));
        const place = times(builder, plus(builder, firstRow, row), geometry.tile);
        emitRows(work, filter, builder.let(place, 'row'));
      });
    });
  });
}

/** Transforms the sums of a tile row back, and transposes to vectorize along the columns: [row][column][lane] → [lane][row][column]. */
function transformBack({ context, plan, winograd, area }: Work, sums: Item): void {
  const { builder, lanes } = context;
  const { tile, products, across } = plan.geometry;
  const { width, steps } = plan.matrices;
  const pitch = pitchOf(plan);
  comments(builder, 'Y = Aᵀ M A, where Aᵀ m is', ...winograd.formulas.output);
  builder.loop('tile', integer(0), integer(across), 1, (at) => {
    const from = advance(builder, sums, times(builder, at, width), 'from');
    const to = advance(builder, area('outputs'), times(builder, at, tile * lanes), 'to');
    emitSeparable(builder, lanes, {
      from: products,
      to: tile,
      transform: winograd.output,
      between: area('between'),
      read: (i, column) => {
        const place = advance(builder, from, times(builder, column, steps.sums), 'place');
        return load(builder, place, i * products * steps.sums, 'm');
      },
      write: (row, column, value) => {
        const line = advance(builder, to, times(builder, row, pitch * lanes), 'line');
        store(builder, line, column * lanes, value);
      },
    });
  });
  builder.vectorLoop('x', integer(0), integer(tile * pitch), lanes, (x) => {
    const from = advance(builder, area('outputs'), times(builder, x, lanes), 'from');
    const to = advance(builder, area('columns'), x, 'to');
    const rows = Array.from({ length: lanes }, (_, i) => load(builder, from, i * lanes, 'y').value);
    const places = Array.from({ length: lanes }, (_, i) => ({
      pointer: to.value,
      offset: elementSize * i * tile * pitch,
    }));
    builder.emit({ kind: 'transpose', rows, places });
  });
}

/** Row stride of the outputs in scratch memory, in elements: a multiple of the lanes. */
function pitchOf({ geometry: { tile, across }, lanes }: Work['plan']): number {
  return Math.ceil((tile * across) / lanes) * lanes;
}

/** The epilogue on the outputs of one tile row. */
function emitRows({ context, plan, area }: Work, filter: Item, firstRow: Item): void {
  const { builder, lanes } = context;
  const { form, geometry } = plan;
  const { tile, height, width } = geometry;
  const pitch = pitchOf(plan);
  const rows = upTo(builder, firstRow, { most: tile, end: height }, 'height');
  const filters = upTo(builder, filter, { most: lanes, end: form.filters.size }, 'lanes');
  const vectorEnd = width - (width % lanes);
  builder.loop('lane', integer(0), filters.value, 1, (lane) => {
    builder.bind(form.filters.id, builder.let(plus(builder, filter, lane), 'k'));
    builder.loop('y', integer(0), rows.value, 1, (y) => {
      builder.bind(form.rows.id, builder.let(plus(builder, firstRow, y), 'y'));
      const line = plus(builder, times(builder, lane, tile * pitch), times(builder, y, pitch));
      const emitVector = (x: Item, stored?: number) => {
        builder.bind(form.columns.id, x, lanes);
        const from = advance(builder, area('columns'), plus(builder, line, x), 'from');
        const given = new Map([['sum', load(builder, from, 0, 'sum')]]);
        const inner: EmitContext = { ...context, along: form.columns.id, given };
        emitComputations(
          inner,
          form.computations,
          plan.stored,
          stored === undefined ? undefined : integer(stored),
        );
      };
      builder.vectorLoop('x', integer(0), integer(vectorEnd), lanes, (x) => emitVector(x));
      if (vectorEnd < width) emitVector(constantItem(vectorEnd), width - vectorEnd);
    });
  });
}
