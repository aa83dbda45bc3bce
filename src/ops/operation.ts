// The interface of a primitive: shape rule, gradient, lowering, samples. One file per primitive; table.ts lists them.
import type { Attributes, AttributeValue, Node, Shape } from '../ir/graph/type.ts';
import type {
  Axis,
  BufferId,
  Condition,
  Expression,
  Index,
  Reducer,
  ScalarFunction,
} from '../ir/stages/type.ts';

/** Thrown by a shape rule, in the terms of the primitive; elaboration turns it into a diagnostic at the call. */
export class ShapeError extends Error {}

export interface Operation<A extends Attributes = Attributes> {
  /** The formula on one line, as a person would write it: `y = exp(x)`. */
  readonly formula: string;
  /** The output's shape. Throws ShapeError where the inputs' shapes do not fit. */
  shape(inputs: readonly Shape[], attributes: A): Shape;
  /**
   * The cotangent of each input as graph nodes, from the output's cotangent; `undefined` where it is zero everywhere (an integer input, a
   * comparison). `'none'` instead of the function: a leaf, or a primitive that stops gradients.
   */
  readonly gradient: 'none' | ((context: GradientContext<A>) => readonly (Node | undefined)[]);
  /** Emits kernels that compute the output, or an alias. Leaves have none. */
  readonly lower: 'leaf' | ((context: LowerContext<A>) => void);
  /** Inputs for the table-driven tests. Leaves have none. */
  readonly samples: readonly Sample<A>[];
}

/** Inputs are drawn uniformly from `range`; the tests keep them away from kinks by more than ten difference steps. */
export interface Sample<A extends Attributes = Attributes> {
  readonly shapes: readonly Shape[];
  readonly attributes: A;
  /** Default [-2, 2]; one range for all inputs or one per input. */
  readonly range?: readonly [number, number] | readonly (readonly [number, number])[];
  /** Inputs that hold integers from 0 up to the limit (exclusive), by input position. */
  readonly integers?: Readonly<Record<number, number>>;
  /** Distances from which a sample point must stay away (kinks): |x - kink| > 0.01 for every element. */
  readonly kinks?: readonly number[];
  /** True where elements of the inputs must differ from one another by more than 0.01 (max, comparisons). */
  readonly distinct?: boolean;
}

export interface GradientContext<A extends Attributes> {
  readonly emit: Emit;
  readonly inputs: readonly Node[];
  readonly output: Node;
  readonly cotangent: Node;
  readonly attributes: A;
  /** Whether the cotangent of input i is needed; a gradient may skip the others. */
  wanted(input: number): boolean;
}

/**
 * Builds nodes. Element-wise methods require equal shapes; a number denotes a constant of the other operand's shape. Trivial identities
 * (x + 0, x · 1, broadcast to the same shape) return their operand.
 */
export interface Emit {
  apply(
    operation: string,
    inputs: readonly Node[],
    attributes?: { readonly [name: string]: AttributeValue },
  ): Node;
  constant(value: number, shape: Shape): Node;
  add(a: Node, b: Node | number): Node;
  subtract(a: Node | number, b: Node | number): Node;
  multiply(a: Node, b: Node | number): Node;
  divide(a: Node | number, b: Node | number): Node;
  power(a: Node, b: Node | number): Node;
  maximum(a: Node, b: Node | number): Node;
  minimum(a: Node, b: Node | number): Node;
  less(a: Node | number, b: Node | number): Node;
  lessEqual(a: Node | number, b: Node | number): Node;
  equal(a: Node, b: Node | number): Node;
  select(condition: Node, a: Node | number, b: Node | number): Node;
  negate(a: Node): Node;
  exp(a: Node): Node;
  log(a: Node): Node;
  sqrt(a: Node): Node;
  sigmoid(a: Node): Node;
  /** Input axis i becomes axis axes[i] of the result, with the same size; the input is repeated along the other axes. */
  broadcast(a: Node, shape: Shape, axes: readonly number[]): Node;
  reshape(a: Node, shape: Shape): Node;
  transpose(a: Node, permutation: readonly number[]): Node;
  /** Sums over the axes and drops them. */
  sum(a: Node, axes: readonly number[]): Node;
  /** An einsum of two operands: equal labels are one axis; labels missing from `output` are summed over. */
  contract(
    a: Node,
    left: readonly number[],
    b: Node,
    right: readonly number[],
    output: readonly number[],
  ): Node;
}

/** Reads an input of a lowering at one index per axis. */
export type Reader = (index: readonly (Index | Expression)[]) => Expression;

/**
 * Emits kernels. The last kernel or alias that a lowering emits with `result` is the node's value.
 */
export interface LowerContext<A extends Attributes> {
  readonly inputs: readonly Reader[];
  readonly inputShapes: readonly Shape[];
  /** The inputs' buffers, for aliases and scatter-adds. */
  readonly inputBuffers: readonly BufferId[];
  readonly shape: Shape;
  readonly attributes: A;
  /** The buffer of the run's random key (made on first use). */
  randomKey(): BufferId;
  /** A new axis; its id is unique in this node's kernels. */
  axis(size: number, hint?: string): Axis;
  /** Emits a kernel for an intermediate value, named after the node and `suffix`: `softmax.max`. Returns its reader. */
  intermediate(suffix: string, shape: Shape, body: (axes: readonly Axis[]) => Expression): Reader;
  /** Emits the kernel of the node's value. */
  result(body: (axes: readonly Axis[]) => Expression): void;
  /** Makes the node's value an alias of input i under the node's shape. */
  alias(input: number): void;
  /** Makes the node's value a scatter-add of input `values` at input `ids`. */
  scatterAdd(ids: number, values: number): void;
}

export type { Axis, BufferId, Condition, Expression, Index, Reducer, ScalarFunction };
