// Completes the plan of a Winograd convolution: operands, matrices, scratch memory.
import { elementSize } from '../../ir/loops/type.ts';
import type { Axis, BufferId } from '../../ir/stages/type.ts';
import { axisPosition } from '../../ir/linear/position.ts';
import type { Condition, Formula } from '../../ir/linear/type.ts';
import { fullTiles } from '../contraction/arrange.ts';
import type { Machine, Tile } from '../machine/machine.ts';
import { aligned } from '../alignment.ts';
import { planReductions } from '../reductions.ts';
import type {
  AreaRole,
  ScratchArea,
  TileGeometry,
  TileSource,
  WindowForm,
  WinogradMatrices,
  WinogradPlan,
} from '../type.ts';
import { sidesOf, tilesOf, type Candidate } from './choose.ts';
import { taps } from './form.ts';

export function planWinograd(
  candidate: Candidate,
  direct: number,
  stored: ReadonlySet<BufferId>,
  { lanes }: Machine,
): WinogradPlan {
  const { form, geometry, vectors, blocks, cost } = candidate;
  const isFilter = form.kind === 'filter';
  const source = (transform: TileSource['transform']) => tileSource(form, geometry, transform, lanes);
  const sources = {
    image: source('data'),
    ...(isFilter && { filter: { gradient: source('gradient'), vectors } }),
  };
  const matrices = isFilter ? filterMatrices(candidate, lanes) : outputMatrices(candidate, lanes);
  const areas = layOut(
    isFilter
      ? filterAreas(geometry, matrices, sources, lanes)
      : outputAreas(geometry, matrices, sources.image, lanes),
  );
  const along = isFilter ? sidesOf(form, vectors).along : form.columns;
  const computations = form.computations.map((computation) => ({
    ...computation,
    formula: planReductions(computation.formula, along.id, lanes),
  }));
  return {
    kind: 'winograd',
    lanes,
    form: { ...form, computations },
    ...{ stored, geometry, ...sources, matrices, areas, blocks },
    scratch: areas.reduce((total, { elements }) => total + aligned(elementSize * elements), 0),
    items: blocks.batch * blocks.images * blocks.rows,
    ...{ cost, direct },
  };
}

function tileSource(
  form: WindowForm,
  geometry: TileGeometry,
  transform: TileSource['transform'],
  lanes: number,
): TileSource {
  const { tile, products, across } = geometry;
  const image = transform === 'data';
  const reads = image ? products : tile;
  return {
    formula: withinEdges(image ? form.image : form.other, form, geometry, reads),
    channels: image ? form.channels : form.filters,
    reads,
    transform,
    pitch: Math.ceil((tile * across + reads - tile) / lanes) * lanes,
  };
}

/** The formula, zero where a tile extends past the edge. */
function withinEdges(formula: Formula, form: WindowForm, geometry: TileGeometry, reads: number): Formula {
  const { tile, height, width } = geometry;
  const inside = ({ id }: Axis, size: number): Condition[] =>
    size % tile === 0 ? [] : [{ kind: 'inside', position: axisPosition(id), limit: size + reads - tile }];
  const conditions = [...inside(form.rows, height), ...inside(form.columns, width)];
  return conditions.length === 0 ? formula : { kind: 'guard', conditions, value: formula, otherwise: 0 };
}

/** Tiles × channels by channels × filters. */
function outputMatrices({ form, geometry, tile }: Candidate, lanes: number): WinogradMatrices {
  const rows = tilesOf(geometry);
  const [depth, filters] = [form.channels.size, form.filters.size];
  const pitch = Math.ceil(depth / lanes) * lanes;
  return matricesOf({ tile, rows, depth, pitch, left: rows * pitch }, filters, lanes);
}

/** Channels of one operand × tiles by tiles × channels of the other. */
function filterMatrices(
  { form, geometry, tile, vectors, blocks }: Candidate,
  lanes: number,
): WinogradMatrices {
  const { along, across } = sidesOf(form, vectors);
  const rows = across.size / blocks.rows;
  const depth = tilesOf(geometry);
  const pitch = Math.ceil(rows / lanes) * lanes;
  return matricesOf({ tile, rows, depth, pitch, left: depth * pitch }, along.size, lanes);
}

