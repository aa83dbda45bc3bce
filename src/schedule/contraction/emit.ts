// Emits a planned contraction: packing of both operands, a register-blocked microkernel over the panels, and the epilogue with the
// kernels fused into it, on the sums of one tile while they are in the first cache.
import { arithmetic, elementSize, first, integer, last, scratch, type Value } from '../../ir/loops/type.ts';
import { constantItem, type Item, type LoopBuilder } from '../emit/builder.ts';
import { finishRoutine, newContext, type EmitContext } from '../emit/context.ts';
import { bindPosition, nest } from '../emit/nest.ts';
import type { BlockedSide, ContractionPlan, Scheduled } from '../type.ts';
import { emitEpilogue } from './epilogue.ts';
import { byHeight, packRows, packVectors, panelAt } from './pack.ts';
import type { DepthBlock } from './panel-writer.ts';
import { elementsOf } from '../../ir/stages/walk.ts';

export function emitContraction(plan: ContractionPlan): Scheduled {
  const { batch, rows, vectors, depth, computations, blocks, scratch } = plan;
  const context = newContext(plan.lanes, [...batch, ...rows.axes, ...vectors.axes, ...depth]);
  const { builder, parameters } = context;
  const formulas = [rows.formula, vectors.formula, ...computations.map(({ formula }) => formula)];
  parameters.declare(formulas, computations, plan.stored);
  const areas = areasOf(builder, plan);
  const packed = blocks.depth.split ? undefined : builder.mutable('packed', 'integer', integer(-1));
  builder.loop('item', first, last, 1, (item) => {
    const { kept, ranges } = bindItem(context, plan, item);
    const work: Work = { context, plan, areas, ...ranges };
    if (packed) unsplitDepth(work, kept, packed);
    else splitDepth(work);
  });
  return { ...finishRoutine(context, scratch.bytes), items: plan.items, cost: plan.cost };
}

/** Pointers to the panels of a block and to the sums. */
interface Areas {
  readonly rows: Item;
  readonly vectors: Item;
  readonly sums: Item;
}

function areasOf(builder: LoopBuilder, { scratch: layout }: ContractionPlan): Areas {
  const at = (bytes: number): Item => ({
    value: { kind: 'advance', pointer: scratch, elements: integer(bytes / elementSize) },
    depth: 0,
  });
  return {
    rows: { value: scratch, depth: 0 },
    vectors: builder.let(at(layout.vectors), 'panels'),
    sums: builder.let(at(layout.sums), 'sums'),
  };
}

/** The tiles of a block: from ≤ tile < to. */
interface Range {
  readonly from: Item;
  readonly to: Item;
}

/** One work item: the emission's state, and the tiles of its two blocks. */
interface Work {
  readonly context: EmitContext;
  readonly plan: ContractionPlan;
  readonly areas: Areas;
  readonly rows: Range;
  readonly vectors: Range;
}

/** A work item is a batch, a block of the kept operand (together `kept`), and a block of the other. */
function bindItem(
  { builder }: EmitContext,
  { batch, blocks }: ContractionPlan,
  item: Item,
): { readonly kept: Item; readonly ranges: Pick<Work, 'rows' | 'vectors'> } {
  const other = blocks.keep === 'rows' ? 'vectors' : 'rows';
  const quotient = (of: Item, divisor: number, hint: string) =>
    builder.let(builder.arithmetic('quotient', of, constantItem(divisor)), hint);
  const remainder = (of: Item, divisor: number) =>
    builder.let(builder.arithmetic('remainder', of, constantItem(divisor)), 'block');
  const kept = quotient(item, blocks[other].blocks, 'kept');
  const passing = remainder(item, blocks[other].blocks);
  bindPosition(builder, quotient(kept, blocks[blocks.keep].blocks, 'batch'), batch);
  const keptBlock = remainder(kept, blocks[blocks.keep].blocks);
  const [row, vector] = blocks.keep === 'rows' ? [keptBlock, passing] : [passing, keptBlock];
  const rows = rangeOf(builder, blocks.rows, row);
  return { kept, ranges: { rows, vectors: rangeOf(builder, blocks.vectors, vector) } };
}

function rangeOf(builder: LoopBuilder, { perBlock, tiles }: BlockedSide, block: Item): Range {
  const from = builder.let(builder.arithmetic('multiply', block, constantItem(perBlock)), 'from');
  const next = builder.arithmetic('add', from, constantItem(perBlock));
  return { from, to: builder.let(builder.arithmetic('minimum', next, constantItem(tiles)), 'to') };
}

