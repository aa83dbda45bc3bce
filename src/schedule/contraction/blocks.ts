// Cache blocking of a contraction: a block of packed panels of one operand stays in the cache while blocks of the other are streamed, and
// every pair of blocks is a work item.
import { elementSize } from '../../ir/loops/type.ts';
import type { Axis } from '../../ir/stages/type.ts';
import type { Machine } from '../machine/machine.ts';
import type { BlockedSide, Blocks, DepthBlocks } from '../type.ts';
import { packingCost, type Arrangement } from './arrange.ts';
import { elementsOf } from '../../ir/stages/walk.ts';

/** Desired number of work items, and the least number of microkernel instructions that justifies one. */
const enoughItems = 16;
const worthAnItem = 200_000;

/** One operand before blocking. */
interface Side {
  /** All tiles, and the most whose panels fit the operand's share of the cache. */
  readonly tiles: number;
  readonly most: number;
  /** Cost of packing all panels once. */
  readonly packing: number;
}

type Sides = { readonly [side in 'rows' | 'vectors']: Side };

export function chooseBlocks(arrangement: Arrangement, machine: Machine): Blocks {
  const depth = blocksOfDepth(arrangement.depth, machine.depth);
  const sides = sidesOf(arrangement, depth, machine);
  const items = itemsPerBatch(arrangement, sides, machine.lanes);
  const candidates = (['rows', 'vectors'] as const).map((keep) => candidate(keep, sides, depth, items));
  const [best] = candidates.toSorted((a, b) => a.cost - b.cost);
  if (!best) throw new Error('no way to cut a contraction into blocks');
  return {
    rows: cut(sides.rows.tiles, best.blocks.rows),
    vectors: cut(sides.vectors.tiles, best.blocks.vectors),
    keep: best.keep,
    depth,
  };
}

function sidesOf(
  { rows, vectors, tile, access }: Arrangement,
  { longest, split }: DepthBlocks,
  { cache, lanes }: Machine,
): Sides {
  // A split depth keeps sums in the cache beside the panels.
  const bytes = (cache.panels ?? cache.second) / (split ? 1.5 : 2);
  const most = (elements: number) => Math.max(1, Math.floor(bytes / (elementSize * elements * longest)));
  return {
    rows: {
      tiles: Math.ceil(rows.count / tile.rows),
      most: most(tile.rows),
      packing: rows.count * packingCost[access.rows],
    },
    vectors: {
      tiles: Math.ceil(vectors.count / tile.vectors),
      most: most(tile.vectors * lanes),
      packing: vectors.count * lanes * packingCost[access.vectors],
    },
  };
}

/** Desired number of work items per value of the batch axes. */
function itemsPerBatch({ batch, depth, tile }: Arrangement, { rows, vectors }: Sides, lanes: number): number {
  const computed = rows.tiles * vectors.tiles * tile.rows * (tile.vectors * lanes);
  const work = elementsOf(batch) * computed * elementsOf(depth);
  const wanted = Math.min(enoughItems, Math.max(1, Math.floor(work / worthAnItem)));
  return Math.ceil(wanted / elementsOf(batch));
}

interface Candidate {
  readonly keep: 'rows' | 'vectors';
  readonly blocks: { readonly [side in 'rows' | 'vectors']: number };
  readonly cost: number;
}

function candidate(keep: 'rows' | 'vectors', sides: Sides, depth: DepthBlocks, items: number): Candidate {
  const [kept, passing] = keep === 'rows' ? [sides.rows, sides.vectors] : [sides.vectors, sides.rows];
  const keptBlocks = Math.ceil(kept.tiles / kept.most);
  const leastPassing = Math.ceil(passing.tiles / passing.most);
  const passingBlocks = Math.min(passing.tiles, Math.max(leastPassing, Math.ceil(items / keptBlocks)));
  const blocks =
    keep === 'rows'
      ? { rows: keptBlocks, vectors: passingBlocks }
      : { rows: passingBlocks, vectors: keptBlocks };
  // With an unsplit depth, each thread packs a block once when it first needs it; with a split one, each work item packs it.
  const repeats = depth.split ? passingBlocks : Math.min(2, passingBlocks);
  const idle = Math.max(0, items - keptBlocks * passingBlocks) * sides.rows.packing;
  return { keep, blocks, cost: kept.packing * repeats + passing.packing * keptBlocks + idle };
}

/** The tiles in at most so many blocks, all but the last of one size. */
function cut(tiles: number, blocks: number): BlockedSide {
  const perBlock = Math.ceil(tiles / blocks);
  return { tiles, perBlock, blocks: Math.ceil(tiles / perBlock) };
}

/** Splits a long depth along one axis: the axes inside it are complete in every block, those outside it are loops. */
function blocksOfDepth(depth: readonly Axis[], { unsplit, block }: Machine['depth']): DepthBlocks {
  const all = elementsOf(depth);
  if (all <= unsplit) return { longest: Math.max(1, all) };
  let inner = 1;
  for (const axis of depth.toReversed()) {
    if (inner * axis.size > block) {
      const pieces = Math.ceil(axis.size / Math.max(1, Math.floor(block / inner)));
      const even = Math.ceil(axis.size / pieces);
      // A multiple of 16 keeps a block's vectors aligned with those of the axis.
      const chunk = even >= 64 ? Math.ceil(even / 16) * 16 : even;
      return { longest: chunk * inner, split: { axis, chunk } };
    }
    inner *= axis.size;
  }
  throw new Error('a depth is both long and short');
}
