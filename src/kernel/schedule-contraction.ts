// The one schedule for all that is heavy: a contraction becomes packed panels of two operands, a register-blocked microkernel over
// them, and a write-back that computes the rest of the kernel, and the kernels joined to it, on the sums of one tile while they
// are in the first cache. Which operand lies along the lanes, the tile and the blocks are chosen by counting instructions.
// The order in which products are added depends on the shapes alone, never on the threads.
import type { Axis, BufferId } from '../ir/kernel.ts';
import type { Machine, Tile } from './machine.ts';
import { mergeAxes } from './schedule-axes.ts';
import { constantItem, LoopBuilder, placeAt, type Item } from './schedule-builder.ts';
import {
  axesOf,
  mapAddress,
  mapSums,
  nodesOf,
  sumsOf,
  type Formula,
  type Point,
} from './schedule-formula.ts';
import type { ExpressionContext } from './schedule-indices.ts';
import { arithmetic, first, integer, last, scratch, type Value } from './schedule-loops.ts';
import { decompose, type Scheduled } from './schedule-map.ts';
import {
  bindVector,
  packRows,
  packVectors,
  rowAccess,
  vectorAccess,
  type Access,
  type Depth,
  type RowSide,
  type VectorSide,
} from './schedule-panels.ts';
import { declare, emitPoints, newContext, Parameters } from './schedule-points.ts';
import { nest } from './schedule-reduction.ts';

/** Σ left · right over `depth`; the points' formulas hold `given` `sum`. */
export interface Product {
  readonly left: Formula;
  readonly right: Formula;
  /** The output's axes, in its order. */
  readonly axes: readonly Axis[];
  readonly depth: readonly Axis[];
  readonly points: readonly Point[];
}

/** A product with its axes merged and sorted, and one side chosen to lie along the lanes. */
interface Arrangement {
  readonly batch: readonly Axis[];
  readonly rows: RowSide;
  readonly vectors: VectorSide;
  readonly depth: readonly Axis[];
  readonly points: readonly Point[];
  readonly tile: Tile;
  readonly access: readonly [Access, Access];
  readonly cost: number;
}

interface Blocks {
  /** Tiles in a block, and blocks, of rows and of vectors. */
  readonly rowTiles: number;
  readonly vectorTiles: number;
  readonly tilesOfRows: number;
  readonly tilesOfVectors: number;
  readonly rowBlocks: number;
  readonly vectorBlocks: number;
  /** Which operand's panels stay while the other's blocks pass. */
  readonly keep: 'rows' | 'vectors';
  /** The axis of the depth that is cut into blocks, and into how long ones. */
  readonly split: number;
  readonly chunk: number;
  /** Elements of depth in the longest block. */
  readonly longest: number;
  readonly single: boolean;
}

export function scheduleContraction(
  product: Product,
  needed: ReadonlySet<BufferId>,
  machine: Machine,
): Scheduled {
  const arrangement = arrange(product, machine);
  const blocks = chooseBlocks(arrangement, machine);
  return emitContraction(arrangement, blocks, needed, machine);
}

const count = (axes: readonly Axis[]) => axes.reduce((total, axis) => total * axis.size, 1);

function arrange(product: Product, machine: Machine): Arrangement {
  const options = [false, true].flatMap((swapped) => arrangements(product, swapped, machine));
  const [best] = options.toSorted((a, b) => a.cost - b.cost);
  if (!best) throw new Error('a contraction without an axis along the lanes');
  return best;
}

function arrangements(product: Product, swapped: boolean, machine: Machine): Arrangement[] {
  const [a, b] = swapped ? [product.right, product.left] : [product.left, product.right];
  const [inA, inB] = [axesOf(a), axesOf(b)];
  const sums = [
    ...sumsOf(a),
    ...sumsOf(b),
    ...product.points.flatMap(({ formula, output }) => [...sumsOf(formula), output.affine]),
  ];
  const own = (wantA: boolean, wantB: boolean) =>
    product.axes.filter(({ id }) => inA.has(id) === wantA && inB.has(id) === wantB);
  const merged = [
    mergeAxes([...own(true, true), ...own(false, false)], sums),
    mergeAxes(own(true, false), sums),
    mergeAxes(own(false, true), sums),
    mergeAxes(depthInOrder(product.depth, b, a), sums),
  ] as const;
  const change = (sum: (typeof sums)[number]) => merged.reduce((result, { change: one }) => one(result), sum);
  const [batch, m, n, depth] = merged.map(({ axes }) => axes);
  if (!batch || !m || !n || !depth) return [];
  const points = product.points.map((point) => ({
    ...point,
    formula: mapSums(point.formula, change),
    output: mapAddress(point.output, change),
  }));
  const [left, right] = [mapSums(a, change), mapSums(b, change)];
  return (n.length === 0 ? [unit] : n).map((along) => {
    const tile = bestTile(count(m), machine);
    const vectorAxes = [...n.filter((axis) => axis !== along), along];
    const perRow = Math.ceil(along.size / machine.lanes);
    const vectors: VectorSide = {
      formula: right,
      axes: vectorAxes,
      along,
      count: (count(vectorAxes) / along.size) * perRow,
      vectors: tile.vectors,
    };
    const rows: RowSide = { formula: left, axes: m, count: count(m), rows: tile.rows };
    const access = [
      rowAccess(rows, depth, machine.lanes),
      vectorAccess(vectors, depth, machine.lanes),
    ] as const;
    const cost = costOf({ batch, rows, vectors, depth, points, tile, access, cost: 0 }, machine);
    return { batch, rows, vectors, depth, points, tile, access, cost };
  });
}

