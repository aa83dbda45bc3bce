// The plan of a group of kernels, as plain readonly data: it can be printed (print.ts), compared and unit-tested. `planGroup` (plan.ts)
// makes it, `emitGroup` (emit/group.ts) turns it into loops and decides nothing.
import type { Axis, BufferId, Convolution, Kernel, ScatterKernel } from '../ir/stages/type.ts';
import type { Formula, Computation } from '../ir/linear/type.ts';
import type { Routine } from '../ir/loops/type.ts';
import type { Tile } from './machine/machine.ts';

export type GroupPlan = MapPlan | ContractionPlan | WinogradPlan | ScatterPlan;

/** Kernels that run as one routine. */
export type Group =
  | { readonly kind: 'map'; readonly computations: Computation[] }
  | { readonly kind: 'contraction'; readonly contraction: Contraction; readonly computations: Computation[] }
  | {
      readonly kind: 'scatter';
      readonly kernel: ScatterKernel;
      readonly computations: readonly Computation[];
      readonly scatter: ScatterShape;
    };

/** The kernels of a group, in order. */
export function kernelsOf(group: Group): readonly Kernel[] {
  return group.kind === 'scatter'
    ? [group.kernel]
    : group.computations.map((computation) => computation.kernel);
}

export interface ScatterShape {
  /** The kernel's name. */
  readonly name: string;
  /** Aliases resolved. */
  readonly ids: BufferId;
  readonly values: BufferId;
  readonly output: BufferId;
  /** Rows of the output, elements of a row, and number of ids. */
  readonly rows: number;
  readonly width: number;
  readonly count: number;
}

