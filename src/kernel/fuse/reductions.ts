// Fuses a kernel with a reduction and the one kernel that reads it, in two ways.
// - Epilogue: element-wise work on each reduced element (a bias, an activation, an optimizer's update) is fused into the reduction's
//   kernel: the reader absorbs the reduction.
// - Merged sums: a sum over windows of a sum becomes one sum over both kinds of axes. So the gradient of a convolution's input is one
//   contraction, Σ_{o,i,j} dy[n, o, (h + p − i) / s, (w + p − j) / s] · W[o, c, i, j], and the windows' gradient is never stored.
// But for merged sums, no reduction is nested in another and no kernel gets two: no value is summed up again for each reader.
import type {
  Condition,
  ContractionOperand,
  Expression,
  MapKernel,
  Reduction,
} from '../../ir/stages/type.ts';
import { sizesOf, staysInside, type Sizes } from '../../ir/stages/index-range.ts';
import { mapOperands } from '../../ir/stages/walk.ts';
import { apply, guard } from '../../ops/expressions.ts';
import { asOperand, outermostReductions } from '../recognize/contraction.ts';
import type { FusionState } from './state.ts';
import { evaluatesEachOnce } from './elementwise.ts';
import { inlineInto, isFull } from './inline.ts';
import { readSites, type ReadSite } from './read-sites.ts';
import { simplifyKernel } from './simplify-expression.ts';

/** The reader with the producer absorbed, if that was possible; the producer is then removed. */
export function absorbReduction(state: FusionState, producer: MapKernel): readonly MapKernel[] {
  const [reader, ...others] = state.readersOf(producer.output);
  if (reader?.kind !== 'map' || others.length > 0 || state.isResult(producer.output)) return [];
  if (isFull(reader)) return [];
  const [site, ...further] = readSites(state, reader, producer.output);
  if (!site || further.length > 0 || !evaluatesEachOnce(state, producer, [site])) return [];
  const merged = site.reduced
    ? mergeSums(state, producer, reader)
    : absorbEpilogue(state, producer, reader, site);
  if (!merged) return [];
  state.replace(merged);
  state.remove(producer.output);
  // Where an output axis was split, the output buffer is reshaped.
  return [merged.axes.length === reader.axes.length ? merged : state.reshapeOutput(merged)];
}

/** Not if the reader is guarded (the reduction would run where its result is unused) or is itself a reduction. */
function absorbEpilogue(
  state: FusionState,
  producer: MapKernel,
  reader: MapKernel,
  site: ReadSite,
): MapKernel | undefined {
  if (site.scope.conditions.length > 0 || site.lookup || outermostReductions(reader.body).length > 0)
    return undefined;
  return inlineInto(state, producer, reader, { splitOutput: true });
}

function mergeSums(state: FusionState, producer: MapKernel, reader: MapKernel): MapKernel | undefined {
  const outer = onlySum(reader.body);
  const isBare = producer.body.kind === 'reduce' && producer.body.reducer === 'sum';
  if (!outer || !isBare || !isSumOfReads(outer.value)) return undefined;
  if (!keepsParallelism(state, producer, reader)) return undefined;
  const nested = inlineInto(state, producer, reader);
  const sum = nested && onlySum(nested.body);
  if (!nested || !sum) return undefined;
  const flat = flattened(state, sum, sizesOf([...nested.axes, ...sum.axes]));
  if (!flat) return undefined;
  const body = replaceReduction(nested.body, flat);
  return simplifyKernel({ ...nested, body });
}

/** The reduction of a body with one, if it is a sum. */
function onlySum(body: Expression): Reduction | undefined {
  const [sum, ...others] = outermostReductions(body);
  return sum?.reducer === 'sum' && others.length === 0 ? sum : undefined;
}

function isSumOfReads(value: Expression): boolean {
  return (
    value.kind === 'read' || (value.kind === 'guard' && value.otherwise === 0 && value.value.kind === 'read')
  );
}

/**
 * On a GPU each output element is one thread's serial loop: few elements that sum many partial sums (a mean over the batch of sums over
 * the outputs) keep two steps, for parallelism.
 */
function keepsParallelism(state: FusionState, producer: MapKernel, reader: MapKernel): boolean {
  const [partial, whole] = [state.elements(producer.output), state.elements(reader.output)];
  return whole >= 4096 || partial <= 16 * whole;
}

/** Σ_outer [conditions] · Σ_inner value is Σ_outer,inner [conditions] · value. */
function flattened(state: FusionState, outer: Reduction, sizes: Sizes): Reduction | undefined {
  const guarded = outer.value.kind === 'guard' ? outer.value : undefined;
  const inner = guarded ? guarded.value : outer.value;
  if (inner.kind !== 'reduce' || inner.reducer !== 'sum') return undefined;
  const conditions = guarded?.conditions ?? [];
  const all = new Map([...sizes, ...sizesOf(inner.axes)]);
  return {
    ...outer,
    axes: [...outer.axes, ...inner.axes],
    value: guardProduct(state, conditions, inner.value, all),
  };
}

/**
 * [conditions] · (a · b) with the conditions moved to the operand that needs them (dy, which is read at a stride or out of bounds), so
 * that the other stays a plain read.
 */
function guardProduct(
  state: FusionState,
  conditions: readonly Condition[],
  value: Expression,
  sizes: Sizes,
): Expression {
  if (conditions.length === 0) return value;
  const [left, right] = value.kind === 'apply' && value.function === 'multiply' ? value.operands : [];
  const [a, b] = [left && asOperand(left), right && asOperand(right)];
  if (!left || !right || !a || !b) return guard(conditions, value);
  const own = (operand: ContractionOperand) => staysInBounds(state, operand, sizes);
  if (own(b) && (coversAxes(a, conditions) || !own(a)))
    return apply('multiply', guard(conditions, left), right);
  if (own(a)) return apply('multiply', left, guard(conditions, right));
  return apply('multiply', guard(conditions, left), guard(conditions, right));
}

function staysInBounds(
  state: FusionState,
  { buffer, index, conditions }: ContractionOperand,
  sizes: Sizes,
): boolean {
  const { shape } = state.buffer(buffer);
  return index.every((each, i) => staysInside(each, shape[i] ?? 1, sizes, conditions));
}

function coversAxes({ index }: ContractionOperand, conditions: readonly Condition[]): boolean {
  const axes = new Set(index.flatMap((each) => each.terms.map((term) => term.axis)));
  return conditions.every((condition) => condition.index.terms.every((term) => axes.has(term.axis)));
}

function replaceReduction(expression: Expression, by: Expression): Expression {
  if (expression.kind === 'reduce') return by;
  return mapOperands(
    expression,
    (operand) => replaceReduction(operand, by),
    (index) => index,
  );
}
