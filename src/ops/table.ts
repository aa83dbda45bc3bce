// Every primitive, by name; each scalar function is one. To add one: write its file, add its line.
import type { ScalarFunction } from '../ir/scalar.ts';
import { abs } from './abs.ts';
import { add } from './add.ts';
import { argmax } from './argmax.ts';
import { atan } from './atan.ts';
import { broadcast } from './broadcast.ts';
import { concat } from './concat.ts';
import { contraction } from './contraction.ts';
import { cos } from './cos.ts';
import { cosh } from './cosh.ts';
import { cumulativeSum } from './cumulative-sum.ts';
import { divide } from './divide.ts';
import { equal } from './equal.ts';
import { erf } from './erf.ts';
import { exp } from './exp.ts';
import { expm1 } from './expm1.ts';
import { floor } from './floor.ts';
import { gather } from './gather.ts';
import { iota } from './iota.ts';
import { constant, input, stored } from './leaves.ts';
import { lessEqual } from './less-equal.ts';
import { less } from './less.ts';
import { logSoftmax } from './log-softmax.ts';
import { log } from './log.ts';
import { log1p } from './log1p.ts';
import { max } from './max.ts';
import { maximum } from './maximum.ts';
import { minimum } from './minimum.ts';
import { multiply } from './multiply.ts';
import { negate } from './negate.ts';
import { oneHot } from './one-hot.ts';
import type { Operation } from './operation.ts';
import { pad } from './pad.ts';
import { power } from './power.ts';
import { random } from './random.ts';
import { relu } from './relu.ts';
import { reshape } from './reshape.ts';
import { reverse } from './reverse.ts';
import { round } from './round.ts';
import { scatterAdd } from './scatter-add.ts';
import { select } from './select.ts';
import { sigmoid } from './sigmoid.ts';
import { sign } from './sign.ts';
import { sin } from './sin.ts';
import { sinh } from './sinh.ts';
import { slice } from './slice.ts';
import { softmax } from './softmax.ts';
import { softplus } from './softplus.ts';
import { sqrt } from './sqrt.ts';
import { stopGradient } from './stop-gradient.ts';
import { subtract } from './subtract.ts';
import { sum } from './sum.ts';
import { tanh } from './tanh.ts';
import { transpose } from './transpose.ts';
import { unwindows } from './unwindows.ts';
import { windows } from './windows.ts';

export const operations = {
  // leaves
  input,
  stored,
  constant,
  iota,
  random,
  // element-wise, unary
  negate,
  exp,
  log,
  sqrt,
  tanh,
  sigmoid,
  relu,
  softplus,
  erf,
  sin,
  cos,
  abs,
  sign,
  floor,
  atan,
  sinh,
  cosh,
  log1p,
  expm1,
  round,
  stop_gradient: stopGradient,
  // element-wise, n-ary
  add,
  subtract,
  multiply,
  divide,
  power,
  maximum,
  minimum,
  less,
  less_equal: lessEqual,
  equal,
  select,
  // views
  broadcast,
  reshape,
  transpose,
  slice,
  pad,
  concat,
  reverse,
  windows,
  // reductions and rows
  sum,
  max,
  argmax,
  unwindows,
  cumulative_sum: cumulativeSum,
  softmax,
  log_softmax: logSoftmax,
  contraction,
  // integer ids
  one_hot: oneHot,
  gather,
  scatter_add: scatterAdd,
} satisfies Readonly<Record<ScalarFunction, unknown>> & Readonly<Record<string, unknown>>;

export type OperationName = keyof typeof operations;
export type AttributesOf<K extends OperationName> =
  (typeof operations)[K] extends Operation<infer A> ? A : never;

const byName = new Map<string, unknown>(Object.entries(operations));

/** The primitive of a node; throws on a name that is not in the table (a compiler bug). */
export function operationOf(name: string): Operation {
  const found = byName.get(name);
  if (!found) throw new Error(`no primitive is called ${name}`);
  return found as Operation;
}
