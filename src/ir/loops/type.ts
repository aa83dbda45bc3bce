// The loop form: what a scheduled program is made of. A routine is loops over integers, vectors of floats and pointers; it says which
// loads and stores happen in which order, and nothing of the language it is printed in. A program calls routines, step by step,
// on buffers whose addresses are fixed.
//
// Every float is a vector: a single number is a vector of equal lanes, so that there is one path and one mathematics. The number of
// lanes is the machine's, the same in all routines of a module.
// Names contain `$n` where parameter n's name belongs, so that routines alike but for their buffers are the same text.
//
// Undefined values: memory that nobody has written, a panel's padding, what lies past a buffer's end (which a whole vector or a guarded
// read may over-read by `reach`), and everything computed from such a value. They may be computed with and kept in scratch memory;
// they never reach an element of a buffer, an address that is stored to, a bound of a loop or a condition. `interpret.ts` checks it.
import type { Comparison, ScalarFunction } from '../scalar.ts';
import { elementBytes, type BufferId, type Kernel, type KernelProgram } from '../stages/type.ts';

/** Bytes of the elements that pointers count. Loops know one type of them so far. */
export const elementSize = elementBytes.f32;

/**
 * integer: a whole number of 32 bits, signed; pointer: an address, on an element; vector: a float in each lane; mask: all bits of a lane
 * set or none; integers: whole numbers of 32 bits, one in each lane.
 */
export type ValueType = 'integer' | 'pointer' | 'vector' | 'mask' | 'integers';

/**
 * quotient: rounded toward zero; remainder: with the sign of the left; `less`, `equal`, `unequal`, `unsigned_less` (both as unsigned
 * numbers) and `both` (both not 0) give 1 or 0.
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

/** Of whole numbers lane by lane, in 32 bits; shift_right fills with the sign. */
export type LaneOperator = 'add' | 'subtract' | 'and' | 'or' | 'shift_left' | 'shift_right';

/** multiply_add: a · b + c, rounded once where the machine does it in one instruction, else twice. */
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
  /** One lane of a vector, rounded toward zero; 0 where that is no integer. Undefined with the lane. */
  | { readonly kind: 'whole'; readonly vector: Value; readonly lane: number }
  // pointer
  /** A pointer, so many elements (an integer, of any sign) on. It points into the same buffer, or scratch memory, as before. */
  | { readonly kind: 'advance'; readonly pointer: Value; readonly elements: Value }
  // vector
  /** The number in all lanes. */
  | { readonly kind: 'number'; readonly value: number }
  /**
   * Lane i is element i from the place on; with `spread` every lane is the element at the place. With `count` (an integer) only that
   * many first lanes are wanted, none where it is below 1: the others are undefined, and whether they are read is the target's choice.
   */
  | { readonly kind: 'load'; readonly place: Place; readonly spread: boolean; readonly count?: Value }
  /** Lane i from place i. */
  | { readonly kind: 'gather'; readonly places: readonly Place[] }
  /** Lane i is lane `lanes[i]` of left and right, one after the other. */
  | {
      readonly kind: 'shuffle';
      readonly left: Value;
      readonly right: Value;
      readonly lanes: readonly number[];
    }
  /** Lane by lane; a lane is undefined where an operand's is. */
  | { readonly kind: 'apply'; readonly function: VectorFunction; readonly operands: readonly Value[] }
  /** Lanes of `yes` where the mask is set, else of `no`; undefined where the mask or the chosen lane is. */
  | { readonly kind: 'select'; readonly mask: Value; readonly yes: Value; readonly no: Value }
  /** 1 where the mask is set, else 0. */
  | { readonly kind: 'ones'; readonly mask: Value }
  /** Integers as floats. */
  | { readonly kind: 'convert'; readonly integers: Value }
  /** The floats whose 32 bits these are. */
  | { readonly kind: 'from_bits'; readonly integers: Value }
  /** The first's size with the second's sign. */
  | { readonly kind: 'with_sign'; readonly size: Value; readonly sign: Value }
  /** All lanes reduced to one number, which fills all lanes; undefined where any lane is. */
  | { readonly kind: 'across'; readonly reducer: 'sum' | 'max'; readonly vector: Value }
  /** Uniform in [0, 1), of the key's words (an integer a round, the site's word added) and each lane's index: see runtime/random.ts. */
  | { readonly kind: 'random'; readonly words: readonly Value[]; readonly index: Value }
  // mask
  /** Of two vectors; false where either is NaN, but for `unequal`, which is then true. */
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
  /** All lanes or none, by an integer that is 1 or 0. */
  | { readonly kind: 'all'; readonly condition: Value }
  | { readonly kind: 'both'; readonly left: Value; readonly right: Value }
  // integers
  /** The integer in all lanes. */
  | { readonly kind: 'spread'; readonly integer: Value }
  | { readonly kind: 'sequence'; readonly values: readonly number[] }
  /** Lane i is value i, an integer. */
  | { readonly kind: 'pack'; readonly values: readonly Value[] }
  | {
      readonly kind: 'lanewise';
      readonly operator: LaneOperator;
      readonly left: Value;
      readonly right: Value;
    }
  /** The 32 bits of each lane's float32. */
  | { readonly kind: 'bits'; readonly vector: Value };

/**
 * What runs the turns of a loop. serial: one after the other, in order; vector: a turn does a vector's lanes at once, and steps by a multiple
 * of their number; thread: the loop over a step's work items, which threads share out in any way; group: as work groups of a GPU
 * (no scheduler produces these yet, and the verifier refuses them).
 */
