// What scheduling decides of one group of kernels, as plain readonly data: a plan is printed (print.ts), compared and unit-tested.
// `planGroup` (plan.ts) makes it, `emitGroup` (emit/group.ts) turns it into loops and decides nothing.
import type { Axis, BufferId, Convolution, Kernel, ScatterKernel } from '../ir/stages/type.ts';
import type { Formula, Point } from '../ir/linear/type.ts';
import type { Routine } from '../ir/loops/type.ts';
import type { Tile } from './machine/machine.ts';

export type GroupPlan = MapPlan | ContractionPlan | WinogradPlan | ScatterPlan;

/** Kernels that run as one routine. */
export type Group =
  | { readonly kind: 'map'; readonly points: Point[] }
  | { readonly kind: 'contraction'; readonly product: Product; readonly points: Point[] }
  | {
      readonly kind: 'scatter';
      readonly kernel: ScatterKernel;
      readonly points: readonly Point[];
      readonly scatter: ScatterShape;
    };

/** The kernels of a group, in order. */
export function kernelsOf(group: Group): readonly Kernel[] {
  return group.kind === 'scatter' ? [group.kernel] : group.points.map((point) => point.kernel);
}

export interface ScatterShape {
  /** The kernel's. */
  readonly name: string;
  /** Aliases resolved. */
  readonly ids: BufferId;
  readonly values: BufferId;
  readonly output: BufferId;
  /** Rows and elements of a row of the output, and how many ids there are. */
  readonly rows: number;
  readonly width: number;
  readonly count: number;
}

/** Σ left · right over `depth`; in the points' formulas the sum is `given`. */
export interface Product {
  readonly left: Formula;
  readonly right: Formula;
  /** The output's axes, in its order. */
  readonly axes: readonly Axis[];
  readonly depth: readonly Axis[];
  readonly points: readonly Point[];
  /** The ways in which it is a convolution, by the ids of its axes. */
  readonly convolutions: readonly Convolution[];
}

interface CommonPlan {
  /** float32 lanes of a vector register. */
  readonly lanes: number;
  /** Work items: any thread may run any range of them. */
  readonly items: number;
  /** Estimated instructions. */
  readonly cost: number;
}

/** Kernels over one domain as one nest of loops: shared axes, serial axes, then the vectorized one. */
export interface MapPlan extends CommonPlan {
  readonly kind: 'map';
  /** Their common axes are merged, and every reduction in them says how it runs. */
  readonly points: readonly Point[];
  /** The buffers that others read: results in other buffers stay in registers. */
  readonly stored: ReadonlySet<BufferId>;
  /** The merged axes of the domain, row-major. */
  readonly axes: readonly Axis[];
  /** The outermost axes: each combination of their values is a work item, or as many as there are chunks. */
  readonly shared: readonly Axis[];
  /** Loops inside a work item, outermost first. */
  readonly serial: readonly Axis[];
  /** Absent: one element at a time. */
  readonly vector?: VectorLoop;
}

export interface VectorLoop {
  readonly axis: Axis;
  /** Whole vectors cover the elements before this. It is past the axis' end where the buffers' padding takes the surplus. */
  readonly end: number;
  /** Elements after `end`, computed as a vector of which so many lanes are stored. */
  readonly remainder: number;
  /** Whether the vectors are straight-line code. */
  readonly unrolled: boolean;
  /** How many work items share the axis, and elements of each; one item takes all where there is one chunk. */
  readonly chunks: number;
  readonly chunk: number;
}

/** output[ids[i], …] += values[i, …]: each work item owns some columns of the output. */
export interface ScatterPlan extends CommonPlan, ScatterShape {
  readonly kind: 'scatter';
  /** Vectors of a row, and of them the most that one work item owns. */
  readonly vectors: number;
  readonly vectorsPerItem: number;
}

/**
 * A contraction by packed panels and a register-blocked microkernel. Its axes are sorted into batch, rows (of one operand alone),
 * vectors (of the other alone, one of them along the lanes) and the depth that is summed over.
 */
