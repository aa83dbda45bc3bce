// The computation of one output element as straight code: locals, loops, accumulators, conditionals. It is the last form that all targets
// share; a dialect prints it in its language. Every name is an identifier, declared once in a kernel and before its use. Positions and
// locals of kind `integer` are integers, everything else is a float.
import type { BufferId, ScalarFunction } from '../../ir/stages/type.ts';

/** constant + Σ factor · variable, over loop variables, output axes and integer locals. */
export interface Affine {
  readonly constant: number;
  readonly terms: readonly { readonly variable: string; readonly factor: number }[];
}

export type Scalar =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'variable'; readonly name: string }
  /** A position as a float. */
  | { readonly kind: 'position'; readonly position: Affine }
  | { readonly kind: 'read'; readonly buffer: BufferId; readonly position: Affine }
  | { readonly kind: 'apply'; readonly function: ScalarFunction; readonly operands: readonly Scalar[] }
  | {
      readonly kind: 'random';
      readonly key: BufferId;
      readonly site: number;
      readonly position: Affine;
    };

export type IntegerValue =
  /** floor(of / divisor) */
  | { readonly kind: 'quotient'; readonly of: Affine; readonly divisor: number }
  /** A float that holds an integer, clamped to 0 … limit - 1. */
  | { readonly kind: 'clamped'; readonly value: Scalar; readonly limit: number };

export type Condition =
  /** 0 ≤ position if `low`, position < high if given. */
  | {
      readonly kind: 'inside';
      readonly position: Affine;
      readonly low: boolean;
      readonly high: number | undefined;
    }
  | { readonly kind: 'divisible'; readonly position: Affine; readonly modulus: number }
  /** The scalar is not zero. */
  | { readonly kind: 'holds'; readonly value: Scalar };

export type Statement =
  | { readonly kind: 'integer'; readonly name: string; readonly value: IntegerValue }
  | { readonly kind: 'const'; readonly name: string; readonly value: Scalar }
  | { readonly kind: 'let'; readonly name: string; readonly value: Scalar }
  | { readonly kind: 'set'; readonly name: string; readonly value: Scalar }
  /** name = name + value, or the maximum of the two. */
  | {
      readonly kind: 'accumulate';
      readonly name: string;
      readonly reducer: 'sum' | 'max';
      readonly value: Scalar;
    }
  /** For variable from 0 to size - 1. */
  | {
      readonly kind: 'for';
      readonly variable: string;
      readonly size: number;
      readonly body: readonly Statement[];
    }
  | { readonly kind: 'if'; readonly conditions: readonly Condition[]; readonly body: readonly Statement[] }
  /** The element's value; ends the element. */
  | { readonly kind: 'result'; readonly value: Scalar };

/** An axis of the flat output; the element's position is Σ axis · (product of the sizes of the inner axes). */
export interface OutputAxis {
  readonly variable: string;
  readonly size: number;
  /** Whether the statements use it. */
  readonly used: boolean;
}

export interface KernelBody {
  readonly axes: readonly OutputAxis[];
  readonly statements: readonly Statement[];
}

/** The number of operations and reads printed for a scalar. */
export function weightOf(scalar: Scalar): number {
  switch (scalar.kind) {
    case 'number':
    case 'variable':
    case 'position':
      return 0;
    case 'read':
      return 1;
    case 'random':
      return 3;
    case 'apply':
      return scalar.operands.reduce((total, operand) => total + weightOf(operand), 1);
    default:
      return scalar satisfies never;
  }
}
