// The linear form of a kernel: its expression with every read at one position of a flat, row-major array. Schedules and kernel printers
// use it: axes can be merged, split and bound without knowing any buffer's shape.
import type { Axis, BufferId, Kernel, Reducer, ScalarFunction } from '../stages/type.ts';

/** constant + Σ factor · atom: an integer */
export interface Position {
  readonly constant: number;
  readonly terms: readonly Term[];
}

export interface Term {
  readonly atom: Atom;
  readonly factor: number;
}

export type Atom =
  | { readonly kind: 'axis'; readonly axis: string }
  /** floor(of / divisor), of axes alone. With divisor 1 it is the position itself, kept as a subexpression to be named. */
  | { readonly kind: 'quotient'; readonly of: Position; readonly divisor: number }
  /** A data-dependent index: a value known when the kernel runs, clamped to 0 … size − 1. */
  | { readonly kind: 'lookup'; readonly value: Formula; readonly size: number };

/** An element of a buffer that owns its storage. */
export interface Address {
  readonly buffer: BufferId;
  readonly position: Position;
}

export type Condition =
  /** 0 ≤ position < limit. `known`: the bound that always holds and need not be tested. */
  | {
      readonly kind: 'inside';
      readonly position: Position;
      readonly limit: number;
      readonly known?: 'lower' | 'upper';
    }
  | { readonly kind: 'divisible'; readonly position: Position; readonly modulus: number };

export type Formula =
  | { readonly kind: 'number'; readonly value: number }
  | (Address & { readonly kind: 'read' })
  /** A position as a number. */
  | { readonly kind: 'position'; readonly position: Position }
  | { readonly kind: 'apply'; readonly function: ScalarFunction; readonly operands: readonly Formula[] }
  | {
      readonly kind: 'guard';
      readonly conditions: readonly Condition[];
      readonly value: Formula;
      readonly otherwise: number;
    }
  | {
      readonly kind: 'reduce';
      readonly reducer: Reducer;
      readonly axes: readonly Axis[];
      readonly value: Formula;
      /** Decided by the schedule; absent until then. */
      readonly loops?: ReductionLoops;
    }
  | {
      readonly kind: 'random';
      readonly key: BufferId;
      readonly site: number;
      readonly position: Position;
    }
  /** A placeholder for a value that the schedule computes: a contraction's sum. */
  | { readonly kind: 'given'; readonly name: string };

/**
 * How a reduction runs. `unrolled`: straight-line code. `serial`: a scalar loop over the axes, each lane a different output (or all lanes
 * the same). `vector`: vectorized along one of the reduction's axes, with the lanes combined at the end. Several accumulators hide the
 * latency of an addition.
 */
export type ReductionLoops =
  | { readonly kind: 'unrolled' }
  | { readonly kind: 'serial'; readonly accumulators: number }
  | { readonly kind: 'vector'; readonly axis: Axis; readonly accumulators: number };

/** One kernel in linear form: output[position] = formula, over the axes. */
export interface Computation {
  readonly kernel: Kernel;
  readonly axes: readonly Axis[];
  readonly output: Address;
  readonly formula: Formula;
}
