// Arranges a contraction: axes merged and sorted into batch, rows, vectors and depth, the vectorized axis and the register tile chosen.
// Each axis of either operand is tried as the vectorized one; the least estimated cost wins.
import type { Axis } from '../../ir/stages/type.ts';
import { mergeAxes, together } from '../../ir/linear/merge.ts';
import { factorOf } from '../../ir/linear/position.ts';
import type { Formula } from '../../ir/linear/type.ts';
import {
  axesOf,
  positionsOf,
  positionsOfComputations,
  substitute,
  substituteComputation,
  type Substitution,
} from '../../ir/linear/walk.ts';
import type { Machine, Tile } from '../machine/machine.ts';
import { longestStep } from '../reductions.ts';
import type { Access, ContractionPlan, Contraction, RowSide, VectorSide } from '../type.ts';
import { rowAccess, vectorAccess } from './staging.ts';
import { elementsOf } from '../../ir/stages/walk.ts';

export interface Arrangement extends Pick<
  ContractionPlan,
  'batch' | 'rows' | 'vectors' | 'depth' | 'computations' | 'tile' | 'cost'
> {
  readonly access: { readonly rows: Access; readonly vectors: Access };
}

export function arrange(contraction: Contraction, machine: Machine): Arrangement {
  const options = [
    { left: contraction.left, right: contraction.right },
    { left: contraction.right, right: contraction.left },
  ].flatMap((operands) => arrangements({ ...contraction, ...operands }, machine));
  const [best] = options.toSorted((a, b) => a.cost - b.cost);
  if (!best) throw new Error('a contraction without an axis along the lanes');
  return best;
}

/** Placeholder for an operand without an axis of its own. */
const unit: Axis = { id: '·', size: 1 };

/** The left operand gives the rows, the right one the vectors; each of the right one's axes is tried as the vectorized axis. */
function arrangements(contraction: Contraction, machine: Machine): Arrangement[] {
  const { batch, left, right, depth, by } = sortAxes(contraction);
  const computations = contraction.computations.map((computation) => substituteComputation(computation, by));
  const rowFormula = substitute(contraction.left, by);
  const vectorFormula = substitute(contraction.right, by);
  const count = elementsOf(left);
  const tile = bestTile(count, machine);
  const full = fullTiles(count, tile);
  const rows: RowSide = { formula: rowFormula, axes: left, count, rows: tile.rows, full };
  return (right.length === 0 ? [unit] : right).map((along) => {
    const vectors = vectorSide(vectorFormula, [...right.filter((axis) => axis !== along), along], {
      lanes: machine.lanes,
      tile,
    });
    const access = {
      rows: rowAccess(rows, depth, machine.lanes),
      vectors: vectorAccess(vectors, depth, machine.lanes),
    };
    const arranged = { batch, rows, vectors, depth, computations, tile, access, cost: 0 };
    return { ...arranged, cost: estimate(arranged, machine) };
  });
}

function vectorSide(
  formula: Formula,
  axes: readonly Axis[],
  { lanes, tile }: { readonly lanes: number; readonly tile: Tile },
): VectorSide {
  const along = axes.at(-1) ?? unit;
  const count = (elementsOf(axes) / along.size) * Math.ceil(along.size / lanes);
  return { formula, axes, along, count, vectors: tile.vectors };
}

interface SortedAxes {
  readonly batch: readonly Axis[];
  readonly left: readonly Axis[];
  readonly right: readonly Axis[];
  readonly depth: readonly Axis[];
  /** Replaces the old axes by the merged ones. */
  readonly by: Substitution;
}

/** Sorts the axes by the operands that they occur in, and merges each kind as far as every address allows. */
function sortAxes({ left, right, axes, depth, computations }: Contraction): SortedAxes {
  const [inLeft, inRight] = [axesOf(left), axesOf(right)];
  const positions = [...positionsOf(left), ...positionsOf(right), ...positionsOfComputations(computations)];
  const those = (wantLeft: boolean, wantRight: boolean) =>
    axes.filter(({ id }) => inLeft.has(id) === wantLeft && inRight.has(id) === wantRight);
  const merged = {
    batch: mergeAxes([...those(true, true), ...those(false, false)], positions),
    left: mergeAxes(those(true, false), positions),
    right: mergeAxes(those(false, true), positions),
    depth: mergeAxes(depthInOrder(depth, right, left), positions),
  };
  return {
    batch: merged.batch.axes,
    left: merged.left.axes,
    right: merged.right.axes,
    depth: merged.depth.axes,
    by: together(...Object.values(merged)),
  };
}

/** The depth axes by descending stride: a window's axes are innermost, so that its overlapping reads hit the cache. */
function depthInOrder(depth: readonly Axis[], first: Formula, second: Formula): readonly Axis[] {
  const steps = new Map(
    depth.map((axis) => [axis, { first: longestStep(first, axis), second: longestStep(second, axis) }]),
  );
  const step = (axis: Axis) => steps.get(axis) ?? { first: 0, second: 0 };
  return depth.toSorted((a, b) => step(b).first - step(a).first || step(b).second - step(a).second);
}

export function bestTile(rows: number, machine: Machine): Tile {
  const work = (tile: Tile) => computedRows(rows, tile) / tile.efficiency;
  const [best] = machine.tiles.toSorted((a, b) => work(a) - work(b));
  if (!best) throw new Error(`${machine.name} has no tiles`);
  return best;
}

/** Number of tiles with all their rows, if the others have one fewer; all tiles where that does not fit the rows exactly. */
export function fullTiles(rows: number, tile: Tile): number {
  const tiles = Math.ceil(rows / tile.rows);
  const full = rows - (tile.rows - 1) * tiles;
  return full >= 0 && tile.rows > 2 ? full : tiles;
}

/** Rows that the tiles compute to cover so many rows, padding included. */
export function computedRows(rows: number, tile: Tile): number {
  const [tiles, full] = [Math.ceil(rows / tile.rows), fullTiles(rows, tile)];
  return full * tile.rows + (tiles - full) * (tile.rows - 1);
}

/** Instructions per packed element. */
export const packingCost: { readonly [access in Access]: number } = {
  'in order': 0.5,
  transposed: 0.8,
  scattered: 2.5,
};

/** Estimated instructions: the microkernel at its share of the peak, two vectors of products a cycle; packing; the epilogue. */
function estimate(
  { batch, rows, vectors, depth, computations, tile, access }: Arrangement,
  { lanes }: Machine,
): number {
  const k = elementsOf(depth);
  const padded = computedRows(rows.count, tile);
  const width = Math.ceil(vectors.count / tile.vectors) * tile.vectors * lanes;
  const multiply = (padded * width * k) / (2 * lanes * tile.efficiency);
  const pack =
    k * (rows.count * packingCost[access.rows] + vectors.count * lanes * packingCost[access.vectors]);
  const dense = computations.every(({ output }) => factorOf(output.position, vectors.along.id) === 1);
  const store = rows.count * vectors.count * lanes * computations.length * (dense ? 0.5 : 1.5);
  return elementsOf(batch) * (multiply + pack + store);
}
