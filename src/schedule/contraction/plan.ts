// Plans the direct schedule of a contraction, by packed panels and the microkernel. The order of additions depends on the shapes alone,
// never on the number of threads.
import { elementSize } from '../../ir/loops/type.ts';
import type { BufferId } from '../../ir/stages/type.ts';
import type { Machine } from '../machine/machine.ts';
import { aligned } from '../alignment.ts';
import { planReductions, straightLineSize } from '../reductions.ts';
import type { Blocks, ContractionPlan, ContractionScratch, WinogradRejection } from '../type.ts';
import type { Arrangement } from './arrange.ts';
import { chooseBlocks } from './blocks.ts';
import { stagingOf } from './staging.ts';
import { elementsOf } from '../../ir/stages/walk.ts';

export function planContraction(
  arrangement: Arrangement,
  winograd: WinogradRejection,
  stored: ReadonlySet<BufferId>,
  machine: Machine,
): ContractionPlan {
  const { batch, rows, vectors, depth, computations, tile, access, cost } = arrangement;
  const { lanes } = machine;
  const blocks = chooseBlocks(arrangement, machine);
  return {
    kind: 'contraction',
    lanes,
    ...{ batch, rows, vectors, depth, tile, blocks, stored, winograd, cost },
    computations: computations.map((computation) => ({
      ...computation,
      formula: planReductions(computation.formula, vectors.along.id, lanes),
    })),
    staging: {
      rows: stagingOf(access.rows, rows.axes, depth, blocks.depth),
      vectors: stagingOf(access.vectors, vectors.axes, depth, blocks.depth),
    },
    epilogue: epilogueOf(arrangement),
    scratch: scratchOf(arrangement, blocks, lanes),
    items: elementsOf(batch) * blocks.rows.blocks * blocks.vectors.blocks,
  };
}

/** The most values in an unrolled epilogue. */
const mostValues = 160;

/** Rows of one axis can be unrolled, each at a constant offset from the first; not where a tile is padded. */
function epilogueOf({ rows, tile, computations }: Arrangement): ContractionPlan['epilogue'] {
  const tiles = Math.ceil(rows.count / tile.rows);
  const exact = rows.full * tile.rows + (tiles - rows.full) * (tile.rows - 1) === rows.count;
  const size = computations.reduce((total, { formula }) => total + straightLineSize(formula), 0);
  return exact && rows.axes.length === 1 && tile.rows * size <= mostValues ? 'unrolled' : 'loop';
}

function scratchOf({ tile }: Arrangement, blocks: Blocks, lanes: number): ContractionScratch {
  const width = tile.vectors * lanes;
  const { longest, split } = blocks.depth;
  // Full vectors are stored into a panel of rows: the last store may overrun it.
  const rowPanel = longest * tile.rows + lanes;
  const vectorPanel = longest * width;
  // Transposed packing may overrun a panel by a few rows.
  const margin = elementSize * lanes * width;
  const rows = aligned(elementSize * rowPanel * blocks.rows.perBlock + margin);
  const vectors = aligned(elementSize * vectorPanel * blocks.vectors.perBlock + margin);
  const sums = elementSize * tile.rows * width * (split ? blocks.rows.perBlock * blocks.vectors.perBlock : 1);
  return { rowPanel, vectorPanel, vectors: rows, sums: rows + vectors, bytes: rows + vectors + sums };
}
