// How a contraction lies: its axes merged and sorted into batch, rows, vectors and depth, one operand along the lanes, a tile to
// compute it by; and how it is cut into blocks that fit the caches and are work items. All of it is chosen by counting
// instructions.
import type { Axis } from '../../ir/stages/type.ts';
import type { Machine, Tile } from '../machine/machine.ts';
import { mergeAxes } from '../axes.ts';
import { axesOf, mapAddress, mapSums, nodesOf, sumsOf, type Formula, type Point } from '../../ir/formula.ts';
import { rowAccess, vectorAccess, type Access, type RowSide, type VectorSide } from './panels.ts';

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
export interface Arrangement {
  readonly batch: readonly Axis[];
  readonly rows: RowSide;
  readonly vectors: VectorSide;
  readonly depth: readonly Axis[];
  readonly points: readonly Point[];
  readonly tile: Tile;
  readonly access: readonly [Access, Access];
  readonly cost: number;
}

export interface Blocks {
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
export const count = (axes: readonly Axis[]) => axes.reduce((total, axis) => total * axis.size, 1);

export function arrange(product: Product, machine: Machine): Arrangement {
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
    const rows: RowSide = {
      formula: left,
      axes: m,
      count: count(m),
      rows: tile.rows,
      full: fullTiles(count(m), tile),
    };
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

export function bestTile(rows: number, machine: Machine): Tile {
  const work = (tile: Tile) => computedRows(rows, tile) / tile.efficiency;
  const [best] = machine.tiles.toSorted((a, b) => work(a) - work(b));
  if (!best) throw new Error(`${machine.name} has no tiles`);
  return best;
}

/** Of the tiles, how many need all their rows if the others have one fewer; all where that would not do. */
export function fullTiles(rows: number, tile: Tile): number {
  const tiles = Math.ceil(rows / tile.rows);
  const full = rows - (tile.rows - 1) * tiles;
  return full >= 0 && tile.rows > 2 ? full : tiles;
}

export function computedRows(rows: number, tile: Tile): number {
  const [tiles, full] = [Math.ceil(rows / tile.rows), fullTiles(rows, tile)];
  return full * tile.rows + (tiles - full) * (tile.rows - 1);
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
  const padded = computedRows(rows.count, tile);
  const width = Math.ceil(vectors.count / tile.vectors) * tile.vectors * lanes;
  const multiply = (padded * width * k) / (2 * lanes * tile.efficiency);
  const pack = k * (rows.count * packing[access[0]] + vectors.count * lanes * packing[access[1]]);
  const dense = points.every(({ output }) => output.affine.terms.get(vectors.along.id) === 1);
  const store = rows.count * vectors.count * lanes * points.length * (dense ? 0.5 : 1.5);
  return count(batch) * (multiply + pack + store);
}
export function chooseBlocks(arrangement: Arrangement, machine: Machine): Blocks {
  const { batch, rows, vectors, depth, tile, access } = arrangement;
  const tilesOfRows = Math.ceil(rows.count / tile.rows);
  const tilesOfVectors = Math.ceil(vectors.count / tile.vectors);
  const { split, chunk, longest, single } = cutDepth(depth, machine.depth);
  const width = tile.vectors * machine.lanes;
  const share = single ? 2 : 1.5;
  const most = machine.cache.panels ?? machine.cache.second;
  const limit = (elements: number) => Math.max(1, Math.floor(most / share / (4 * elements * longest)));
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

/** Cuts a long depth along one axis: all axes inside it are whole, those outside are walked. */
function cutDepth(
  depth: readonly Axis[],
  { whole, block }: Machine['depth'],
): Pick<Blocks, 'split' | 'chunk' | 'longest' | 'single'> {
  if (count(depth) <= whole) return { split: -1, chunk: 0, longest: Math.max(1, count(depth)), single: true };
  let inner = 1;
  for (let i = depth.length - 1; i >= 0; i--) {
    const size = depth[i]?.size ?? 1;
    if (inner * size > block) {
      const pieces = Math.ceil(size / Math.max(1, Math.floor(block / inner)));
      // A multiple of 16 keeps vectors of a block in step with those of the axis.
      const even = Math.ceil(size / pieces);
      const chunk = even >= 64 ? Math.ceil(even / 16) * 16 : even;
      return { split: i, chunk, longest: chunk * inner, single: false };
    }
    inner *= size;
  }
  throw new Error('a depth is both long and short');
}
