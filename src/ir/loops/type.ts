// What a scheduled kernel is made of: loops over integers, vectors of float32, pointers. It says which loads and stores
// happen in which order and nothing of the language they are printed in; a target prints each form in its own way.
// Every float is a vector: a single number is a vector of equal lanes, so that there is one path and one mathematics.
// Names contain `$n` where parameter n's name belongs, so that routines alike but for their buffers are the same text.
import type { ScalarFunction } from '../stages/type.ts';

/** integers: whole numbers, one a lane; mask: all bits of a lane set or none. */
export type ValueType = 'integer' | 'pointer' | 'vector' | 'mask' | 'integers';

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

/** multiply_add: a · b + c, rounded once where the machine does it in one instruction, else twice. */
export type VectorFunction =
  Exclude<ScalarFunction, 'less' | 'less_equal' | 'equal' | 'select'> | 'multiply_add';

/** An address in bytes: pointer + offset, offset ≥ 0. */
export interface Place {
  readonly pointer: Value;
  readonly offset: number;
}

export type Value =
  | { readonly kind: 'variable'; readonly name: string; readonly type: ValueType }
  // integer
  | { readonly kind: 'integer'; readonly value: number }
  | {
      readonly kind: 'arithmetic';
      readonly operator: IntegerOperator;
      readonly left: Value;
      readonly right: Value;
    }
  /** A vector's first lane, a whole number. */
  | { readonly kind: 'whole'; readonly vector: Value; readonly lane: number }
  // pointer
  | { readonly kind: 'advance'; readonly pointer: Value; readonly elements: Value }
  // vector
  | { readonly kind: 'number'; readonly value: number }
  /** With `count` only the first lanes are wanted; whether the others are read is the target's choice. */
  | { readonly kind: 'load'; readonly place: Place; readonly spread: boolean; readonly count?: Value }
  | { readonly kind: 'gather'; readonly places: readonly Place[] }
  | {
      readonly kind: 'shuffle';
      readonly left: Value;
      readonly right: Value;
      readonly lanes: readonly number[];
    }
  | { readonly kind: 'apply'; readonly function: VectorFunction; readonly operands: readonly Value[] }
  | { readonly kind: 'select'; readonly mask: Value; readonly yes: Value; readonly no: Value }
  | { readonly kind: 'ones'; readonly mask: Value }
  | { readonly kind: 'convert'; readonly integers: Value }
  | { readonly kind: 'across'; readonly reducer: 'sum' | 'max'; readonly vector: Value }
  | { readonly kind: 'random'; readonly words: readonly Value[]; readonly index: Value }
  // mask
  | {
      readonly kind: 'compare';
      readonly function: 'less' | 'less_equal' | 'equal' | 'unequal';
      readonly left: Value;
      readonly right: Value;
    }
  | { readonly kind: 'inside'; readonly integers: Value; readonly limit: number }
  | { readonly kind: 'zero'; readonly integers: Value }
  | { readonly kind: 'lanes'; readonly set: readonly boolean[] }
  /** All lanes or none, by an integer that is 1 or 0. */
  | { readonly kind: 'all'; readonly condition: Value }
  | { readonly kind: 'both'; readonly left: Value; readonly right: Value }
  // integers
  | { readonly kind: 'spread'; readonly integer: Value }
  | { readonly kind: 'sequence'; readonly values: readonly number[] }
  | { readonly kind: 'pack'; readonly values: readonly Value[] }
  | { readonly kind: 'plus'; readonly left: Value; readonly right: Value };

export type Statement =
  | { readonly kind: 'comment'; readonly text: string }
  | {
      readonly kind: 'let';
      readonly name: string;
      readonly type: ValueType;
      readonly value: Value;
      readonly mutable: boolean;
    }
  | { readonly kind: 'assign'; readonly name: string; readonly value: Value }
  | {
      readonly kind: 'for';
      readonly name: string;
      readonly from: Value;
      readonly to: Value;
      readonly step: number;
      readonly body: readonly Statement[];
    }
  | { readonly kind: 'if'; readonly condition: Value; readonly body: readonly Statement[] }
  /** The first `count` lanes; all of them where it is absent. */
  | { readonly kind: 'store'; readonly place: Place; readonly value: Value; readonly count?: Value }
  /** Lane i to place i. */
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
   * r · step + d · stride.
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

export interface Routine {
  /** One pointer per buffer; then `first` and `last` (a range of work items) and `scratch`. */
  readonly parameters: number;
  readonly body: readonly Statement[];
  /** Bytes of scratch that a thread needs. */
  readonly scratch: number;
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
    case 'plus':
      return 'integers';
    default:
      return 'vector';
  }
}
