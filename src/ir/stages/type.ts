// The kernel IR: what every target prints. A kernel defines each element of its output exactly once, as an expression over reads and
// reductions, for the sake of the weakest target: one thread per element, no scatter. The one exception is the explicit scatter-add.
// Buffers are dense, row-major (integers are stored as floats, exact below 2^24); a buffer with `alias` is the same storage under another
// shape.
import type { Initializer, Storage } from '../../runtime/specification.ts';
import type { Origin, Phase, Shape } from '../graph/type.ts';
import { elementCount } from '../../runtime/tensor.ts';
import type { ScalarFunction } from '../scalar.ts';

export type BufferId = number;

/** The storage type of a buffer's elements. */
export type ElementType = 'f32';

/** Bytes that one element takes. */
export const elementBytes: { readonly [type in ElementType]: number } = { f32: 4 };

/** Bytes that a buffer's elements take. */
export function bytesOf({ element, shape }: Pick<Buffer, 'element' | 'shape'>): number {
  return elementBytes[element] * elementCount(shape);
}

export interface Buffer {
  readonly id: BufferId;
  /** Unique in the program, readable, not yet made safe for a target: `linear_1.W`, `linear_1.y`, `d_linear_1.W`. */
  readonly name: string;
  readonly shape: Shape;
  readonly element: ElementType;
  readonly role: BufferRole;
  /** Same storage as this buffer, under another shape with as many elements; that buffer is never itself an alias. */
  readonly alias?: BufferId;
}

/**
 * input: passed at each run (inputs, targets, and the scalars `step`, `steps`, `update_batches` and the 6-element `random_key`);
 * stored: persists between runs (parameter, buffer, constant, optimizer state); temporary: written by one kernel of the run.
 */
export type BufferRole =
  | { readonly kind: 'input'; readonly input: InputRole }
  | {
      readonly kind: 'stored';
      readonly storage: Storage;
      readonly path: string;
      readonly initial: Initializer;
    }
  | { readonly kind: 'temporary' };

export type InputRole = 'input' | 'target' | 'step' | 'steps' | 'update_batches' | 'random_key';

/** A loop variable: one of the output's axes or of a reduction's. Its id is unique within the kernel. */
export interface Axis {
  readonly id: string;
  readonly size: number;
  /** A readable name: `example`, `channel`, `row`, `k`. Not unique. */
  readonly hint?: string;
}

/** floor((constant + Σ factor·axis) / divisor); divisor 1 is the affine case. Axis ids refer to enclosing axes. */
export interface Index {
  readonly constant: number;
  readonly terms: readonly IndexTerm[];
  readonly divisor: number;
}

export interface IndexTerm {
  readonly axis: string;
  readonly factor: number;
}

/** 0 ≤ index < limit, or index divisible by modulus. The index of a divisible condition has divisor 1. */
export type Condition =
  | { readonly kind: 'inside'; readonly index: Index; readonly limit: number }
  | { readonly kind: 'divisible'; readonly index: Index; readonly modulus: number };

export type Reducer = 'sum' | 'max' | 'argmax';

export type { ScalarFunction };

/**
 * A tree without side effects. `fuse` shares equal subexpressions of a kernel as one object (reductions with their axes too), so that a
 * printer can compute each once per scope.
 */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  /** One index per axis of the buffer. An index that is an expression is data-dependent (a token id): an integer, clamped to the axis. */
  | { readonly kind: 'read'; readonly buffer: BufferId; readonly index: readonly (Index | Expression)[] }
  /** An index as a number. */
  | { readonly kind: 'position'; readonly index: Index }
  | { readonly kind: 'apply'; readonly function: ScalarFunction; readonly operands: readonly Expression[] }
  /** value where all conditions hold, else `otherwise`; reads inside are only evaluated where they hold. */
  | {
      readonly kind: 'guard';
      readonly conditions: readonly Condition[];
      readonly value: Expression;
      readonly otherwise: number;
    }
  /** Over the axes in row-major order. argmax gives the flat position (row-major over `axes`) of the first maximum. */
  | {
      readonly kind: 'reduce';
      readonly reducer: Reducer;
      readonly axes: readonly Axis[];
      readonly value: Expression;
    }
  /** Uniform in [0, 1): a hash of the run's key (the buffer with input role random_key), the site and the flat index. */
  | { readonly kind: 'random'; readonly key: BufferId; readonly site: number; readonly index: Index };

