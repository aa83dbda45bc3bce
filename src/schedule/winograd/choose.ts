// Decides whether Winograd convolution pays for a contraction, with which tile and blocks. The transforms stay within the second cache:
// materialized in main memory, image and output would each grow by (products / tile)².
import { elementSize } from '../../ir/loops/type.ts';
import { bestTile } from '../contraction/arrange.ts';
import { winogradSettings, type Machine, type Tile } from '../machine/machine.ts';
import type { Contraction, TileGeometry, WindowForm, WinogradPlan, WinogradRejection } from '../type.ts';
import { multiplyCost, perCycle, transformBackCost, transformCost } from './cost.ts';
import { taps, windowForms } from './form.ts';
import { elementsOf } from '../../ir/stages/walk.ts';

export interface Candidate {
  readonly form: WindowForm;
  readonly geometry: TileGeometry;
  readonly tile: Tile;
  readonly blocks: WinogradPlan['blocks'];
  /** For `filter`: the operand that is vectorized. */
  readonly vectors: 'image' | 'gradient';
  readonly cost: number;
}

/** The best Winograd convolution, or why there is none. `direct`: cost of the direct schedule. */
export function chooseWinograd(
  contraction: Contraction,
  direct: number,
  machine: Machine,
): Candidate | WinogradRejection {
  const { tiles, share } = winogradSettings(machine);
  if (tiles.length === 0) return { reason: 'disabled' };
  if (contraction.convolutions.length === 0) return { reason: 'no convolution' };
  const forms = windowForms(contraction);
  if (forms.length === 0) return { reason: 'channels' };
  const candidates = forms.flatMap((form) =>
    tiles
      .filter((tile) => tile <= 2 || summed(form) >= leastSummed)
      .flatMap((tile) =>
        form.kind === 'outputs'
          ? [outputsCandidate(form, tile, machine)]
          : (['image', 'gradient'] as const).map((vectors) => filterCandidate(form, tile, vectors, machine)),
      ),
  );
  const [best] = candidates.toSorted((a, b) => a.cost - b.cost);
  if (!best) return { reason: 'short sum' };
  const limit = share * direct;
  return best.cost < limit ? best : { reason: 'cost', cost: best.cost, limit };
}

/**
 * Least number of products per sum for tiles of 4: their rounding errors scale with an output's size, not with the length of the sum, and
 * stay well below the tolerance of longer sums.
 */
const leastSummed = 64;

function summed({ kind, channels, images, rows, columns }: WindowForm): number {
  return kind === 'outputs' ? taps * taps * channels.size : elementsOf(images) * rows.size * columns.size;
}

function outputsCandidate(form: WindowForm, tileSize: number, machine: Machine): Candidate {
  const { lanes } = machine;
  const [channels, filters] = [form.channels.size, form.filters.size];
  const channelVectors = Math.ceil(channels / lanes);
  const products = (tileSize + taps - 1) ** 2;
  const batch = elementsOf(form.batch);
  const bytes = elementSize * products * (channelVectors * lanes + filters);
  const geometry = blocksOf(form, tileSize, { bytes, batch }, machine);
  const tiles = tilesOf(geometry);
  const tile = bestTile(tiles, machine);
  const vectors = Math.ceil(filters / (tile.vectors * lanes)) * tile.vectors;
  const blocks = {
    batch,
    images: Math.ceil(elementsOf(form.images) / geometry.images),
    rows: Math.ceil(geometry.down / geometry.rows),
  };
  const perBlock =
    products * multiplyCost({ rows: tiles, vectors, depth: channels, accesses: 1 }, tile) +
    tiles * channelVectors * transformCost(geometry.products, geometry) +
    tiles * Math.ceil(filters / lanes) * transformBackCost(geometry);
  const filter = (2 * (channels * vectors * (4 * products + 100))) / perCycle;
  const cost = batch * (blocks.images * blocks.rows * perBlock + filter);
  return { form, geometry, tile, blocks, vectors: 'image', cost };
}

