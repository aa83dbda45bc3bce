// The one schedule for all that is heavy: a contraction becomes packed panels of two operands, a register-blocked microkernel over
// them, and a write-back that computes the rest of the kernel, and the kernels joined to it, on the sums of one tile while they
// are in the first cache. The order in which products are added depends on the shapes alone, never on the threads.
import type { BufferId } from '../../ir/stages/type.ts';
import type { Machine, Tile } from '../machine/machine.ts';
import { arrange, chooseBlocks, count, type Arrangement, type Blocks, type Product } from './arrangement.ts';
import { constantItem, LoopBuilder, type Item } from '../emit/builder.ts';
import type { Point } from '../../ir/formula.ts';
import type { ExpressionContext } from '../emit/indices.ts';
import { arithmetic, first, integer, last, scratch, type Value } from '../../ir/loops/type.ts';
import { decompose, type Scheduled } from '../map.ts';
import { packInOrder, packRows, packVectors, rowOfTile, type Depth } from './panels.ts';
import { declare, newContext, Parameters } from '../emit/points.ts';
import { aligned } from '../memory.ts';
import { nest } from '../emit/reduction.ts';
import { writeBack } from './write-back.ts';
import { scheduleWinograd } from '../winograd/winograd.ts';

export function scheduleContraction(
  product: Product,
  needed: ReadonlySet<BufferId>,
  machine: Machine,
): Scheduled {
  const arrangement = arrange(product, machine);
  const filtered = scheduleWinograd(product, arrangement.cost, needed, machine);
  if (filtered) return filtered;
  const blocks = chooseBlocks(arrangement, machine);
  return emitContraction(arrangement, blocks, needed, machine);
}
function emitContraction(
  arrangement: Arrangement,
  blocks: Blocks,
  needed: ReadonlySet<BufferId>,
  machine: Machine,
): Scheduled {
  const { batch, rows, vectors, depth, points, tile } = arrangement;
  const { lanes } = machine;
  const builder = new LoopBuilder();
  const parameters = new Parameters();
  const operands = [rows, vectors].map(({ formula }, i) => ({
    ...firstPoint(points),
    formula,
    output: { ...firstPoint(points).output, buffer: -1 - i },
  }));
  declare(parameters, [...operands, ...points], needed);
  const context = newContext(builder, parameters, lanes);
  for (const axis of [...batch, ...rows.axes, ...vectors.axes, ...depth])
    context.sizes.set(axis.id, axis.size);

  const width = tile.vectors * lanes;
  // Packing by vectors may write a few rows past a panel's end.
  const margin = 4 * lanes * width;
  const rowPanels = aligned(4 * rowPanel(blocks, tile, lanes) * blocks.rowTiles + margin);
  const vectorPanels = aligned(4 * blocks.longest * width * blocks.vectorTiles + margin);
  const sums = 4 * tile.rows * width * (blocks.single ? 1 : blocks.rowTiles * blocks.vectorTiles);
  const at = (bytes: number): Item => ({
    value: { kind: 'advance', pointer: scratch, elements: integer(bytes / 4) },
    depth: 0,
  });
  const places: Areas = {
    rows: { value: scratch, depth: 0 },
    vectors: builder.let(at(rowPanels), 'panels'),
    sums: builder.let(at(rowPanels + vectorPanels), 'sums'),
  };
  const items = count(batch) * blocks.rowBlocks * blocks.vectorBlocks;
  const packed = blocks.single ? builder.mutable('packed', 'integer', integer(-1)) : undefined;
  builder.loop('item', first, last, 1, (item) => {
    const [outer, inner] =
      blocks.keep === 'rows'
        ? [blocks.rowBlocks, blocks.vectorBlocks]
        : [blocks.vectorBlocks, blocks.rowBlocks];
    const kept = quotientOf(builder, item, inner, 'kept');
    const passing = remainderOf(builder, item, inner, 'block');
    decompose(builder, quotientOf(builder, kept, outer, 'batch'), batch);
    const keptBlock = remainderOf(builder, kept, outer, 'block');
    const [rowBlock, vectorBlock] = blocks.keep === 'rows' ? [keptBlock, passing] : [passing, keptBlock];
    const rowRange = rangeOf(builder, rowBlock, blocks.rowTiles, blocks.tilesOfRows);
    const vectorRange = rangeOf(builder, vectorBlock, blocks.vectorTiles, blocks.tilesOfVectors);
    const work = { context, arrangement, blocks, places, rowRange, vectorRange, needed };
    if (packed) oneDepth(work, kept, packed);
    else manyDepths(work);
  });
  return {
    routine: {
      parameters: parameters.buffers.length,
      body: builder.body,
      scratch: rowPanels + vectorPanels + sums,
    },
    buffers: parameters.buffers,
    items,
    cost: arrangement.cost,
  };
}

