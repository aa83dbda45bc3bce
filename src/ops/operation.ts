// What a primitive has to say of itself: shape rule, gradient, lowering, samples. One file per primitive; table.ts lists them.
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

/** A shape rule's refusal, in the terms of the primitive; elaboration turns it into a diagnostic at the call. */
export class ShapeError extends Error {}

export interface Operation<A extends Attributes = Attributes> {
  /** The formula in one line, as a person would write it: `y = exp(x)`. */
  readonly formula: string;
  /** The output's shape. Throws ShapeError where the inputs' shapes do not fit. */
  shape(inputs: readonly Shape[], attributes: A): Shape;
  /**
   * The cotangent of each input, built of graph nodes, given the output's; `undefined` where it is zero everywhere (an
   * integer input, a comparison). `'none'` in place of the function: a leaf, or a primitive that stops gradients.
   */
  readonly gradient: 'none' | ((context: GradientContext<A>) => readonly (Node | undefined)[]);
  /** Kernels that compute the output, or the index map of a view. Leaves have none. */
  readonly lower: 'leaf' | ((context: LowerContext<A>) => void);
  /** Inputs that drive the table-driven tests. Leaves have none. */
  readonly samples: readonly Sample<A>[];
}

/** Inputs are drawn uniformly from `range`; the tests keep them away from kinks by more than ten difference steps. */
export interface Sample<A extends Attributes = Attributes> {
  readonly shapes: readonly Shape[];
  readonly attributes: A;
  /** Default [-2, 2]; one range for all inputs or one for each. */
  readonly range?: readonly [number, number] | readonly (readonly [number, number])[];
  /** Inputs that hold whole numbers from 0 up to the limit (exclusive), by position. */
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
  /** Whether the cotangent of input i is wanted; a gradient may skip what is not. */
  wanted(input: number): boolean;
}

/**
 * Builds nodes. Element-wise methods want equal shapes; a number stands for a constant of the other's shape.
 * Obvious identities (x + 0, x · 1, broadcast to the same shape) give back their operand.
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
  /** Input axis i becomes axis axes[i] of the result; sizes are equal. The other axes are repeated. */
  broadcast(a: Node, shape: Shape, axes: readonly number[]): Node;
  reshape(a: Node, shape: Shape): Node;
  transpose(a: Node, permutation: readonly number[]): Node;
  /** Sums over the axes and drops them. */
  sum(a: Node, axes: readonly number[]): Node;
  /** An einsum of two operands: equal labels are one axis; a label that is not in `output` is summed over. */
  contract(
    a: Node,
    left: readonly number[],
    b: Node,
    right: readonly number[],
    output: readonly number[],
  ): Node;
}

/** An input of a lowering: read it at one index per axis. */
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
  /** An axis with an id that is new in this node's kernels. */
  axis(size: number, hint?: string): Axis;
  /** A kernel for an intermediate value; `suffix` names it after the node: `softmax.max`. Gives its reader. */
  intermediate(suffix: string, shape: Shape, body: (axes: readonly Axis[]) => Expression): Reader;
  /** The kernel of the node's value. */
  result(body: (axes: readonly Axis[]) => Expression): void;
  /** The node's value is input i's storage under the node's shape. */
  alias(input: number): void;
  /** The node's value is a scatter-add of `values` (input) at `ids` (input). */
  scatterAdd(ids: number, values: number): void;
}

export type { Axis, BufferId, Condition, Expression, Index, Reducer, ScalarFunction };
