// The scalar functions of kernels, one row each: all that the IRs and printers know of a function, except its gradient, which is defined
// with its primitive in src/ops/. Tables over these names are checked for completeness by the type checker.
import { unaryFunctions, type UnaryFunction } from '../runtime/unary-functions.ts';

export interface ScalarRow {
  readonly arity: 1 | 2 | 3;
  /** Its value in float64: for interpreters and constant folding. */
  readonly evaluate: (a: number, b: number, c: number) => number;
  /** Cost of one application, roughly in vector instructions: for fusion and scheduling. */
  readonly cost: number;
  /** A name for its values in generated code. */
  readonly noun: string;
  /** Its name in formulas, where it differs. */
  readonly written?: string;
  /** Its LaTeX command. */
  readonly latex?: string;
  /** Usual letters for its values in formulas. */
  readonly letters?: readonly string[];
  /** Gives 1 or 0. */
  readonly compares?: true;
  /** Has no zero. */
  readonly nonzero?: true;
  /** Piecewise constant, so that its derivative is 0 wherever it exists. */
  readonly steps?: true;
  /** The ONNX operator for the same function; without one, it is decomposed. */
  readonly onnx?: string;
}

/** Instructions of the arithmetic units; division and square root take several cycles; the others are polynomials. */
const [instruction, slowInstruction, polynomial] = [1, 2, 12];

type UnaryRow = Omit<ScalarRow, 'arity' | 'evaluate'>;

const unaryRows = {
  negate: { cost: instruction, noun: 'negative', onnx: 'Neg' },
  exp: {
    cost: polynomial,
    noun: 'exponential',
    latex: '\\exp',
    letters: ['e'],
    nonzero: true,
    onnx: 'Exp',
  },
  log: { cost: polynomial, noun: 'logarithm', latex: '\\log', onnx: 'Log' },
  sqrt: { cost: slowInstruction, noun: 'root', written: '√', letters: ['r'], onnx: 'Sqrt' },
  tanh: { cost: polynomial, noun: 'tangent', latex: '\\tanh', letters: ['t', 'a'], onnx: 'Tanh' },
  sigmoid: {
    cost: polynomial,
    noun: 'sigmoid',
    written: 'σ',
    latex: '\\sigma',
    letters: ['s'],
    nonzero: true,
    onnx: 'Sigmoid',
  },
  softplus: { cost: polynomial, noun: 'softplus', nonzero: true, onnx: 'Softplus' },
  erf: { cost: polynomial, noun: 'error', onnx: 'Erf' },
  sin: { cost: polynomial, noun: 'sine', latex: '\\sin', onnx: 'Sin' },
  cos: { cost: polynomial, noun: 'cosine', latex: '\\cos', onnx: 'Cos' },
  abs: { cost: instruction, noun: 'magnitude', onnx: 'Abs' },
  sign: { cost: instruction, noun: 'sign', steps: true, onnx: 'Sign' },
  floor: { cost: instruction, noun: 'floor', steps: true, onnx: 'Floor' },
  atan: { cost: polynomial, noun: 'arctangent', latex: '\\arctan', onnx: 'Atan' },
  sinh: { cost: polynomial, noun: 'hyperbolic', latex: '\\sinh', onnx: 'Sinh' },
  cosh: { cost: polynomial, noun: 'hyperbolic', latex: '\\cosh', nonzero: true, onnx: 'Cosh' },
  log1p: { cost: polynomial, noun: 'logarithm' },
  expm1: { cost: polynomial, noun: 'exponential' },
  round: { cost: instruction, noun: 'whole', steps: true, onnx: 'Round' },
} as const satisfies Readonly<Record<UnaryFunction, UnaryRow>>;

/** Comparisons with NaN give 0; minimum and maximum pass NaN on; select(c, a, b) is a where c ≠ 0, else b. */
const otherRows = {
  add: { arity: 2, evaluate: (a, b) => a + b, cost: instruction, noun: 'total', onnx: 'Add' },
  subtract: { arity: 2, evaluate: (a, b) => a - b, cost: instruction, noun: 'difference', onnx: 'Sub' },
  multiply: { arity: 2, evaluate: (a, b) => a * b, cost: instruction, noun: 'product', onnx: 'Mul' },
  divide: { arity: 2, evaluate: (a, b) => a / b, cost: slowInstruction, noun: 'ratio', onnx: 'Div' },
  minimum: {
    arity: 2,
    evaluate: (a, b) => Math.min(a, b),
    cost: instruction,
    noun: 'lesser',
    written: 'min',
    latex: '\\min',
    onnx: 'Min',
  },
  maximum: {
    arity: 2,
    evaluate: (a, b) => Math.max(a, b),
    cost: instruction,
    noun: 'greater',
    written: 'max',
    latex: '\\max',
    onnx: 'Max',
  },
  power: { arity: 2, evaluate: (a, b) => a ** b, cost: polynomial, noun: 'power', onnx: 'Pow' },
  less: {
    arity: 2,
    evaluate: (a, b) => (a < b ? 1 : 0),
    cost: instruction,
    noun: 'comparison',
    compares: true,
  },
  less_equal: {
    arity: 2,
    evaluate: (a, b) => (a <= b ? 1 : 0),
    cost: instruction,
    noun: 'comparison',
    compares: true,
  },
  equal: {
    arity: 2,
    evaluate: (a, b) => (a === b ? 1 : 0),
    cost: instruction,
    noun: 'comparison',
    compares: true,
  },
  select: { arity: 3, evaluate: (c, a, b) => (c !== 0 ? a : b), cost: instruction, noun: 'choice' },
} as const satisfies Readonly<Record<string, ScalarRow>>;

const rows = { ...unaryRows, ...otherRows };

export type ScalarFunction = keyof typeof rows;
/** The functions whose result is 1 or 0. */
export type Comparison = NamesWith<'compares'>;
/** The functions with an ONNX operator of their own. */
export type OnnxFunction = NamesWith<'onnx'>;
type NamesWith<K extends keyof ScalarRow> = {
  [F in ScalarFunction]: (typeof rows)[F] extends Readonly<Record<K, unknown>> ? F : never;
}[ScalarFunction];

export const unaryNames = Object.keys(unaryRows) as readonly UnaryFunction[];
export const scalarNames = Object.keys(rows) as readonly ScalarFunction[];

/** A table with one value per function. */
export function overNames<F extends ScalarFunction, T>(
  names: readonly F[],
  valueOf: (name: F) => T,
): { readonly [each in F]: T } {
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as { [each in F]: T };
}

export const scalarFunctions: { readonly [F in ScalarFunction]: ScalarRow } = {
  ...overNames(unaryNames, (name) => ({ ...unaryRows[name], arity: 1, evaluate: unaryFunctions[name] })),
  ...otherRows,
};

/** The bare functions, for calls per element. */
export const scalar = overNames(scalarNames, (name) => scalarFunctions[name].evaluate);

/** The row of a primitive that is a scalar function; undefined otherwise. */
export function scalarRow(operation: string): ScalarRow | undefined {
  return Object.hasOwn(scalarFunctions, operation) ? scalarFunctions[operation as ScalarFunction] : undefined;
}