interface Areas {
  readonly rows: Item;
  readonly vectors: Item;
  readonly sums: Item;
}

interface Work {
  readonly context: ExpressionContext;
  readonly arrangement: Arrangement;
  readonly blocks: Blocks;
  readonly places: Areas;
  readonly rowRange: readonly [Item, Item];
  readonly vectorRange: readonly [Item, Item];
  readonly needed: ReadonlySet<BufferId>;
}

/** The whole depth at once: the kept operand is packed when its block changes, and each tile is finished as it is computed. */
function oneDepth(work: Work, kept: Item, packed: Item): void {
  const { context, arrangement, blocks, places } = work;
  const { builder } = context;
  const depth: Depth = { axes: arrangement.depth, split: undefined, from: integer(0), to: integer(0) };
  const packKept = blocks.keep === 'rows' ? packRowBlock : packVectorBlock;
  const packPassing = blocks.keep === 'rows' ? packVectorBlock : packRowBlock;
  builder.when(arithmetic('unequal', kept.value, packed.value), () => {
    packKept(work, depth);
    builder.assign(packed, kept.value);
  });
  packPassing(work, depth);
  eachTile(work, (rowTile, vectorTile) => {
    multiply(work, rowTile, vectorTile, integer(blocks.longest), places.sums, integer(0));
    writeBack(context, arrangement, work.needed, { rowTile, vectorTile, sums: places.sums });
  });
}

/** The depth block by block, the sums of the item's tiles kept in between; then the tiles are finished. */
function manyDepths(work: Work): void {
  const { context, arrangement, blocks } = work;
  const { builder } = context;
  const { depth } = arrangement;
  const split = depth[blocks.split];
  if (!split) throw new Error('no axis to cut');
  const inner = count(depth.slice(blocks.split + 1));
  const begun = builder.mutable('begun', 'integer', integer(0));
  nest(context, depth.slice(0, blocks.split), () => {
    builder.loop('from', integer(0), integer(split.size), blocks.chunk, (from) => {
      const end = arithmetic(
        'minimum',
        arithmetic('add', from.value, integer(blocks.chunk)),
        integer(split.size),
      );
      const to = builder.let({ value: end, depth: from.depth }, 'to');
      const length = builder.arithmetic(
        'multiply',
        builder.arithmetic('subtract', to, from),
        constantItem(inner),
      );
      const block: Depth = { axes: depth.slice(blocks.split), split, from: from.value, to: to.value };
      packRowBlock(work, block);
      packVectorBlock(work, block);
      const depthHere = builder.let(length, 'depth');
      eachTile(work, (rowTile, vectorTile) => {
        multiply(work, rowTile, vectorTile, depthHere.value, slotOf(work, rowTile, vectorTile), begun.value);
      });
      builder.assign(begun, integer(1));
    });
  });
  eachTile(work, (rowTile, vectorTile) =>
    writeBack(context, arrangement, work.needed, {
      rowTile,
      vectorTile,
      sums: slotOf(work, rowTile, vectorTile),
    }),
  );
}

/** Elements of a panel of rows: whole vectors are stored, the last of which may go past its end. */
function rowPanel(blocks: Blocks, tile: Tile, lanes: number): number {
  return blocks.longest * tile.rows + lanes;
}

function packRowBlock(
  { context, arrangement, blocks, places, rowRange: [from, to] }: Work,
  depth: Depth,
): void {
  const { builder } = context;
  const { rows: side, tile } = arrangement;
  const elements = rowPanel(blocks, tile, context.lanes);
  const [axis] = side.axes;
  if (arrangement.access[0] === 'in order' && axis) {
    const panels = { base: places.rows, from, to, elements };
    packInOrder(context, side.formula, axis, tile.rows, (at) => rowOfTile(builder, side, at), panels, depth);
    return;
  }
  builder.loop('tile', from.value, to.value, 1, (at) =>
    packRows(context, side, at, panelAt(builder, places.rows, at, from, elements), depth),
  );
}