/** The summed axes, those with the longest steps outermost: windows come innermost and are read while they are in the cache. */
function depthInOrder(depth: readonly Axis[], first: Formula, second: Formula): readonly Axis[] {
  const steps = new Map(depth.map((axis) => [axis, [stepAlong(first, axis), stepAlong(second, axis)]]));
  const step = (axis: Axis, side: number) => steps.get(axis)?.[side] ?? 0;
  return depth.toSorted((a, b) => step(b, 0) - step(a, 0) || step(b, 1) - step(a, 1));
}

function stepAlong(formula: Formula, axis: Axis): number {
  let longest = 0;
  for (const node of nodesOf(formula)) {
    if (node.kind !== 'read') continue;
    const { affine, quotients } = node.address;
    const own = [
      affine.terms.get(axis.id) ?? 0,
      ...quotients.map(({ sum, divisor, scale }) => ((sum.terms.get(axis.id) ?? 0) * scale) / divisor),
    ];
    longest = Math.max(longest, ...own.map(Math.abs));
  }
  return longest;
}

/** Stands in where an operand has no axis of its own. */
const unit: Axis = { id: '·', size: 1 };

function bestTile(rows: number, machine: Machine): Tile {
  const work = (tile: Tile) => (Math.ceil(rows / tile.rows) * tile.rows) / tile.efficiency;
  const [best] = machine.tiles.toSorted((a, b) => work(a) - work(b));
  if (!best) throw new Error(`${machine.name} has no tiles`);
  return best;
}

/** Instructions per packed element; a vector of products per cycle and register. */
const packing: { readonly [access in Access]: number } = {
  'in order': 0.5,
  transposed: 0.8,
  scattered: 2.5,
};

function costOf(
  { batch, rows, vectors, depth, points, tile, access }: Arrangement,
  { lanes }: Machine,
): number {
  const k = count(depth);
  const padded = Math.ceil(rows.count / tile.rows) * tile.rows;
  const width = Math.ceil(vectors.count / tile.vectors) * tile.vectors * lanes;
  const multiply = (padded * width * k) / (2 * lanes * tile.efficiency);
  const pack = k * (rows.count * packing[access[0]] + vectors.count * lanes * packing[access[1]]);
  const dense = points.every(({ output }) => output.affine.terms.get(vectors.along.id) === 1);
  const store = rows.count * vectors.count * lanes * points.length * (dense ? 0.5 : 1.5);
  return count(batch) * (multiply + pack + store);
}

function chooseBlocks(arrangement: Arrangement, machine: Machine): Blocks {
  const { batch, rows, vectors, depth, tile, access } = arrangement;
  const tilesOfRows = Math.ceil(rows.count / tile.rows);
  const tilesOfVectors = Math.ceil(vectors.count / tile.vectors);
  const { split, chunk, longest, single } = cutDepth(depth, machine.depth);
  const width = tile.vectors * machine.lanes;
  const limit = (elements: number) =>
    Math.max(1, Math.floor(machine.cache.second / 2 / (4 * elements * longest)));
  const [mostRows, mostVectors] = [limit(tile.rows), limit(width)];
  const work = count(batch) * tilesOfRows * tilesOfVectors * tile.rows * width * count(depth);
  const wanted = Math.min(16, Math.max(1, Math.floor(work / 200_000)));
  const perBatch = Math.ceil(wanted / count(batch));
  const candidates = (['rows', 'vectors'] as const).map((keep) => {
    const [kept, keptMost, passing, passingMost] =
      keep === 'rows'
        ? [tilesOfRows, mostRows, tilesOfVectors, mostVectors]
        : [tilesOfVectors, mostVectors, tilesOfRows, mostRows];
    const keptBlocks = Math.ceil(kept / keptMost);
    const passingBlocks = Math.min(
      passing,
      Math.max(Math.ceil(passing / passingMost), Math.ceil(perBatch / keptBlocks)),
    );
    const [rowBlocks, vectorBlocks] =
      keep === 'rows' ? [keptBlocks, passingBlocks] : [passingBlocks, keptBlocks];
    const [packRow, packVector] = [
      rows.count * packing[access[0]],
      vectors.count * machine.lanes * packing[access[1]],
    ];
    const [packKept, packPassing] = keep === 'rows' ? [packRow, packVector] : [packVector, packRow];
    const repeats = single ? Math.min(2, passingBlocks) : passingBlocks;
    const idle = Math.max(0, perBatch - rowBlocks * vectorBlocks) * packRow;
    return { keep, rowBlocks, vectorBlocks, cost: packKept * repeats + packPassing * keptBlocks + idle };
  });
  const [best] = candidates.toSorted((a, b) => a.cost - b.cost);
  if (!best) throw new Error('no way to cut a contraction into blocks');
  const rowTiles = Math.ceil(tilesOfRows / best.rowBlocks);
  const vectorTiles = Math.ceil(tilesOfVectors / best.vectorBlocks);
  return {
    rowTiles,
    vectorTiles,
    tilesOfRows,
    tilesOfVectors,
    rowBlocks: Math.ceil(tilesOfRows / rowTiles),
    vectorBlocks: Math.ceil(tilesOfVectors / vectorTiles),
    keep: best.keep,
    split,
    chunk,
    longest,
    single,
  };
}

