// The loop form: what a scheduled program is made of. A routine is loop nests over integers, vectors of floats and pointers; it fixes
// which loads and stores happen in which order, and nothing of the language it is printed in. A program calls routines, step by step, on
// buffers with fixed addresses.
//
// Every float is a vector: a scalar is a vector of equal lanes, so that there is one code path and one mathematics. The number of lanes
// is the machine's, the same in all routines of a module.
// Names contain `$n` where parameter n's name belongs, so that routines alike but for their buffers are equal.
//
// Undefined values: memory that nobody has written, a panel's padding, what lies past a buffer's end (which a full vector or a guarded
// read may over-read by `reach`), and everything computed from such a value. They may be computed with and kept in scratch memory; they
// never reach an element of a buffer, an address that is stored to, a loop bound or a condition. `interpret.ts` checks it.
import type { Comparison, ScalarFunction } from '../scalar.ts';
import { elementBytes, type BufferId, type Kernel, type KernelProgram } from '../stages/type.ts';

/** Bytes of the elements that pointers count: float32, so far the only element type. */
export const elementSize = elementBytes.f32;

/**
 * integer: signed, 32 bits; pointer: the address of an element; vector: a float in each lane; mask: in each lane all bits set or none;
 * integers: a signed 32-bit integer in each lane.
 */
export type ValueType = 'integer' | 'pointer' | 'vector' | 'mask' | 'integers';

/**
 * quotient: rounded toward zero; remainder: with the sign of the left operand; `less`, `equal`, `unequal`, `unsigned_less` and `both`
 * (logical and) give 1 or 0.
 */
export type IntegerOperator =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'quotient'
  | 'remainder'
  | 'minimum'
  | 'less'
  | 'equal'
  | 'unequal'
  | 'unsigned_less'
  | 'both';

/** Lane-wise, on 32-bit integers; shift_right is arithmetic. */
export type LaneOperator = 'add' | 'subtract' | 'and' | 'or' | 'shift_left' | 'shift_right';

/** multiply_add: a · b + c, fused (rounded once) where the machine has the instruction, else rounded twice. */
export type VectorFunction = Exclude<ScalarFunction, Comparison | 'select'> | 'multiply_add';

/** An address: pointer + offset, in bytes; the offset is a multiple of the element's size and ≥ 0. */
export interface Place {
  readonly pointer: Value;
  readonly offset: number;
}

export type Value =
  | { readonly kind: 'variable'; readonly name: string; readonly type: ValueType }
  // integer
  | { readonly kind: 'integer'; readonly value: number }
  /** Of two integers. */
  | {
      readonly kind: 'arithmetic';
      readonly operator: IntegerOperator;
      readonly left: Value;
      readonly right: Value;
    }
  /** One lane of a vector, truncated to an integer; 0 where that is out of range or NaN. Undefined if the lane is. */
  | { readonly kind: 'to_integer'; readonly vector: Value; readonly lane: number }
  // pointer
  /** A pointer advanced by some elements (an integer of any sign). It stays within the same buffer, or scratch memory. */
  | { readonly kind: 'advance'; readonly pointer: Value; readonly elements: Value }
  // vector
  /** A constant in all lanes. */
  | { readonly kind: 'number'; readonly value: number }
  /**
   * Lane i is element i from the place on; with `splat` the element at the place is broadcast. With `count` (an integer) only that many
   * first lanes are wanted, none where it is below 1: the others are undefined, and whether they are read is the target's choice.
   */
  | { readonly kind: 'load'; readonly place: Place; readonly splat: boolean; readonly count?: Value }
  /** Lane i from place i. */
  | { readonly kind: 'gather'; readonly places: readonly Place[] }
  /** Lane i is lane `lanes[i]` of the concatenation of left and right. */
  | {
      readonly kind: 'shuffle';
      readonly left: Value;
      readonly right: Value;
      readonly lanes: readonly number[];
    }
  /** Lane-wise; a lane is undefined where an operand's is. */
  | { readonly kind: 'apply'; readonly function: VectorFunction; readonly operands: readonly Value[] }
  /** Lanes of `yes` where the mask is set, else of `no`; undefined where the mask or the chosen lane is. */
  | { readonly kind: 'select'; readonly mask: Value; readonly yes: Value; readonly no: Value }
  /** 1 where the mask is set, else 0. */
  | { readonly kind: 'mask_to_float'; readonly mask: Value }
  /** Integers as floats. */
  | { readonly kind: 'convert'; readonly integers: Value }
  /** The floats with these 32 bits (a bit cast). */
  | { readonly kind: 'from_bits'; readonly integers: Value }
  /** The magnitude of the first with the sign of the second. */
  | { readonly kind: 'with_sign'; readonly size: Value; readonly sign: Value }
  /** A horizontal reduction, broadcast to all lanes; undefined where any lane is. */
  | { readonly kind: 'reduce_lanes'; readonly reducer: 'sum' | 'max'; readonly vector: Value }
  /** Uniform in [0, 1), of the key's words (an integer per round, the site's word added) and each lane's index: see runtime/random.ts. */
  | { readonly kind: 'random'; readonly words: readonly Value[]; readonly index: Value }
  // mask
  /** Of two vectors; false where either is NaN, except for `unequal`, which is then true. */
  | {
      readonly kind: 'compare';
      readonly function: Comparison | 'unequal';
      readonly left: Value;
      readonly right: Value;
    }
  /** 0 ≤ integers < limit */
  | { readonly kind: 'inside'; readonly integers: Value; readonly limit: number }
  /** integers = 0 */
  | { readonly kind: 'zero'; readonly integers: Value }
  | { readonly kind: 'lanes'; readonly set: readonly boolean[] }
  /** A uniform mask: all lanes or none, by an integer that is 1 or 0. */
  | { readonly kind: 'splat_mask'; readonly condition: Value }
  | { readonly kind: 'both'; readonly left: Value; readonly right: Value }
  // integers
  /** An integer broadcast to all lanes. */
  | { readonly kind: 'splat'; readonly integer: Value }
  | { readonly kind: 'sequence'; readonly values: readonly number[] }
  /** Lane i is value i, an integer. */
  | { readonly kind: 'pack'; readonly values: readonly Value[] }
  | {
      readonly kind: 'lanewise';
      readonly operator: LaneOperator;
      readonly left: Value;
      readonly right: Value;
    }
  /** The 32 bits of each lane's float32 (a bit cast). */
  | { readonly kind: 'bits'; readonly vector: Value };