export interface ContractionPlan extends CommonPlan {
  readonly kind: 'contraction';
  readonly batch: readonly Axis[];
  readonly rows: RowSide;
  readonly vectors: VectorSide;
  readonly depth: readonly Axis[];
  /** The epilogue: formulas of the sum, which is `given`. */
  readonly points: readonly Point[];
  readonly stored: ReadonlySet<BufferId>;
  readonly tile: Tile;
  readonly staging: { readonly rows: Staging; readonly vectors: Staging };
  readonly blocks: Blocks;
  /** Whether the epilogue's rows of a tile are straight-line code, or a loop. */
  readonly epilogue: 'unrolled' | 'loop';
  readonly scratch: ContractionScratch;
  /** Why it is not computed by Winograd's minimal filtering. */
  readonly winograd: WinogradRejection;
}

export interface RowSide {
  readonly formula: Formula;
  readonly axes: readonly Axis[];
  /** All rows of the operand. */
  readonly count: number;
  /** Rows of a tile's panel. */
  readonly rows: number;
  /** The first `full` tiles have all those rows, the others one fewer: where rows can be dealt out so, no tile is padded. */
  readonly full: number;
}

export interface VectorSide {
  readonly formula: Formula;
  /** The axis along the lanes is the last. */
  readonly axes: readonly Axis[];
  readonly along: Axis;
  /** All vectors of the operand. */
  readonly count: number;
  /** Vectors of a tile. */
  readonly vectors: number;
}

/**
 * How an operand is read while it is packed, fastest first: along the panel's own axis; along the innermost axis of the depth,
 * and transposed in registers; or element by element.
 */
export type Access = 'in order' | 'transposed' | 'scattered';

export interface Staging {
  readonly access: Access;
  /** `together`: depth by depth, into all panels of a block. `one by one`: panel by panel, each over the whole depth. */
  readonly panels: 'together' | 'one by one';
  /** The innermost axes of the depth, whose loops are unrolled while packing. */
  readonly unrolled: readonly Axis[];
}

export interface Blocks {
  readonly rows: BlockedSide;
  readonly vectors: BlockedSide;
  /** The operand whose packed block stays, while blocks of the other pass. */
  readonly keep: 'rows' | 'vectors';
  readonly depth: DepthBlocks;
}

export interface BlockedSide {
  /** All tiles of the side. */
  readonly tiles: number;
  /** Tiles of a block, the last of which may be smaller. */
  readonly perBlock: number;
  readonly blocks: number;
}

export interface DepthBlocks {
  /** Elements of depth in the longest block. */
  readonly longest: number;
  /** Absent: the depth is packed whole. Axes outside of this one are loops, those inside it are whole in every block. */
  readonly split?: { readonly axis: Axis; readonly chunk: number };
}

/** Scratch memory of a thread: the rows' panels come first, then the vectors', then the sums. All in bytes. */
export interface ContractionScratch {
  /** Elements of one panel of rows, and of one of vectors. */
  readonly rowPanel: number;
  readonly vectorPanel: number;
  readonly vectors: number;
  readonly sums: number;
  readonly bytes: number;
}

export type WinogradRejection =
  | { readonly reason: 'disabled' }
  | { readonly reason: 'no convolution' }
  /** Not one axis of channels and one of filters, or a place that is not an axis. */
  | { readonly reason: 'channels' }
  /** Only tiles are allowed whose rounding errors are too large for so short a sum. */
  | { readonly reason: 'short sum' }
  | { readonly reason: 'cost'; readonly cost: number; readonly limit: number };

/**
 * A convolution of 3 × 3 taps, or the gradient of its filter, by Winograd's minimal filtering: tiles of the image are transformed,
 * (tile + 2)² small matrix products take the place of the convolution, and their sums are transformed back.
 */