/** Unsplit depth: the kept operand is packed only when its block changes, and each tile's epilogue follows its microkernel. */
function unsplitDepth(work: Work, kept: Item, packed: Item): void {
  const { context, plan, areas } = work;
  const { builder } = context;
  const depth: DepthBlock = { axes: plan.depth };
  const [packKept, packPassing] =
    plan.blocks.keep === 'rows' ? [packRowBlock, packVectorBlock] : [packVectorBlock, packRowBlock];
  builder.when(arithmetic('unequal', kept.value, packed.value), () => {
    packKept(work, depth);
    builder.assign(packed, kept.value);
  });
  packPassing(work, depth);
  eachTile(work, (tile) => {
    multiply(work, tile, {
      depth: integer(plan.blocks.depth.longest),
      sums: areas.sums,
      accumulate: integer(0),
    });
    emitEpilogue(context, plan, { ...tile, sums: areas.sums });
  });
}

/** Split depth: block by block, with the sums of all the item's tiles kept in scratch memory; then the epilogues. */
function splitDepth(work: Work): void {
  const { context, plan } = work;
  const { builder } = context;
  const { depth, blocks } = plan;
  const { split } = blocks.depth;
  if (!split) throw new Error('no axis to cut');
  const at = depth.indexOf(split.axis);
  const inner = elementsOf(depth.slice(at + 1));
  const begun = builder.mutable('begun', 'integer', integer(0));
  nest(builder, depth.slice(0, at), () => {
    builder.loop('from', integer(0), integer(split.axis.size), split.chunk, (from) => {
      const next = arithmetic('add', from.value, integer(split.chunk));
      const end = arithmetic('minimum', next, integer(split.axis.size));
      const to = builder.let({ value: end, depth: from.depth }, 'to');
      const length = builder.arithmetic(
        'multiply',
        builder.arithmetic('subtract', to, from),
        constantItem(inner),
      );
      const block: DepthBlock = {
        axes: depth.slice(at),
        split: { axis: split.axis, from: from.value, to: to.value },
      };
      packRowBlock(work, block);
      packVectorBlock(work, block);
      const depthHere = builder.let(length, 'depth').value;
      eachTile(work, (tile) =>
        multiply(work, tile, { depth: depthHere, sums: slotOf(work, tile), accumulate: begun.value }),
      );
      builder.assign(begun, integer(1));
    });
  });
  eachTile(work, (tile) => emitEpilogue(context, plan, { ...tile, sums: slotOf(work, tile) }));
}

function packRowBlock({ context, plan, areas, rows }: Work, depth: DepthBlock): void {
  const panels = { base: areas.rows, ...rows, elements: plan.scratch.rowPanel };
  packRows({ context, panels, depth, staging: plan.staging.rows }, plan.rows);
}

function packVectorBlock({ context, plan, areas, vectors }: Work, depth: DepthBlock): void {
  const panels = { base: areas.vectors, ...vectors, elements: plan.scratch.vectorPanel };
  packVectors({ context, panels, depth, staging: plan.staging.vectors }, plan.vectors);
}

interface TileAt {
  readonly rowTile: Item;
  readonly vectorTile: Item;
}

function eachTile({ context: { builder }, rows, vectors }: Work, body: (tile: TileAt) => void): void {
  builder.loop('across', vectors.from.value, vectors.to.value, 1, (vectorTile) => {
    builder.loop('down', rows.from.value, rows.to.value, 1, (rowTile) => body({ rowTile, vectorTile }));
  });
}

interface Multiplication {
  readonly depth: Value;
  /** Where the tile's sums are stored, and whether the products are accumulated onto them. */
  readonly sums: Item;
  readonly accumulate: Value;
}

function multiply(
  work: Work,
  { rowTile, vectorTile }: TileAt,
  { depth, sums, accumulate }: Multiplication,
): void {
  const { context, plan, areas, rows, vectors } = work;
  const { builder } = context;
  const { rowPanel, vectorPanel } = plan.scratch;
  const a = panelAt(builder, { base: areas.rows, from: rows.from, elements: rowPanel }, rowTile);
  const b = panelAt(builder, { base: areas.vectors, from: vectors.from, elements: vectorPanel }, vectorTile);
  byHeight(builder, plan.rows, rowTile, (height) =>
    builder.emit({
      kind: 'tile',
      rows: height,
      stride: plan.tile.rows,
      step: 1,
      vectors: plan.tile.vectors,
      a: a.value,
      b: b.value,
      depth,
      c: sums.value,
      accumulate,
    }),
  );
}

/** The sums of one of the item's tiles, where those of all tiles are kept. */
function slotOf({ context: { builder }, plan, areas, rows, vectors }: Work, tile: TileAt): Item {
  const across = builder.arithmetic('subtract', tile.vectorTile, vectors.from);
  const down = builder.arithmetic('subtract', tile.rowTile, rows.from);
  const line = builder.arithmetic('multiply', across, constantItem(plan.blocks.rows.perBlock));
  const slot = builder.let(builder.arithmetic('add', line, down), 'slot');
  const elements = plan.tile.rows * plan.tile.vectors * plan.lanes;
  return panelAt(builder, { base: areas.sums, from: constantItem(0), elements }, slot);
}