function matricesOf(
  { left, ...shape }: Pick<WinogradMatrices, 'tile' | 'rows' | 'depth' | 'pitch'> & { readonly left: number },
  columns: number,
  lanes: number,
): WinogradMatrices {
  const width = shape.tile.vectors * lanes;
  const panels = Math.ceil(columns / width);
  return {
    ...shape,
    panels,
    width,
    heights: heightsOf(shape.rows, shape.tile),
    steps: {
      left: padStride(left),
      right: padStride(panels * shape.depth * width),
      sums: padStride(panels * shape.rows * width),
    },
  };
}

/** Stride between arrays, padded by a cache line, so that equal offsets in them do not map to one set of the cache. */
const padStride = (elements: number): number => Math.ceil(elements / 16) * 16 + 16;

/** Register tiles that cover so many rows: of full height, then of one row fewer if that divides evenly, else a remainder. */
function heightsOf(rows: number, tile: Tile): WinogradMatrices['heights'] {
  const tiles = Math.ceil(rows / tile.rows);
  const full = fullTiles(rows, tile);
  const even = full * tile.rows + (tiles - full) * (tile.rows - 1) === rows;
  const whole = even ? full : Math.floor(rows / tile.rows);
  const first = whole * tile.rows;
  return [
    { first: 0, tiles: whole, height: tile.rows },
    even
      ? { first, tiles: tiles - full, height: tile.rows - 1 }
      : { first, tiles: rows > first ? 1 : 0, height: rows - first },
  ].filter((run) => run.tiles > 0);
}

type AreaSize = readonly [role: AreaRole, name: string, elements: number];

function outputAreas(
  { tile, products, across, rows }: TileGeometry,
  { steps }: WinogradMatrices,
  image: TileSource,
  lanes: number,
): readonly AreaSize[] {
  const pitch = Math.ceil((tile * across) / lanes) * lanes;
  return [
    ['right', 'filter', products ** 2 * steps.right],
    ['left', 'image', products ** 2 * steps.left],
    ['sums', 'sums', products ** 2 * steps.sums],
    ['image pixels', 'pixels', (tile * rows + image.reads - tile) * image.pitch * lanes],
    ['image lines', 'lines', products * image.pitch * lanes],
    ['outputs', 'pixels', tile * pitch * lanes],
    ['columns', 'lines', tile * pitch * lanes],
    ['between', 'between', products * Math.max(tile, taps) * lanes],
  ];
}

function filterAreas(
  { tile, products, rows }: TileGeometry,
  { steps }: WinogradMatrices,
  { image, filter }: Pick<WinogradPlan, 'image' | 'filter'>,
  lanes: number,
): readonly AreaSize[] {
  const ofSource = ({ reads, pitch, transform }: TileSource): readonly AreaSize[] => [
    [
      transform === 'data' ? 'image pixels' : 'gradient pixels',
      'pixels',
      (tile * rows + reads - tile) * pitch * lanes,
    ],
    [transform === 'data' ? 'image lines' : 'gradient lines', 'lines', products * pitch * lanes],
  ];
  const sources = filter
    ? filter.vectors === 'image'
      ? [filter.gradient, image]
      : [image, filter.gradient]
    : [];
  return [
    ['left', 'rows', products ** 2 * steps.left],
    ['right', 'vectors', products ** 2 * steps.right],
    ['sums', 'sums', products ** 2 * steps.sums],
    ['taps', 'taps', taps * taps * lanes],
    ['between', 'between', products * taps * lanes],
    ...sources.flatMap(ofSource),
  ];
}

function layOut(sizes: readonly AreaSize[]): readonly ScratchArea[] {
  let offset = 0;
  return sizes.map(([role, name, elements]) => {
    const area = { role, name, offset, elements };
    offset += aligned(elementSize * elements);
    return area;
  });
}