/** Σ left · right over `depth`; the computations' formulas refer to the sum as `given`. */
export interface Contraction {
  readonly left: Formula;
  readonly right: Formula;
  /** The output's axes, in its order. */
  readonly axes: readonly Axis[];
  readonly depth: readonly Axis[];
  readonly computations: readonly Computation[];
  /** Its readings as a convolution, by axis ids; empty where it is none. */
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

/** Kernels over one domain as one loop nest: shared (parallel) axes, serial axes, then the vectorized axis. */
export interface MapPlan extends CommonPlan {
  readonly kind: 'map';
  /** Common axes are merged, and the loops of every reduction decided. */
  readonly computations: readonly Computation[];
  /** The buffers that others read: results in other buffers stay in registers. */
  readonly stored: ReadonlySet<BufferId>;
  /** The merged axes of the domain, row-major. */
  readonly axes: readonly Axis[];
  /** The outermost, parallel axes: each combination of their values is a work item, or one per chunk of the vectorized axis. */
  readonly shared: readonly Axis[];
  /** Loops inside a work item, outermost first. */
  readonly serial: readonly Axis[];
  /** Absent: scalar code. */
  readonly vector?: VectorLoop;
}

export interface VectorLoop {
  readonly axis: Axis;
  /** Full vectors cover the elements before this. It may exceed the axis' size: the surplus is stored to the buffer's padding. */
  readonly end: number;
  /** Elements after `end`: one more vector, of which this many lanes are stored. */
  readonly remainder: number;
  /** Whether the loop over the vectors is fully unrolled. */
  readonly unrolled: boolean;
  /** Work items that share the axis, and elements of each; with one chunk, one item takes the whole axis. */
  readonly chunks: number;
  readonly chunk: number;
}

/** output[ids[i], …] += values[i, …]: each work item owns some columns of the output. */
export interface ScatterPlan extends CommonPlan, ScatterShape {
  readonly kind: 'scatter';
  /** Vectors of a row, and the most that one work item owns. */
  readonly vectors: number;
  readonly vectorsPerItem: number;
}

/**
 * A contraction by packed panels and a register-blocked microkernel. Its axes are sorted into batch, rows (of one operand alone), vectors
 * (of the other alone; one of them is vectorized) and the depth that is summed over.
 */
export interface ContractionPlan extends CommonPlan {
  readonly kind: 'contraction';
  readonly batch: readonly Axis[];
  readonly rows: RowSide;
  readonly vectors: VectorSide;
  readonly depth: readonly Axis[];
  /** The epilogue: formulas that refer to the sum as `given`. */
  readonly computations: readonly Computation[];
  readonly stored: ReadonlySet<BufferId>;
  readonly tile: Tile;
  readonly staging: { readonly rows: Staging; readonly vectors: Staging };
  readonly blocks: Blocks;
  /** Whether the epilogue's rows of a tile are unrolled. */
  readonly epilogue: 'unrolled' | 'loop';
  readonly scratch: ContractionScratch;
  /** Why it is not computed by Winograd convolution. */
  readonly winograd: WinogradRejection;
}

export interface RowSide {
  readonly formula: Formula;
  readonly axes: readonly Axis[];
  /** All rows of the operand. */
  readonly count: number;
  /** Rows of a tile's panel. */
  readonly rows: number;
  /** The first `full` tiles have all those rows, the others one fewer, so that no tile is padded where the counts allow it. */
  readonly full: number;
}

export interface VectorSide {
  readonly formula: Formula;
  /** The vectorized axis is the last. */
  readonly axes: readonly Axis[];
  readonly along: Axis;
  /** All vectors of the operand. */
  readonly count: number;
  /** Vectors of a tile. */
  readonly vectors: number;
}

/**
 * How packing reads an operand, fastest first: contiguous along the panel's own axis; contiguous along the innermost depth axis, and
 * transposed in registers; or element by element.
 */
export type Access = 'in order' | 'transposed' | 'scattered';

export interface Staging {
  readonly access: Access;
  /** `together`: one depth step after the other, into all panels of a block. `one by one`: each panel over the whole depth. */
  readonly panels: 'together' | 'one by one';
  /** The innermost depth axes, whose packing loops are unrolled. */
  readonly unrolled: readonly Axis[];
}

export interface Blocks {
  readonly rows: BlockedSide;
  readonly vectors: BlockedSide;
  /** The operand whose packed block stays in the cache while blocks of the other are streamed. */
  readonly keep: 'rows' | 'vectors';
  readonly depth: DepthBlocks;
}

export interface BlockedSide {
  /** All tiles of the side. */
  readonly tiles: number;
  /** Tiles of a block; the last block may be smaller. */
  readonly perBlock: number;
  readonly blocks: number;
}

export interface DepthBlocks {
  /** Elements of depth in the longest block. */
  readonly longest: number;
  /** Absent: the depth is one block. Axes outside the split axis are loops; those inside it are complete in every block. */
  readonly split?: { readonly axis: Axis; readonly chunk: number };
}

/** Layout of a thread's scratch memory, in bytes: the panels of rows, the panels of vectors, the sums. */
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
  /** Not exactly one axis of channels and one of filters, or an output position that is not an axis. */
  | { readonly reason: 'channels' }
  /** The allowed tiles have rounding errors too large for so short a sum. */
  | { readonly reason: 'short sum' }
  | { readonly reason: 'cost'; readonly cost: number; readonly limit: number };

/**
 * A 3 × 3 convolution, or its filter gradient, by Winograd convolution (minimal filtering): tiles of the image are transformed, (tile +
 * 2)² small matrix products replace the convolution, and their sums are transformed back.
 */
export interface WinogradPlan extends CommonPlan {
  readonly kind: 'winograd';
  readonly form: WindowForm;
  readonly stored: ReadonlySet<BufferId>;
  readonly geometry: TileGeometry;
  readonly image: TileSource;
  /** For `filter`: the output's gradient, and which operand is vectorized in the products; the other gives the rows. */
  readonly filter?: { readonly gradient: TileSource; readonly vectors: 'image' | 'gradient' };
  readonly matrices: WinogradMatrices;
  readonly areas: readonly ScratchArea[];
  /** Work items along each axis: batches; blocks of images and of tile rows for `outputs`, blocks of rows for `filter`. */
  readonly blocks: { readonly batch: number; readonly images: number; readonly rows: number };
  readonly scratch: number;
  /** Estimated cost of the direct schedule. */
  readonly direct: number;
}

/** A convolution in linear form, its axes merged. */
export interface WindowForm {
  readonly kind: Convolution['kind'];
  /** Batch axes, of all operands: groups, and slices of a sum. */
  readonly batch: readonly Axis[];
  /** The image at rows + windowRows, columns + windowColumns, as a formula of rows and columns alone. */
  readonly image: Formula;
  /** The filter, over the window axes; or the output's gradient, over rows and columns. */
  readonly other: Formula;
  /** Output axes of the image alone; for `filter`, summed axes. */
  readonly images: readonly Axis[];
  /** The image's own axis: summed over; for `filter`, an output axis. */
  readonly channels: Axis;
  /** The other operand's own axis, always an output axis. */
  readonly filters: Axis;
  readonly rows: Axis;
  readonly columns: Axis;
  readonly windowRows: Axis;
  readonly windowColumns: Axis;
  readonly computations: readonly Computation[];
}

/** How the output is cut into tiles, and those into blocks. */
export interface TileGeometry {
  /** Outputs of a tile along each axis, and products: tile + 2. */
  readonly tile: number;
  readonly products: number;
  /** Rows and columns of output positions; and of tiles. */
  readonly height: number;
  readonly width: number;
  readonly down: number;
  readonly across: number;
  /** Images and tile rows of a block. */
  readonly images: number;
  readonly rows: number;
}

/** What is transformed tile by tile, vectorized along the channels. */
export interface TileSource {
  /** Zero where a tile extends past the edge. */
  readonly formula: Formula;
  readonly channels: Axis;
  /** Elements that a tile reads along each axis. */
  readonly reads: number;
  readonly transform: 'data' | 'gradient';
  /** Row stride of the pixels in scratch memory, in elements: a multiple of the lanes. */
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
  /** Stride between tiles of the left matrix, in elements. */
  readonly pitch: number;
  /** Runs of register tiles of equal height that cover the rows. */
  readonly heights: readonly { readonly first: number; readonly tiles: number; readonly height: number }[];
  /** Strides between products, in elements. */
  readonly steps: { readonly left: number; readonly right: number; readonly sums: number };
}

export type AreaRole =
  | 'left'
  | 'right'
  | 'sums'
  | 'taps'
  /** Tiles transformed along one axis. */
  | 'between'
  /** Pixels of a source, and its lines transformed along one axis. */
  | 'image pixels'
  | 'image lines'
  | 'gradient pixels'
  | 'gradient lines'
  /** A tile row of outputs, vectorized along the filters; and transposed, along the columns. */
  | 'outputs'
  | 'columns';

export interface ScratchArea {
  readonly role: AreaRole;
  /** The pointer's name in the code. */
  readonly name: string;
  /** In bytes. */
  readonly offset: number;
  readonly elements: number;
}

/** The result of emitting a plan. */
export interface Scheduled {
  readonly routine: Routine;
  /** The buffers that the routine's pointers point to. */
  readonly buffers: readonly BufferId[];
  readonly items: number;
  readonly cost: number;
}
