// Prints scalars, positions and conditions as JavaScript that every mode of gpu.js accepts. Found by experiment (2.24.1):
// - Infinity is float32's largest number on webgpu and webgl; comparisons with NaN are undefined there.
// - Division on webgpu is inexact, even for integers: Math.floor(i / 3) is wrong for a twelfth of all i below 2^24. By a power of two it
//   is exact. So quotients go through a helper, and `%` is used with powers of two only.
// - gpu.js types Math.floor as an integer, which webgl does not accept in Math.min beside a float.
// - Math.pow of a negative base is wrong and Math.tanh of a large number NaN on webgpu (SwiftShader).
// - Helper functions take numbers, not arrays.
import type { ScalarFunction } from '../../ir/scalar.ts';
import type { BufferId } from '../../ir/stages/type.ts';
import { siteWord, rounds } from '../../runtime/random.ts';
import { printNumber } from '../names.ts';
import type { Affine, Condition, Scalar } from '../structure/statements.ts';
import type { HelperName } from './helpers.ts';

/** Precedence of JavaScript's operators; an operand of lower precedence gets parentheses. */
const strength = { choice: 1, comparison: 4, sum: 6, product: 7, sign: 8, atom: 9 } as const;

interface Printed {
  readonly text: string;
  readonly strength: number;
}

export class ExpressionPrinter {
  /** What the printed text calls and reads. */
  readonly helpers = new Set<HelperName>();
  readonly buffers = new Set<BufferId>();

  /** @param called overrides the callee of a scalar function */
  constructor(
    readonly bufferName: (buffer: BufferId) => string,
    private readonly called: (name: ScalarFunction) => string | undefined = () => undefined,
  ) {}

  scalar(scalar: Scalar): string {
    return this.print(scalar).text;
  }

  affine(affine: Affine): string {
    return printAffine(affine).text;
  }

  /** floor(of / divisor) */
  quotient(of: string, strengthOf: number, divisor: number): string {
    if (divisor === 1) return of;
    if (isPowerOfTwo(divisor)) return `Math.floor(${wrapped(of, strengthOf, strength.product)} / ${divisor})`;
    return this.call('quotient', of, String(divisor));
  }

  /** of mod divisor; requires of ≥ 0, unless the result is only compared with zero. */
  remainder(of: string, strengthOf: number, divisor: number): string {
    if (isPowerOfTwo(divisor)) return `${wrapped(of, strengthOf, strength.product)} % ${divisor}`;
    return this.call('remainder', of, String(divisor));
  }

  integerQuotient(of: Affine, divisor: number): string {
    const { text, strength: own } = printAffine(of);
    return this.quotient(text, own, divisor);
  }

  /** The printed conditions, all of which must hold. */
  conditions(conditions: readonly Condition[]): readonly string[] {
    return conditions.flatMap((condition) => this.condition(condition));
  }

  private condition(condition: Condition): readonly string[] {
    switch (condition.kind) {
      case 'inside': {
        const [over, under] = split(condition.position);
        const low = condition.low ? [`${over} >= ${under}`] : [];
        const high = condition.high === undefined ? [] : [`${over} < ${sumOf(under, condition.high)}`];
        return [...low, ...high];
      }
      case 'divisible': {
        const { text, strength: own } = printAffine(condition.position);
        return [`${this.remainder(text, own, condition.modulus)} === 0`];
      }
      case 'holds':
        return [this.truth(condition.value)];
      default:
        return condition satisfies never;
    }
  }

  /** A scalar as a condition; a number goes on the right: `x > 0` for 0 < x. */
  private truth(scalar: Scalar): string {
    const form = scalar.kind === 'apply' ? forms[scalar.function] : undefined;
    if (scalar.kind !== 'apply' || form?.kind !== 'comparison')
      return `${this.operand(scalar, strength.sum)} !== 0`;
    const [left = zero, right = zero] = scalar.operands;
    const [a, b, symbol] = left.kind === 'number' ? [right, left, form.turned] : [left, right, form.plain];
    return `${this.operand(a, strength.sum)} ${symbol} ${this.operand(b, strength.sum)}`;
  }