/** Desired number of work items. */
const enoughItems = 16;

function filterCandidate(
  form: WindowForm,
  tileSize: number,
  vectors: Candidate['vectors'],
  machine: Machine,
): Candidate {
  const { lanes } = machine;
  const products = (tileSize + taps - 1) ** 2;
  const batch = elementsOf(form.batch);
  const { along, across } = sidesOf(form, vectors);
  const rowBlocks = divisor(across.size, lanes, Math.ceil(enoughItems / batch));
  const rows = across.size / rowBlocks;
  const tile = bestTile(rows, machine);
  const inPanels = Math.ceil(along.size / (tile.vectors * lanes)) * tile.vectors;
  const bytes = elementSize * products * (Math.ceil(rows / lanes) * lanes + inPanels * lanes);
  const geometry = blocksOf(form, tileSize, { bytes, batch: Infinity }, machine);
  const tiles = tilesOf(geometry);
  const chunks =
    Math.ceil(elementsOf(form.images) / geometry.images) * Math.ceil(geometry.down / geometry.rows);
  const vectorsOf = (size: number) => Math.ceil(size / lanes);
  const [inImage, inGradient] = vectors === 'image' ? [along.size, rows] : [rows, along.size];
  const perItem =
    chunks *
      (products * multiplyCost({ rows, vectors: inPanels, depth: tiles, accesses: 2 }, tile) +
        tiles * vectorsOf(inImage) * transformCost(geometry.products, geometry) +
        tiles * vectorsOf(inGradient) * transformCost(tileSize, geometry)) +
    (rows * vectorsOf(along.size) * (products * 4 + taps * taps * 6)) / perCycle;
  const blocks = { batch, images: 1, rows: rowBlocks };
  return { form, geometry, tile, blocks, vectors, cost: batch * rowBlocks * perItem };
}

/** For `filter`: the channels that the products are vectorized along, and those that are their rows. */
export function sidesOf(form: WindowForm, vectors: Candidate['vectors']) {
  return vectors === 'image'
    ? { along: form.channels, across: form.filters }
    : { along: form.filters, across: form.channels };
}

/** Tiles of a block. */
export const tilesOf = ({ images, rows, across }: TileGeometry): number => images * rows * across;

/** The least divisor, of at least `wanted`, into multiples of the number of lanes; else the greatest. */
function divisor(size: number, lanes: number, wanted: number): number {
  let found = 1;
  for (let parts = 1; parts <= size / lanes && found < wanted; parts++)
    if (size % (parts * lanes) === 0) found = parts;
  return found;
}

/** Tiles of a block: the most, where the cache allows them, and the least. */
const mostTiles = 96;
const leastTiles = 16;

/**
 * Cuts images into blocks whose transformed values, `bytes` a tile, fit the second cache. Blocks are smaller where there would be too few
 * work items: each of `batch` batches has one per block.
 */
function blocksOf(
  form: WindowForm,
  tile: number,
  { bytes, batch }: { readonly bytes: number; readonly batch: number },
  machine: Machine,
): TileGeometry {
  const [height, width] = [form.rows.size, form.columns.size];
  const [down, across] = [Math.ceil(height / tile), Math.ceil(width / tile)];
  const images = elementsOf(form.images);
  const fitting = Math.floor(machine.cache.second / 1.5 / bytes);
  const wanted = Math.min(mostTiles, Math.max(leastTiles, fitting));
  const forItems = (all: number) => Math.max(1, Math.floor((all * images * batch) / enoughItems));
  const rowsWanted = Math.min(down, Math.max(1, Math.floor(wanted / across)), forItems(down));
  const rows = Math.ceil(down / Math.ceil(down / rowsWanted));
  const mostImages = rows === down ? Math.max(1, Math.floor(wanted / (down * across))) : 1;
  const imagesWanted = Math.min(images, mostImages, forItems(1));
  return {
    ...{ tile, products: tile + taps - 1, height, width, down, across },
    images: Math.ceil(images / Math.ceil(images / imagesWanted)),
    rows,
  };
}
