// The cost model of Winograd convolution: instructions, as for the direct schedule. A convolution of n² outputs, C channels and K filters
// takes 9 · n² C K multiplications directly and n² C K · (products / tile)² here: 4 with tiles of 2, 2.25 with tiles of 4. The transforms
// go through every value of the image and of the output a few dozen times per tile and channel, so that few channels stay direct.
import { computedRows } from '../contraction/arrange.ts';
import type { Tile } from '../machine/machine.ts';
import type { TileGeometry } from '../type.ts';

/** Instructions per cycle of a core in transforms and copies. */
export const perCycle = 3;
/** Overhead of a microkernel call, in cycles. */
const call = 20;

/** Additions of a one-dimensional transform, by tile size. */
const additionsOf = (tile: number) => (tile === 2 ? 4 : 16);

/** Cycles to transform one tile of one vector of channels, given the elements that it reads along each axis. */
export function transformCost(reads: number, { tile, products, across, rows }: TileGeometry): number {
  const [width, height] = [tile + (reads - tile) / across, tile + (reads - tile) / rows];
  const line = reads + products + additionsOf(tile);
  return (5 * width * height + width * line + products * (line + 2)) / perCycle;
}

export function transformBackCost({ tile, products }: TileGeometry): number {
  const line = additionsOf(tile) + products;
  return (products * line + tile * line + 8 * tile * tile) / perCycle;
}

export interface Multiplication {
  readonly rows: number;
  readonly vectors: number;
  readonly depth: number;
  /** Memory accesses per vector of sums: a store, or a load and a store. */
  readonly accesses: number;
}

/** Cycles of one product by the microkernel. */
export function multiplyCost({ rows, vectors, depth, accesses }: Multiplication, tile: Tile): number {
  const sums = tile.rows * tile.vectors;
  const share = (call + sums * accesses) / ((sums * depth) / 2);
  return ((computedRows(rows, tile) * vectors * depth) / (2 * tile.efficiency)) * (1 + share);
}