/**
 * How a loop's iterations run. serial: one after the other, in order; vector: an iteration computes full vectors, and the step is a
 * multiple of the lanes; thread: the loop over a step's work items, which threads share in any way; group: as work groups of a GPU (no
 * scheduler produces these yet, and the verifier refuses them).
 */
export type AxisKind = 'serial' | 'vector' | 'thread' | 'group';

export type Statement =
  /** One line of comment in the generated code. */
  | { readonly kind: 'comment'; readonly text: string }
  /** Declares a variable of the block. */
  | {
      readonly kind: 'let';
      readonly name: string;
      readonly type: ValueType;
      readonly value: Value;
      readonly mutable: boolean;
    }
  /** Assigns to a mutable variable; a pointer stays within its buffer. */
  | { readonly kind: 'assign'; readonly name: string; readonly value: Value }
  /** For name = from, from + step, … while it is less than `to`; both bounds are computed once. */
  | {
      readonly kind: 'for';
      readonly axis: AxisKind;
      readonly name: string;
      readonly from: Value;
      readonly to: Value;
      readonly step: number;
      readonly body: readonly Statement[];
    }
  /** If an integer is not 0. */
  | { readonly kind: 'if'; readonly condition: Value; readonly body: readonly Statement[] }
  /** Stores the first `count` lanes contiguously (an integer; none below 1, all from the number of lanes on); all lanes without it. */
  | { readonly kind: 'store'; readonly place: Place; readonly value: Value; readonly count?: Value }
  /** Lane i to place i; `count` as above, but ≥ 1: targets store the first lane unconditionally. */
  | {
      readonly kind: 'scatter';
      readonly places: readonly Place[];
      readonly value: Value;
      readonly count?: Value;
    }
  /** Lane i of both vectors, as a pair, to place i. */
  | { readonly kind: 'pairs'; readonly left: Value; readonly right: Value; readonly places: readonly Place[] }
  /** Rows of a lanes × lanes block become columns; column i goes to place i. */
  | { readonly kind: 'transpose'; readonly rows: readonly Value[]; readonly places: readonly Place[] }
  /**
   * The microkernel: c (rows × vectors, dense) = [c +] Σ over depth of a and a packed panel b. Row r of a at depth d is element r · step
   * + d · stride. `depth` is an integer ≥ 1, `accumulate` an integer, 0 or not.
   */
  | {
      readonly kind: 'tile';
      readonly rows: number;
      /** Stride of a's depth, in elements: in a panel, the rows that it has room for. */
      readonly stride: number;
      /** Stride of a's rows, in elements: in a panel, 1. */
      readonly step: number;
      readonly vectors: number;
      readonly a: Value;
      readonly b: Value;
      readonly depth: Value;
      readonly c: Value;
      readonly accumulate: Value;
    };

/**
 * A function with one pointer per buffer, `$0`, `$1`, …, the half-open range of wanted work items `first` to `last`, and `scratch`,
 * memory of the calling thread that is undefined at the start.
 */
export interface Routine {
  /** Number of pointers to buffers. */
  readonly parameters: number;
  readonly body: readonly Statement[];
  /** Bytes of scratch memory. */
  readonly scratch: number;
}

/**
 * A lane-wise function of one vector, for machines without an instruction for it. Its statements are comments, `let`s and assignments; it
 * accesses no memory.
 */