/** Cuts the depth along one axis so that a block stays within `most`: all axes inside it are whole, those outside are walked. */
function cutDepth(
  depth: readonly Axis[],
  most: number,
): Pick<Blocks, 'split' | 'chunk' | 'longest' | 'single'> {
  let inner = 1;
  for (let i = depth.length - 1; i >= 0; i--) {
    const size = depth[i]?.size ?? 1;
    if (inner * size > most) {
      const pieces = Math.ceil(size / Math.max(1, Math.floor(most / inner)));
      // A multiple of 16 keeps vectors of a block in step with those of the axis.
      const even = Math.ceil(size / pieces);
      const chunk = even >= 64 ? Math.ceil(even / 16) * 16 : even;
      return { split: i, chunk, longest: chunk * inner, single: false };
    }
    inner *= size;
  }
  return { split: -1, chunk: 0, longest: Math.max(1, inner), single: true };
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
  const rowPanels = 4 * blocks.longest * tile.rows * blocks.rowTiles + margin;
  const vectorPanels = 4 * blocks.longest * width * blocks.vectorTiles + margin;
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
  const changed: Value = { kind: 'arithmetic', operator: 'equal', left: kept.value, right: packed.value };
  builder.when(arithmetic('equal', changed, integer(0)), () => {
    packKept(work, depth);
    builder.assign(packed, kept.value);
  });
  packPassing(work, depth);
  eachTile(work, (rowTile, vectorTile) => {
    multiply(work, rowTile, vectorTile, integer(blocks.longest), places.sums, integer(0));
    writeBack(work, rowTile, vectorTile, places.sums);
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
    writeBack(work, rowTile, vectorTile, slotOf(work, rowTile, vectorTile)),
  );
}

function packRowBlock(
  { context, arrangement, blocks, places, rowRange: [from, to] }: Work,
  depth: Depth,
): void {
  const { builder } = context;
  builder.loop('tile', from.value, to.value, 1, (tile) => {
    const panel = panelAt(builder, places.rows, tile, from, blocks.longest * arrangement.tile.rows);
    packRows(context, arrangement.rows, tile, panel, depth);
  });
}

function packVectorBlock(
  { context, arrangement, blocks, places, vectorRange: [from, to] }: Work,
  depth: Depth,
): void {
  const { builder, lanes } = context;
  builder.loop('tile', from.value, to.value, 1, (tile) => {
    const panel = panelAt(
      builder,
      places.vectors,
      tile,
      from,
      blocks.longest * arrangement.tile.vectors * lanes,
    );
    packVectors(context, arrangement.vectors, tile, panel, depth);
  });
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
  const a = panelAt(builder, places.rows, rowTile, rowRange[0], blocks.longest * rows);
  const b = panelAt(builder, places.vectors, vectorTile, vectorRange[0], blocks.longest * vectors * lanes);
  builder.emit({ kind: 'tile', rows, vectors, a: a.value, b: b.value, depth, c: c.value, accumulate });
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

function writeBack(
  { context, arrangement, needed }: Work,
  rowTile: Item,
  vectorTile: Item,
  sums: Item,
): void {
  const { builder, lanes } = context;
  const { rows, vectors, tile, points } = arrangement;
  const start = builder.let(builder.arithmetic('multiply', rowTile, constantItem(tile.rows)), 'row');
  const end = arithmetic(
    'minimum',
    integer(tile.rows),
    arithmetic('subtract', integer(rows.count), start.value),
  );
  const length =
    rows.count % tile.rows === 0
      ? integer(tile.rows)
      : builder.let({ value: end, depth: builder.depth }, 'rows').value;
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
      builder.loop('i', integer(0), length, 1, (i) => {
        decompose(builder, builder.let(builder.arithmetic('add', start, i), 'r'), rows.axes);
        const line = arithmetic('add', arithmetic('multiply', i.value, integer(tile.vectors)), j.value);
        const elements = arithmetic('multiply', line, integer(lanes));
        const from: Item = {
          value: { kind: 'advance', pointer: sums.value, elements },
          depth: builder.depth,
        };
        const { place, depth } = placeAt(from, 0);
        const sum = builder.let({ value: { kind: 'load', place, spread: false }, depth }, 'sum');
        const inner: ExpressionContext = {
          ...context,
          along: vectors.along.id,
          given: new Map([['sum', sum]]),
        };
        emitPoints(inner, points, needed, stored);
      });
    });
  });
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
