// Whether Winograd's filtering pays for a contraction, with which tile, and in which blocks: by counting instructions, as for the
// direct schedule. A convolution of n · n places, C channels and K filters takes n² C K · 9 multiplications directly and
// n² C K · (products / tile)² so: 4 with tiles of 2, 2.25 with tiles of 4. The transforms go through every value of the image and
// of the output a few dozen times per tile and channel, which is why few channels stay direct; they work within the second
// cache, since written out whole, image and output would each grow by (products / tile)² on their way through main memory.
import type { BufferId } from '../../ir/stages/type.ts';
import { filteringOf, type Machine, type Tile } from '../machine/machine.ts';
import { bestTile, computedRows, count, fullTiles, type Product } from '../contraction/arrangement.ts';
import { LoopBuilder, type Item } from '../emit/builder.ts';
import type { ExpressionContext } from '../emit/indices.ts';
import { integer } from '../../ir/loops/type.ts';
import { declare, newContext, Parameters } from '../emit/points.ts';
import { plus } from './areas.ts';
import { tilesOf, type Geometry } from './tiles.ts';
import { taps, windowForms, type WindowForm } from './form.ts';
import { winograds, type Winograd } from './transforms.ts';

export interface WinogradPlan {
  readonly form: WindowForm;
  readonly winograd: Winograd;
  readonly geometry: Geometry;
  readonly tile: Tile;
  /** For `filter`: whether the image's channels lie along the lanes, not the gradient's. */
  readonly imageAlongLanes: boolean;
  /** For `filter`: into how many work items the rows of its panels are cut. */
  readonly rowBlocks: number;
  readonly cost: number;
}

/** The best way by Winograd's filtering, if the contraction has the form for it and `direct` is what it costs without. */
export function planWinograd(product: Product, direct: number, machine: Machine): WinogradPlan | undefined {
  const { tiles, share } = filteringOf(machine);
  const allowed = winograds.filter(({ tile }) => tiles.includes(tile));
  const plans = windowForms(product).flatMap((form) =>
    allowed.flatMap((winograd) =>
      winograd.tile > 2 && summed(form) < leastSummed
        ? []
        : form.kind === 'outputs'
          ? [planOutputs(form, winograd, machine)]
          : [true, false].map((along) => planFilter(form, winograd, along, machine)),
    ),
  );
  const [best] = plans.toSorted((a, b) => a.cost - b.cost);
  return best && best.cost < share * direct ? best : undefined;
}

/**
 * Products that an output must add up for tiles of 4: their rounding errors are those of an output's size, whatever the length of
 * the sum, and stay well below what is allowed to longer sums.
 */
const leastSummed = 64;

function summed({ kind, channels, images, rows, columns }: WindowForm): number {
  return kind === 'outputs' ? taps * taps * channels.size : count(images) * rows.size * columns.size;
}

/** Instructions that a core finishes in a cycle, those of the transforms and copies. */
const perCycle = 3;
/** Cycles that a call of the microkernel takes beside its products, and for each vector of sums. */
const call = 20;

/** Additions of one transform of a line. */
const additions = { 2: 4, 4: 16 } as const;
const additionsOf = ({ tile }: Winograd) => (tile === 2 ? additions[2] : additions[4]);

/** Cycles to transform one tile of one vector of channels that reads so many elements along each axis. */
function transformCost(winograd: Winograd, reads: number, { across, rows }: Geometry): number {
  const { tile, products } = winograd;
  const [width, height] = [tile + (reads - tile) / across, tile + (reads - tile) / rows];
  const line = reads + products + additionsOf(winograd);
  return (5 * width * height + width * line + products * (line + 2)) / perCycle;
}

function transformBackCost(winograd: Winograd): number {
  const { tile, products } = winograd;
  const line = additionsOf(winograd) + products;
  return (products * line + tile * line + 8 * tile * tile) / perCycle;
}

function multiplyCost(rows: number, vectors: number, depth: number, tile: Tile, memory: number): number {
  const sums = tile.rows * tile.vectors;
  const share = (call + sums * memory) / ((sums * depth) / 2);
  return ((computedRows(rows, tile) * vectors * depth) / (2 * tile.efficiency)) * (1 + share);
}

function planOutputs(form: WindowForm, winograd: Winograd, machine: Machine): WinogradPlan {
  const { lanes } = machine;
  const [channels, filters] = [form.channels.size, form.filters.size];
  const channelVectors = Math.ceil(channels / lanes);
  const products = winograd.products ** 2;
  const images = count(form.images);
  const perTile = 4 * products * (channelVectors * lanes + filters);
  const geometry = blocksOf(form, winograd, machine, perTile, count(form.batch));
  const tiles = tilesOf(geometry);
  const tile = bestTile(tiles, machine);
  const panels = Math.ceil(filters / (tile.vectors * lanes));
  const blocks = Math.ceil(images / geometry.images) * Math.ceil(geometry.down / geometry.rows);
  const perBlock =
    products * multiplyCost(tiles, panels * tile.vectors, channels, tile, 1) +
    tiles * channelVectors * transformCost(winograd, winograd.products, geometry) +
    tiles * Math.ceil(filters / lanes) * transformBackCost(winograd);
  const filter = (2 * (channels * panels * tile.vectors * (4 * products + 100))) / perCycle;
  const cost = count(form.batch) * (blocks * perBlock + filter);
  return { form, winograd, geometry, tile, imageAlongLanes: true, rowBlocks: 1, cost };
}