export interface WinogradPlan extends CommonPlan {
  readonly kind: 'winograd';
  readonly form: WindowForm;
  readonly stored: ReadonlySet<BufferId>;
  readonly geometry: TileGeometry;
  readonly image: TileSource;
  /** For `filter`: the output's gradient, and which of the two gives the vectors of the products, the other the rows. */
  readonly filter?: { readonly gradient: TileSource; readonly vectors: 'image' | 'gradient' };
  readonly matrices: WinogradMatrices;
  readonly areas: readonly ScratchArea[];
  /** Work items along each axis: batches; blocks of images and of tile rows for `outputs`, blocks of rows for `filter`. */
  readonly blocks: { readonly batch: number; readonly images: number; readonly rows: number };
  readonly scratch: number;
  /** What the direct schedule would cost. */
  readonly direct: number;
}

/** A convolution in linear form, its axes merged. */
export interface WindowForm {
  readonly kind: Convolution['kind'];
  /** Axes that go through everything: groups, and slices of a sum. */
  readonly batch: readonly Axis[];
  /** The image at rows + windowRows, columns + windowColumns, as a formula of rows and columns alone. */
  readonly image: Formula;
  /** The filter, over both windows' axes; or the output's gradient, over rows and columns. */
  readonly other: Formula;
  /** Output axes of the image alone; for `filter`, axes that are summed over. */
  readonly images: readonly Axis[];
  /** The image's own axis: summed over; for `filter`, an output's. */
  readonly channels: Axis;
  /** The other operand's own axis, always an output's. */
  readonly filters: Axis;
  readonly rows: Axis;
  readonly columns: Axis;
  readonly windowRows: Axis;
  readonly windowColumns: Axis;
  readonly points: readonly Point[];
}

/** How places are cut into tiles, and those into blocks. */
export interface TileGeometry {
  /** Outputs of a tile along each axis, and products: tile + 2. */
  readonly tile: number;
  readonly products: number;
  /** Rows and columns of places; and of tiles. */
  readonly height: number;
  readonly width: number;
  readonly down: number;
  readonly across: number;
  /** Images and tile rows of a block. */
  readonly images: number;
  readonly rows: number;
}

/** What is transformed tile by tile, with channels along the lanes. */
export interface TileSource {
  /** Zero where a tile extends over the edge. */
  readonly formula: Formula;
  readonly channels: Axis;
  /** Elements that a tile reads along each axis. */
  readonly reads: number;
  readonly transform: 'data' | 'gradient';
  /** Elements of a row of pixels in scratch memory: whole vectors. */
  readonly pitch: number;
}

/** The products, of the same shape each: rows × depth by depth × (panels · width). */
export interface WinogradMatrices {
  readonly tile: Tile;
  readonly rows: number;
  readonly depth: number;
  readonly panels: number;
  /** Elements of a row of a panel. */
  readonly width: number;
  /** Elements from one tile of the left matrix to the next. */
  readonly pitch: number;
  /** Runs of register tiles of one height that cover the rows. */
  readonly heights: readonly { readonly first: number; readonly tiles: number; readonly height: number }[];
  /** Elements from one product to the next. */
  readonly steps: { readonly left: number; readonly right: number; readonly sums: number };
}

export type AreaRole =
  | 'left'
  | 'right'
  | 'sums'
  | 'taps'
  /** Half-transformed tiles. */
  | 'between'
  /** Pixels and transformed lines of a source. */
  | 'image pixels'
  | 'image lines'
  | 'gradient pixels'
  | 'gradient lines'
  /** A tile row of outputs, with filters along the lanes; and with columns along them. */
  | 'outputs'
  | 'columns';

export interface ScratchArea {
  readonly role: AreaRole;
  /** What the pointer is called. */
  readonly name: string;
  /** In bytes. */
  readonly offset: number;
  readonly elements: number;
}

/** What comes out of emitting a plan. */
export interface Scheduled {
  readonly routine: Routine;
  /** The buffers that the routine's pointers point to. */
  readonly buffers: readonly BufferId[];
  readonly items: number;
  readonly cost: number;
}