export type AxisKind = 'serial' | 'vector' | 'thread' | 'group';

export type Statement =
  /** One line for people. */
  | { readonly kind: 'comment'; readonly text: string }
  /** Declares a variable of the block. */
  | {
      readonly kind: 'let';
      readonly name: string;
      readonly type: ValueType;
      readonly value: Value;
      readonly mutable: boolean;
    }
  /** A mutable variable takes another value; a pointer stays within its buffer. */
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
  /** Where an integer is not 0. */
  | { readonly kind: 'if'; readonly condition: Value; readonly body: readonly Statement[] }
  /** The first `count` lanes, an integer (none below 1, all from the number of lanes on), side by side; all lanes where it is absent. */
  | { readonly kind: 'store'; readonly place: Place; readonly value: Value; readonly count?: Value }
  /** Lane i to place i; `count` as above, but ≥ 1: targets store the first lane without asking. */
  | {
      readonly kind: 'scatter';
      readonly places: readonly Place[];
      readonly value: Value;
      readonly count?: Value;
    }
  /** Lane i of two vectors, side by side, to place i. */
  | { readonly kind: 'pairs'; readonly left: Value; readonly right: Value; readonly places: readonly Place[] }
  /** Rows of a lanes × lanes block become columns; column i goes to place i. */
  | { readonly kind: 'transpose'; readonly rows: readonly Value[]; readonly places: readonly Place[] }
  /**
   * The microkernel: c (rows × vectors, dense) = [c +] Σ over depth of a and a packed panel b. Row r of a at depth d is element
   * r · step + d · stride. `depth` is an integer ≥ 1, `accumulate` an integer, 0 or not.
   */
  | {
      readonly kind: 'tile';
      readonly rows: number;
      /** Elements of a from one depth to the next: in a panel, the rows that it has room for. */
      readonly stride: number;
      /** Elements of a from one row to the next: in a panel, 1. */
      readonly step: number;
      readonly vectors: number;
      readonly a: Value;
      readonly b: Value;
      readonly depth: Value;
      readonly c: Value;
      readonly accumulate: Value;
    };

/**
 * A function of one pointer per buffer, `$0`, `$1`, …, of the work items `first` to `last` (the end, not included) that are wanted, and of
 * `scratch`, memory of the calling thread that is undefined at the start.
 */
export interface Routine {
  /** The pointers to buffers. */
  readonly parameters: number;
  readonly body: readonly Statement[];
  /** Bytes of scratch memory. */
  readonly scratch: number;
}

/**
 * A function of one vector, lane by lane, for machines without an instruction for it. Its statements are comments, `let`s and
 * assignments; it touches no memory.
 */
export interface LoopFunction {
  /** The formula, in one line for people. */
  readonly comment: string;
  readonly parameter: string;
  readonly body: readonly Statement[];
  readonly result: Value;
}

/** A call of a routine for all its work items, by all threads. */
export interface Step {
  /** Index into the module's routines. */
  readonly routine: number;
  /** What the routine's pointers point to. */
  readonly buffers: readonly BufferId[];
  /** Work items: any range of them may be run by any thread. One alone is run by the first thread. */
  readonly items: number;
  /** All threads meet before this step. */
  readonly barrier: boolean;
  /** What the step computes, for people. */
  readonly kernels: readonly Kernel[];
  /** Roughly, instructions. */
  readonly cost: number;
}

export interface Location {
  /** In bytes, from the start of memory. */
  readonly offset: number;
  readonly elements: number;
}

export interface LoopProgram {
  /** The kernels that it was made of. Steps may name buffers beside its own: partial sums of a reduction that is cut into slices. */
  readonly program: KernelProgram;
  readonly steps: readonly Step[];
  /** Where each buffer that a step names lies. */
  readonly places: ReadonlyMap<BufferId, Location>;
  readonly inputs: ReadonlyMap<string, Location>;
  readonly outputs: ReadonlyMap<string, Location>;
}

/** What the loop form needs to know of a machine. */
export interface LoopMachine {
  readonly name: string;
  /** float32 lanes of a vector. */
  readonly lanes: number;
  /** Rows × vectors of the microkernels: each may have fewer rows. */
  readonly tiles: readonly { readonly rows: number; readonly vectors: number }[];
}

/** The programs of a model, over one memory: stored tensors and inputs, the programs' temporaries, then each thread's scratch. */
export interface LoopModule {
  readonly machine: LoopMachine;
  readonly routines: readonly Routine[];
  readonly programs: readonly LoopProgram[];
  /** By path: what lives from run to run. */
  readonly stored: ReadonlyMap<string, Location>;
  /** Everything up to here is laid out; each thread's scratch follows. */
  readonly bytes: number;
  /** Bytes that one thread's scratch takes. */
  readonly scratch: number;
  /** Vector loads and guarded reads may over-read a buffer by so many bytes, at either end; so much follows the last scratch. */
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
    case 'whole':
      return 'integer';
    case 'advance':
      return 'pointer';
    case 'compare':
    case 'inside':
    case 'zero':
    case 'lanes':
    case 'all':
    case 'both':
      return 'mask';
    case 'spread':
    case 'sequence':
    case 'pack':
    case 'lanewise':
    case 'bits':
      return 'integers';
    default:
      return 'vector';
  }
}