export interface LoopFunction {
  /** The formula, on one line of comment. */
  readonly comment: string;
  readonly parameter: string;
  readonly body: readonly Statement[];
  readonly result: Value;
}

/** A call of a routine for all its work items, shared among all threads. */
export interface Step {
  /** Index into the module's routines. */
  readonly routine: number;
  /** The buffers passed for the routine's pointers. */
  readonly buffers: readonly BufferId[];
  /** Number of work items: any thread may run any range of them. A single one runs on the first thread. */
  readonly items: number;
  /** All threads synchronize before this step. */
  readonly barrier: boolean;
  /** The kernels that the step computes, for comments and reports. */
  readonly kernels: readonly Kernel[];
  /** Estimated instructions. */
  readonly cost: number;
}

export interface Location {
  /** In bytes, from the start of memory. */
  readonly offset: number;
  readonly elements: number;
}

export interface LoopProgram {
  /** The kernel program before scheduling. Steps may use further buffers: the partial sums of sliced contractions. */
  readonly program: KernelProgram;
  readonly steps: readonly Step[];
  /** The location of each buffer that a step uses. */
  readonly places: ReadonlyMap<BufferId, Location>;
  readonly inputs: ReadonlyMap<string, Location>;
  readonly outputs: ReadonlyMap<string, Location>;
}

/** What the loop form needs to know of a machine. */
export interface LoopMachine {
  readonly name: string;
  /** float32 lanes of a vector. */
  readonly lanes: number;
  /** Rows × vectors of the microkernels' tiles; a tile may also have fewer rows. */
  readonly tiles: readonly { readonly rows: number; readonly vectors: number }[];
}

/** The programs of a model over one memory: stored tensors and inputs, the programs' temporaries, then each thread's scratch. */
export interface LoopModule {
  readonly machine: LoopMachine;
  readonly routines: readonly Routine[];
  readonly programs: readonly LoopProgram[];
  /** The persistent tensors, by path. */
  readonly stored: ReadonlyMap<string, Location>;
  /** End of the layout; each thread's scratch follows. */
  readonly bytes: number;
  /** Bytes of one thread's scratch. */
  readonly scratch: number;
  /** Over-read padding: loads may over-read a buffer by so many bytes at either end; so much follows the last scratch. */
  readonly reach: number;
}

export const variable = (name: string, type: ValueType): Value => ({ kind: 'variable', name, type });
export const integer = (value: number): Value => ({ kind: 'integer', value });
export const number = (value: number): Value => ({ kind: 'number', value });
export const first = variable('first', 'integer');
export const last = variable('last', 'integer');
export const scratch = variable('scratch', 'pointer');

export function arithmetic(operator: IntegerOperator, left: Value, right: Value): Value {
  if (left.kind === 'integer' && right.kind === 'integer') {
    const value = compute(operator, left.value, right.value);
    if (Number.isSafeInteger(value)) return integer(value);
  }
  const isLeft = (value: number) => left.kind === 'integer' && left.value === value;
  const isRight = (value: number) => right.kind === 'integer' && right.value === value;
  if (operator === 'add' && isLeft(0)) return right;
  if ((operator === 'add' || operator === 'subtract') && isRight(0)) return left;
  if (operator === 'multiply' && isLeft(1)) return right;
  if ((operator === 'multiply' || operator === 'quotient') && isRight(1)) return left;
  if (operator === 'multiply' && (isLeft(0) || isRight(0))) return integer(0);
  if (operator === 'remainder' && isRight(1)) return integer(0);
  if (operator === 'both' && isLeft(1)) return right;
  if (operator === 'both' && isRight(1)) return left;
  return { kind: 'arithmetic', operator, left, right };
}

function compute(operator: IntegerOperator, a: number, b: number): number {
  switch (operator) {
    case 'add':
      return a + b;
    case 'subtract':
      return a - b;
    case 'multiply':
      return a * b;
    case 'quotient':
      return Math.trunc(a / b);
    case 'remainder':
      return a % b;
    case 'minimum':
      return Math.min(a, b);
    case 'less':
      return Number(a < b);
    case 'equal':
      return Number(a === b);
    case 'unequal':
      return Number(a !== b);
    case 'unsigned_less':
      return Number(a >>> 0 < b >>> 0);
    case 'both':
      return Number(a !== 0 && b !== 0);
  }
}

export function typeOf(value: Value): ValueType {
  switch (value.kind) {
    case 'variable':
      return value.type;
    case 'integer':
    case 'arithmetic':
    case 'to_integer':
      return 'integer';
    case 'advance':
      return 'pointer';
    case 'compare':
    case 'inside':
    case 'zero':
    case 'lanes':
    case 'splat_mask':
    case 'both':
      return 'mask';
    case 'splat':
    case 'sequence':
    case 'pack':
    case 'lanewise':
    case 'bits':
      return 'integers';
    default:
      return 'vector';
  }
}