/** `output[axes] = body`, for every element. */
export interface MapKernel {
  readonly kind: 'map';
  readonly name: string;
  readonly output: BufferId;
  /** One axis per axis of the output buffer, of the same sizes. */
  readonly axes: readonly Axis[];
  readonly body: Expression;
  readonly origin: Origin;
  readonly phase: Phase;
  /** Origins of the formulas that were fused into this kernel. */
  readonly fused: readonly Origin[];
  /** The form of the body, where schedules know it: recognized once, after fusion. */
  readonly pattern?: Pattern;
}

export type Pattern =
  | { readonly kind: 'contraction'; readonly contraction: Contraction }
  /** A contraction that is also a convolution, in one way or, where windows and images are both small, in several. */
  | {
      readonly kind: 'convolution';
      readonly contraction: Contraction;
      readonly forms: readonly Convolution[];
    };

/** A sum of products of two reads: matrix product, batched product, convolution, and the gradients of all of them. */
export interface Contraction {
  /** The sum as it occurs in the kernel's body, possibly more than once. */
  readonly sum: Reduction;
  readonly left: ContractionOperand;
  readonly right: ContractionOperand;
  /** Output axes of both operands, and axes of size one that neither has. */
  readonly batch: readonly Axis[];
  /** Output axes of the left operand alone. */
  readonly m: readonly Axis[];
  /** Output axes of the right operand alone. */
  readonly n: readonly Axis[];
  /** The axes that are summed over, in the sum's order. */
  readonly k: readonly Axis[];
  /** The kernel's body with reads of `accumulator` in place of the sum: bias, activation and the like. */
  readonly epilogue: Expression;
}

export type Reduction = Expression & { readonly kind: 'reduce' };

/** A read that is zero where a condition does not hold (padding); there its index may be out of bounds. */
export interface ContractionOperand {
  readonly buffer: BufferId;
  readonly index: readonly Index[];
  readonly conditions: readonly Condition[];
}

/** Pseudo-buffer of an epilogue: it reads the finished sum of its own element, `{ kind: 'read', buffer: accumulator, index: [] }`. */
export const accumulator: BufferId = -1;

/**
 * A contraction in which one operand, the image, is read through a window with stride 1 along two axes. `outputs`: the window axes are
 * summed over (a convolution, and its input gradient, whose windows run backwards). `filter`: the output positions are summed over, and
 * the window axes are the output's (the filter gradient).
 */
export interface Convolution {
  readonly kind: 'outputs' | 'filter';
  readonly image: 'left' | 'right';
  readonly windows: readonly [ConvolutionWindow, ConvolutionWindow];
}

/** The image's indices are functions of place + window, or of place − window where it runs backwards. */
export interface ConvolutionWindow {
  readonly window: string;
  readonly place: string;
  readonly backwards: boolean;
}

/**
 * `output[ids[i], …] += values[i, …]`, the rest zero: an embedding's gradient. `ids` has any shape [I…], `values` [I…, D…],
 * `output` [V, D…].
 */
export interface ScatterKernel {
  readonly kind: 'scatter_add';
  readonly name: string;
  readonly output: BufferId;
  readonly ids: BufferId;
  readonly values: BufferId;
  readonly origin: Origin;
  readonly phase: Phase;
  readonly fused: readonly Origin[];
}

export type Kernel = MapKernel | ScatterKernel;

export interface KernelOutput {
  readonly name: string;
  readonly buffer: BufferId;
}

/** After the run, the stored buffer takes the value. */
export interface KernelUpdate {
  readonly stored: BufferId;
  readonly value: BufferId;
}

/** Kernels in execution order. */
export interface KernelProgram {
  readonly name: string;
  readonly buffers: readonly Buffer[];
  readonly kernels: readonly Kernel[];
  readonly outputs: readonly KernelOutput[];
  readonly updates: readonly KernelUpdate[];
}