  private operand(scalar: Scalar, least: number): string {
    const { text, strength: own } = this.print(scalar);
    return wrapped(text, own, least);
  }

  private print(scalar: Scalar): Printed {
    switch (scalar.kind) {
      case 'number': {
        const text = printNumber(scalar.value);
        return { text, strength: text.startsWith('-') ? strength.sign : strength.atom };
      }
      case 'variable':
        return atom(scalar.name);
      case 'position':
        return printAffine(scalar.position);
      case 'read':
        this.buffers.add(scalar.buffer);
        return atom(`${this.bufferName(scalar.buffer)}[${this.affine(scalar.position)}]`);
      case 'random':
        return atom(this.draw(scalar.key, scalar.site, scalar.position));
      case 'apply': {
        const called = this.called(scalar.function);
        if (called === undefined) return this.apply(scalar.function, scalar.operands);
        return atom(`${called}(${scalar.operands.map((operand) => this.scalar(operand)).join(', ')})`);
      }
      default:
        return scalar satisfies never;
    }
  }

  private draw(key: BufferId, site: number, position: Affine): string {
    this.buffers.add(key);
    const name = this.bufferName(key);
    const keys = Array.from({ length: rounds }, (_, round) => `${name}[${round}] + ${siteWord(site, round)}`);
    return this.call('draw', this.affine(position), ...keys);
  }

  private apply(name: ScalarFunction, operands: readonly Scalar[]): Printed {
    const [a = zero, b = zero, c = zero] = operands;
    const form = forms[name];
    switch (form.kind) {
      case 'infix':
        return this.infix(form.sign, form.strength, a, b);
      case 'math':
        return this.math(form.name, ...operands);
      case 'helper':
        return atom(this.call(form.name, ...operands.map((operand) => this.scalar(operand))));
      case 'comparison': {
        const truth = this.truth({ kind: 'apply', function: name, operands });
        return { text: `${truth} ? 1 : 0`, strength: strength.choice };
      }
      case 'choice': {
        const [yes, no] = [this.operand(b, strength.comparison), this.operand(c, strength.comparison)];
        return { text: `${this.truth(a)} ? ${yes} : ${no}`, strength: strength.choice };
      }
      case 'minus':
        return { text: `-${this.operand(a, strength.atom)}`, strength: strength.sign };
      case 'power':
        // A positive constant base needs no helper.
        if (a.kind === 'number' && a.value > 0) return this.math('pow', a, b);
        return atom(this.call('power', this.scalar(a), this.scalar(b)));
      default:
        return form satisfies never;
    }
  }

  private math(name: string, ...operands: readonly Scalar[]): Printed {
    return atom(`Math.${name}(${operands.map((operand) => this.scalar(operand)).join(', ')})`);
  }

  private call(name: HelperName, ...operands: readonly string[]): string {
    this.helpers.add(name);
    return `${name}(${operands.join(', ')})`;
  }

  /** Keeps the grouping: float arithmetic is not associative. */
  private infix(operator: '+' | '-' | '*' | '/', own: number, a: Scalar, b: Scalar): Printed {
    const left = this.operand(a, own);
    if (own === strength.sum && b.kind === 'number' && b.value < 0) {
      return { text: `${left} ${operator === '+' ? '-' : '+'} ${printNumber(-b.value)}`, strength: own };
    }
    return { text: `${left} ${operator} ${this.operand(b, own + 1)}`, strength: own };
  }
}

const zero: Scalar = { kind: 'number', value: 0 };

type MathName = Extract<keyof typeof Math, string>;

