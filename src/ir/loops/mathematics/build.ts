// Short constructors for vector functions. A number denotes a vector of it, or integers of it.
import {
  integer,
  number,
  typeOf,
  variable,
  type LaneOperator,
  type LoopFunction,
  type Statement,
  type Value,
  type VectorFunction,
} from '../type.ts';

type Operand = Value | number;

const vector = (operand: Operand): Value => (typeof operand === 'number' ? number(operand) : operand);
const integers = (operand: Operand): Value =>
  typeof operand === 'number' ? { kind: 'splat', integer: integer(operand) } : operand;

export const apply = (called: VectorFunction, ...operands: readonly Operand[]): Value => ({
  kind: 'apply',
  function: called,
  operands: operands.map(vector),
});
export const add = (a: Operand, b: Operand) => apply('add', a, b);
export const subtract = (a: Operand, b: Operand) => apply('subtract', a, b);
export const multiply = (a: Operand, b: Operand) => apply('multiply', a, b);
export const divide = (a: Operand, b: Operand) => apply('divide', a, b);
/** a · b + c */
export const multiplyAdd = (a: Operand, b: Operand, c: Operand) => apply('multiply_add', a, b, c);
export const abs = (a: Operand) => apply('abs', a);
export const exp = (a: Operand) => apply('exp', a);

export const less = (left: Operand, right: Operand): Value => ({
  kind: 'compare',
  function: 'less',
  left: vector(left),
  right: vector(right),
});
export const lessEqual = (left: Operand, right: Operand): Value => ({
  kind: 'compare',
  function: 'less_equal',
  left: vector(left),
  right: vector(right),
});
export const equal = (left: Operand, right: Operand): Value => ({
  kind: 'compare',
  function: 'equal',
  left: vector(left),
  right: vector(right),
});
export const select = (mask: Value, yes: Operand, no: Operand): Value => ({
  kind: 'select',
  mask,
  yes: vector(yes),
  no: vector(no),
});
/** The lesser of x and a number; x where it is NaN. */
export const atMost = (most: number, x: Value) => select(less(most, x), most, x);
/** The larger of x and a number; x where it is NaN. */
export const atLeast = (least: number, x: Value) => select(less(x, least), least, x);

export const withSign = (size: Value, sign: Value): Value => ({ kind: 'with_sign', size, sign });
export const ones = (mask: Value): Value => ({ kind: 'mask_to_float', mask });
export const convert = (of: Value): Value => ({ kind: 'convert', integers: of });
export const bits = (of: Value): Value => ({ kind: 'bits', vector: of });
export const fromBits = (of: Value): Value => ({ kind: 'from_bits', integers: of });
export const lanewise = (operator: LaneOperator, left: Operand, right: Operand): Value => ({
  kind: 'lanewise',
  operator,
  left: integers(left),
  right: integers(right),
});

/** Collects the statements of a function, in order. */
export class FunctionBody {
  readonly statements: Statement[] = [];

  comment(text: string): void {
    this.statements.push({ kind: 'comment', text });
  }

  let(name: string, value: Value): Value {
    return this.declare(name, value, false);
  }

  /** c₀ xⁿ + c₁ xⁿ⁻¹ + … + cₙ by Horner's rule. */
  polynomial(name: string, x: Value, [leading = 0, second = 0, ...others]: readonly number[]): Value {
    const sum = this.declare(name, multiplyAdd(leading, x, second), true);
    for (const coefficient of others) this.set(sum, multiplyAdd(sum, x, coefficient));
    return sum;
  }

  /** Assigns to a variable that was declared by `polynomial`. */
  set(to: Value, value: Value): void {
    if (to.kind !== 'variable') throw new Error('a value is given to no variable');
    this.statements.push({ kind: 'assign', name: to.name, value });
  }

  private declare(name: string, value: Value, mutable: boolean): Value {
    const type = typeOf(value);
    this.statements.push({ kind: 'let', name, type, value, mutable });
    return variable(name, type);
  }
}

/** A function of x: the comment is its formula. */
export function define(comment: string, write: (x: Value, body: FunctionBody) => Value): LoopFunction {
  const body = new FunctionBody();
  const result = write(variable('x', 'vector'), body);
  return { comment, parameter: 'x', body: body.statements, result };
}