function packVectorBlock(
  { context, arrangement, blocks, places, vectorRange: [from, to] }: Work,
  depth: Depth,
): void {
  const { builder, lanes } = context;
  const { vectors: side, tile } = arrangement;
  const width = tile.vectors * lanes;
  const elements = blocks.longest * width;
  if (arrangement.access[1] === 'in order' && side.axes.length === 1) {
    const panels = { base: places.vectors, from, to, elements };
    const startOf = (at: Item) =>
      builder.let(builder.arithmetic('multiply', at, constantItem(width)), 'column');
    packInOrder(context, side.formula, side.along, width, startOf, panels, depth);
    return;
  }
  builder.loop('tile', from.value, to.value, 1, (at) =>
    packVectors(context, side, at, panelAt(builder, places.vectors, at, from, elements), depth),
  );
}

function panelAt(builder: LoopBuilder, base: Item, tile: Item, from: Item, elements: number): Item {
  const position = builder.arithmetic(
    'multiply',
    builder.arithmetic('subtract', tile, from),
    constantItem(elements),
  );
  const value: Value = { kind: 'advance', pointer: base.value, elements: position.value };
  return builder.let({ value, depth: Math.max(base.depth, position.depth) }, 'panel');
}

function eachTile(
  { context, rowRange, vectorRange }: Work,
  body: (rowTile: Item, vectorTile: Item) => void,
): void {
  const { builder } = context;
  builder.loop('across', vectorRange[0].value, vectorRange[1].value, 1, (vectorTile) => {
    builder.loop('down', rowRange[0].value, rowRange[1].value, 1, (rowTile) => body(rowTile, vectorTile));
  });
}

function multiply(
  work: Work,
  rowTile: Item,
  vectorTile: Item,
  depth: Value,
  c: Item,
  accumulate: Value,
): void {
  const { context, arrangement, blocks, places, rowRange, vectorRange } = work;
  const { builder, lanes } = context;
  const { rows, vectors } = arrangement.tile;
  const a = panelAt(builder, places.rows, rowTile, rowRange[0], rowPanel(blocks, arrangement.tile, lanes));
  const b = panelAt(builder, places.vectors, vectorTile, vectorRange[0], blocks.longest * vectors * lanes);
  const { full } = arrangement.rows;
  const call = (height: number) =>
    builder.emit({
      kind: 'tile',
      rows: height,
      stride: rows,
      step: 1,
      vectors,
      a: a.value,
      b: b.value,
      depth,
      c: c.value,
      accumulate,
    });
  if (full === blocks.tilesOfRows) call(rows);
  else if (full === 0) call(rows - 1);
  else {
    const isFull = builder.let(builder.arithmetic('less', rowTile, constantItem(full)), 'full');
    builder.when(isFull.value, () => call(rows));
    builder.when(arithmetic('equal', isFull.value, integer(0)), () => call(rows - 1));
  }
}

function slotOf(
  { context, arrangement, blocks, places, rowRange, vectorRange }: Work,
  rowTile: Item,
  vectorTile: Item,
): Item {
  const { builder, lanes } = context;
  const across = builder.arithmetic('subtract', vectorTile, vectorRange[0]);
  const down = builder.arithmetic('subtract', rowTile, rowRange[0]);
  const line = builder.arithmetic('multiply', across, constantItem(blocks.rowTiles));
  const slot = builder.let(builder.arithmetic('add', line, down), 'slot');
  const elements = arrangement.tile.rows * arrangement.tile.vectors * lanes;
  return panelAt(builder, places.sums, slot, constantItem(0), elements);
}

function firstPoint(points: readonly Point[]): Point {
  const [point] = points;
  if (!point) throw new Error('a contraction without a kernel');
  return point;
}

function quotientOf(builder: LoopBuilder, item: Item, divisor: number, hint: string): Item {
  return builder.let(builder.arithmetic('quotient', item, constantItem(divisor)), hint);
}

function remainderOf(builder: LoopBuilder, item: Item, divisor: number, hint: string): Item {
  return builder.let(builder.arithmetic('remainder', item, constantItem(divisor)), hint);
}

function rangeOf(builder: LoopBuilder, block: Item, tiles: number, all: number): readonly [Item, Item] {
  const from = builder.let(builder.arithmetic('multiply', block, constantItem(tiles)), 'from');
  const end = builder.arithmetic(
    'minimum',
    builder.arithmetic('add', from, constantItem(tiles)),
    constantItem(all),
  );
  return [from, builder.let(end, 'to')];
}