/** Work items that are worth having. */
const enoughItems = 16;

function planFilter(
  form: WindowForm,
  winograd: Winograd,
  imageAlongLanes: boolean,
  machine: Machine,
): WinogradPlan {
  const { lanes } = machine;
  const products = winograd.products ** 2;
  const [along, across] = imageAlongLanes ? [form.channels, form.filters] : [form.filters, form.channels];
  const rowBlocks = divisor(across.size, lanes, Math.ceil(enoughItems / count(form.batch)));
  const rows = across.size / rowBlocks;
  const tile = bestTile(rows, machine);
  const panels = Math.ceil(along.size / (tile.vectors * lanes));
  const perTile = 4 * products * (Math.ceil(rows / lanes) * lanes + panels * tile.vectors * lanes);
  const geometry = blocksOf(form, winograd, machine, perTile, Infinity);
  const tiles = tilesOf(geometry);
  const chunks = Math.ceil(count(form.images) / geometry.images) * Math.ceil(geometry.down / geometry.rows);
  const vectorsOf = (size: number) => Math.ceil(size / lanes);
  const [inImage, inGradient] = imageAlongLanes ? [along.size, rows] : [rows, along.size];
  const perItem =
    chunks *
      (products * multiplyCost(rows, panels * tile.vectors, tiles, tile, 2) +
        tiles * vectorsOf(inImage) * transformCost(winograd, winograd.products, geometry) +
        tiles * vectorsOf(inGradient) * transformCost(winograd, winograd.tile, geometry)) +
    (rows * vectorsOf(along.size) * (products * 4 + taps * taps * 6)) / perCycle;
  const cost = count(form.batch) * rowBlocks * perItem;
  return { form, winograd, geometry, tile, imageAlongLanes, rowBlocks, cost };
}

/** The least divisor of at least `wanted` that leaves whole vectors; else the greatest that does. */
function divisor(size: number, lanes: number, wanted: number): number {
  let found = 1;
  for (let parts = 1; parts <= size / lanes && found < wanted; parts++)
    if (size % (parts * lanes) === 0) found = parts;
  return found;
}

/** Tiles of a block, where the cache allows them. */
const mostTiles = 96;

/** Cuts images into blocks whose transformed values the second cache holds, `perTile` bytes a tile. */
function blocksOf(
  form: WindowForm,
  { tile, products }: Winograd,
  machine: Machine,
  perTile: number,
  batch: number,
): Geometry {
  const [height, width] = [form.rows.size, form.columns.size];
  const [down, across] = [Math.ceil(height / tile), Math.ceil(width / tile)];
  const images = count(form.images);
  const wanted = Math.min(mostTiles, Math.max(16, Math.floor(machine.cache.second / 1.5 / perTile)));
  // Smaller blocks where there would be too few work items.
  const forItems = (all: number) => Math.max(1, Math.floor((all * images * batch) / enoughItems));
  const rowsWanted = Math.min(down, Math.max(1, Math.floor(wanted / across)), forItems(down));
  const rows = Math.ceil(down / Math.ceil(down / rowsWanted));
  const mostImages = rows === down ? Math.max(1, Math.floor(wanted / (down * across))) : 1;
  const whole = Math.min(images, mostImages, forItems(1));
  return {
    ...{ tile, products, height, width, down, across },
    images: Math.ceil(images / Math.ceil(images / whole)),
    rows,
  };
}

/** Calls the body for the first row and the height of every register tile of so many rows. */
export function eachHeight(
  builder: LoopBuilder,
  from: Item,
  rows: number,
  tile: Tile,
  body: (row: Item, height: number) => void,
): void {
  const tiles = Math.ceil(rows / tile.rows);
  const full = fullTiles(rows, tile);
  const even = full * tile.rows + (tiles - full) * (tile.rows - 1) === rows;
  const whole = even ? full : Math.floor(rows / tile.rows);
  const rest = rows - whole * tile.rows;
  const stretch = (start: number, length: number, height: number) =>
    builder.loop('row', integer(start), integer(start + length * height), height, (row) =>
      body(plus(builder, from, row), height),
    );
  stretch(0, whole, tile.rows);
  if (even) stretch(whole * tile.rows, tiles - full, tile.rows - 1);
  else if (rest > 0) stretch(whole * tile.rows, 1, rest);
}

export function newWinogradContext(
  form: WindowForm,
  needed: ReadonlySet<BufferId>,
  lanes: number,
): { readonly context: ExpressionContext; readonly parameters: Parameters } {
  const builder = new LoopBuilder();
  const parameters = new Parameters();
  const [point] = form.points;
  if (!point) throw new Error('a contraction without a kernel');
  const operands = [form.image, form.other].map((formula, i) => ({
    ...point,
    formula,
    output: { ...point.output, buffer: -1 - i },
  }));
  declare(parameters, [...operands, ...form.points], needed);
  const context = newContext(builder, parameters, lanes);
  const own = [form.channels, form.filters, form.rows, form.columns, form.windowRows, form.windowColumns];
  for (const axis of [...form.batch, ...form.images, ...own]) context.sizes.set(axis.id, axis.size);
  return { context, parameters };
}