/** How a scalar function is printed. */
type Form =
  | { readonly kind: 'infix'; readonly sign: '+' | '-' | '*' | '/'; readonly strength: number }
  | { readonly kind: 'math'; readonly name: MathName }
  | { readonly kind: 'helper'; readonly name: HelperName }
  /** `turned`: the operator for swapped operands. */
  | { readonly kind: 'comparison'; readonly plain: string; readonly turned: string }
  | { readonly kind: 'choice' | 'minus' | 'power' };

const math = (name: MathName): Form => ({ kind: 'math', name });
const helper = (name: HelperName): Form => ({ kind: 'helper', name });

const forms: { readonly [F in ScalarFunction]: Form } = {
  add: { kind: 'infix', sign: '+', strength: strength.sum },
  subtract: { kind: 'infix', sign: '-', strength: strength.sum },
  multiply: { kind: 'infix', sign: '*', strength: strength.product },
  divide: { kind: 'infix', sign: '/', strength: strength.product },
  minimum: math('min'),
  maximum: math('max'),
  power: { kind: 'power' },
  less: { kind: 'comparison', plain: '<', turned: '>' },
  less_equal: { kind: 'comparison', plain: '<=', turned: '>=' },
  equal: { kind: 'comparison', plain: '===', turned: '===' },
  select: { kind: 'choice' },
  negate: { kind: 'minus' },
  exp: math('exp'),
  log: math('log'),
  sqrt: math('sqrt'),
  tanh: helper('hyperbolicTangent'),
  sigmoid: helper('sigmoid'),
  softplus: helper('softplus'),
  erf: helper('errorFunction'),
  sin: math('sin'),
  cos: math('cos'),
  abs: math('abs'),
  sign: math('sign'),
  floor: helper('roundDown'),
  atan: helper('arctangent'),
  sinh: helper('hyperbolicSine'),
  cosh: helper('hyperbolicCosine'),
  log1p: helper('logarithmOnePlus'),
  expm1: helper('exponentialLessOne'),
  round: helper('roundToEven'),
};

/** A position as a difference without minus signs, so that conditions compare two sums: `i >= k` for 0 <= i - k. */
function split({ constant, terms }: Affine): readonly [over: string, under: string] {
  const side = (sign: number): Affine => ({
    constant: Math.max(constant * sign, 0),
    terms: terms.flatMap(({ variable, factor }) =>
      factor * sign > 0 ? { variable, factor: factor * sign } : [],
    ),
  });
  return [printAffine(side(1)).text, printAffine(side(-1)).text];
}

function sumOf(text: string, constant: number): string {
  return /^\d+$/.test(text) ? String(Number(text) + constant) : `${text} + ${constant}`;
}

function atom(text: string): Printed {
  return { text, strength: strength.atom };
}

function wrapped(text: string, own: number, least: number): string {
  return own < least ? `(${text})` : text;
}

/** Positive terms first: `3 - k` rather than `-k + 3`. */
function printAffine({ constant, terms }: Affine): Printed {
  const parts: { readonly text: string; readonly negative: boolean; readonly strength: number }[] = terms
    .filter(({ factor }) => factor !== 0)
    .map(({ variable, factor }) => {
      const size = Math.abs(factor);
      const [text, own] =
        size === 1 ? [variable, strength.atom] : [`${variable} * ${size}`, strength.product];
      return { text, negative: factor < 0, strength: own };
    });
  if (constant !== 0) {
    parts.push({ text: String(Math.abs(constant)), negative: constant < 0, strength: strength.atom });
  }
  const [first, ...rest] = [
    ...parts.filter((part) => !part.negative),
    ...parts.filter((part) => part.negative),
  ];
  if (!first) return atom('0');
  const start = first.negative ? `-${wrapped(first.text, first.strength, strength.atom)}` : first.text;
  if (rest.length === 0) return { text: start, strength: first.negative ? strength.sign : first.strength };
  const tail = rest.map((part) => ` ${part.negative ? '-' : '+'} ${part.text}`).join('');
  return { text: start + tail, strength: strength.sum };
}

export function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}
