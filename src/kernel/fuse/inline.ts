// Inlines a kernel's body in place of the reads of its buffer in another kernel. Whether that pays is decided by the rules; here it is
// only decided whether the IR can express it. The value never changes.
import type { Axis, BufferId, Condition, Expression, Index, MapKernel } from '../../ir/stages/type.ts';
import { sizesOf, staysInside, type Sizes } from '../../ir/stages/index-range.ts';
import {
  conditionKey,
  indexKey,
  innerScope,
  mapOperands,
  operandsOf,
  outerScope,
  visitExpressions,
  type Scope,
} from '../../ir/stages/walk.ts';
import type { FusionState } from './state.ts';
import { heavyContraction } from '../recognize/contraction.ts';
import { compose, composeCondition } from '../index-algebra.ts';
import { joinAxes, type SplitAxis } from './join-axes.ts';
import { absorbedOrigins } from './origins.ts';
import { reshapeIndex, type AxisSplit } from './reshape-index.ts';
import { simplifyKernel } from './simplify-expression.ts';
import { splitAxis } from './split-axis.ts';

type Position = Index | Expression;

/** Larger bodies cost too much time in every later pass, and are hard to read. */
const largestBody = 160;

/** A body of this size takes in nothing more: inlining seldom makes it smaller, and never by so much. */
const fullBody = 8 * largestBody;

/** Whether the kernel's body is too large to inline into: searching it once per operand would take too long. */
export function isFull(kernel: MapKernel): boolean {
  return expressionSize(kernel.body) >= fullBody;
}

/**
 * The reader with every read of the producer's buffer replaced. That may split an axis of the reader in two: one of a reduction always,
 * one of the output where it can be joined again, or with `splitOutput` (the kernel then runs over other axes than its buffer has).
 */
export function inlineInto(
  state: FusionState,
  producer: MapKernel,
  reader: MapKernel,
  { splitOutput = false } = {},
): MapKernel | undefined {
  let target = reader;
  const splits: SplitAxis[] = [];
  for (;;) {
    const inlined = new Substitution(state, producer).replace(target.body, outerScope(target.axes));
    if (!inlined) return undefined;
    if ('kind' in inlined) {
      const fused = absorbedOrigins(reader, producer);
      const result = joined(simplifyKernel({ ...target, body: inlined, fused }), splitOutput ? [] : splits);
      if (!result) return undefined;
      return expressionSize(result.body) <= largestBody && staysInBounds(state, result) ? result : undefined;
    }
    if (!splitOutput && !mayJoin(inlined.inner) && isOutput(target, inlined.axis)) return undefined;
    const cut = splitAxis(target, inlined, (axis) => state.newAxis(axis));
    target = cut.kernel;
    splits.push(cut.split);
  }
}

/** Joining is safe only if the divisor divides the vector's length; otherwise the quotient changes inside a vector. */
function mayJoin(inner: number): boolean {
  return inner === 2 || inner === 4;
}

function isOutput(kernel: MapKernel, axis: string): boolean {
  return kernel.axes.some(({ id }) => id === axis);
}

/** Joins split axes again: those of the output, or it gives undefined; those of reductions other than contractions where possible. */
function joined(kernel: MapKernel, splits: readonly SplitAxis[]): MapKernel | undefined {
  let result = kernel;
  for (const split of splits.toReversed()) {
    // a split axis may come of another split: only the kernel's own axes tell
    const output = isOutput(result, split.first.id);
    if (!output && (!mayJoin(split.second.size) || heavyContraction(result))) continue;
    const whole = joinAxes(result, split);
    if (whole) result = simplifyKernel(whole);
    else if (output) return undefined;
  }
  return result;
}

/** Whether interval arithmetic still proves all reads in bounds: it may not, where a bound relied on a term that was dropped. */
function staysInBounds(state: FusionState, kernel: MapKernel): boolean {
  let inside = true;
  visitExpressions(kernel.body, outerScope(kernel.axes), (expression, { axes, conditions }) => {
    if (expression.kind !== 'read' || !inside) return;
    const { shape } = state.buffer(expression.buffer);
    const sizes = sizesOf(axes);
    inside = expression.index.every(
      (index, i) => 'kind' in index || staysInside(index, shape[i] ?? 1, sizes, conditions),
    );
  });
  return inside;
}

const sizes = new WeakMap<Expression, number>();

/** Number of nodes. */
function expressionSize(expression: Expression): number {
  const known = sizes.get(expression);
  if (known !== undefined) return known;
  const size = operandsOf(expression).reduce((total, operand) => total + expressionSize(operand), 1);
  sizes.set(expression, size);
  return size;
}

class Substitution {
  /** Common subexpressions: reads of one element under the same conditions share one expression. */
  private readonly replaced = new Map<string, Expression>();

  constructor(
    private readonly state: FusionState,
    private readonly producer: MapKernel,
  ) {}

  /** The expression with the producer's reads replaced; where only a split of an axis makes that possible, the split. */
  replace(expression: Expression, scope: Scope): Expression | AxisSplit | undefined {
    const inner = innerScope(expression, scope);
    let split = undefined as AxisSplit | undefined;
    const read = everyOperand(expression, (operand) => {
      const replaced = this.replace(operand, inner);
      if (!replaced || 'kind' in replaced) return replaced;
      split = replaced;
      return undefined;
    });
    if (!read) return split;
    if (read.kind !== 'read' || this.state.rootOf(read.buffer) !== this.producer.output) return read;
    const from = this.state.buffer(read.buffer).shape;
    const to = this.producer.axes.map((axis) => axis.size);
    const index = reshapeIndex(read.index, from, to, sizesOf(scope.axes), scope.conditions);
    if (!index || 'axis' in index) return index;
    const conditions = scope.conditions.map(conditionKey);
    const key = [...index.map((each) => ('kind' in each ? undefined : indexKey(each))), ...conditions];
    const known = key.includes(undefined) ? undefined : this.replaced.get(key.join());
    const body = known ?? new BodyAt(this.state, this.producer.axes, index).place(this.producer.body, scope);
    if (body && !key.includes(undefined)) this.replaced.set(key.join(), body);
    return body;
  }
}

/** The body of a kernel at one position: output axes bound to indices, reduction axes renamed to new ones. */
class BodyAt {
  private readonly indices = new Map<string, Index>();
  private readonly lookups = new Map<string, Position>();
  private readonly sizes: Sizes;

  constructor(
    private readonly state: FusionState,
    axes: readonly Axis[],
    position: readonly Position[],
  ) {
    this.sizes = sizesOf(axes);
    axes.forEach(({ id }, i) => {
      const at = position[i];
      if (at && 'kind' in at) this.lookups.set(id, at);
      else if (at) this.indices.set(id, at);
    });
  }

  place(expression: Expression, scope: Scope): Expression | undefined {
    switch (expression.kind) {
      case 'number':
        return expression;
      case 'position':
      case 'random': {
        const index = this.compose(expression.index, scope.conditions);
        return index && { ...expression, index };
      }
      case 'read': {
        const index = expression.index.map((each, i) => this.placeIndex(each, expression.buffer, i, scope));
        return allDefined(index) ? { ...expression, index } : undefined;
      }
      case 'guard': {
        const conditions: Condition[] = [];
        // Divisibility conditions first: exact quotients in the others may depend on them.
        for (const condition of expression.conditions.toSorted(divisibleFirst)) {
          const placed = this.composeCondition(condition, [...scope.conditions, ...conditions]);
          if (!placed) return undefined;
          conditions.push(placed);
        }
        const inner = { ...scope, conditions: [...scope.conditions, ...conditions] };
        const value = this.place(expression.value, inner);
        return value && { ...expression, conditions, value };
      }
      case 'reduce': {
        const axes = expression.axes.map((axis) => this.state.newAxis(axis));
        expression.axes.forEach(({ id }, i) => {
          this.indices.set(id, { constant: 0, terms: [{ axis: axes[i]?.id ?? id, factor: 1 }], divisor: 1 });
        });
        const inner = { ...scope, axes: [...scope.axes, ...axes] };
        const value = this.place(expression.value, inner);
        return value && { ...expression, axes, value };
      }
      case 'apply':
        return everyOperand(expression, (operand) => this.place(operand, scope));
      default:
        return expression satisfies never;
    }
  }

  private placeIndex(each: Position, buffer: BufferId, i: number, scope: Scope): Position | undefined {
    if ('kind' in each) return this.place(each, scope);
    const lookup = this.lookupOf(each);
    if (!lookup) return this.compose(each, scope.conditions);
    // A lookup is clamped to the size of the producer's axis: correct only where this buffer's axis has the same size.
    const [term] = each.terms;
    const plain = each.constant === 0 && each.terms.length === 1 && term?.factor === 1 && each.divisor === 1;
    const sameSize = term && this.sizes.get(term.axis) === this.state.buffer(buffer).shape[i];
    return plain && sameSize ? lookup : undefined;
  }

  private compose(index: Index, conditions: readonly Condition[]): Index | undefined {
    return this.lookupOf(index) ? undefined : compose(index, this.indices, conditions);
  }

  private composeCondition(condition: Condition, conditions: readonly Condition[]): Condition | undefined {
    return this.lookupOf(condition.index) ? undefined : composeCondition(condition, this.indices, conditions);
  }

  private lookupOf({ terms }: Index): Position | undefined {
    return terms.map(({ axis }) => this.lookups.get(axis)).find((lookup) => lookup !== undefined);
  }
}

function divisibleFirst(a: Condition, b: Condition): number {
  return Number(a.kind !== 'divisible') - Number(b.kind !== 'divisible');
}

/** The expression with its operands replaced; undefined where one has no replacement. */
function everyOperand(
  expression: Expression,
  replace: (operand: Expression) => Expression | undefined,
): Expression | undefined {
  let complete = true as boolean;
  const result = mapOperands(
    expression,
    (operand) => {
      const replaced = complete ? replace(operand) : undefined;
      complete &&= replaced !== undefined;
      return replaced ?? operand;
    },
    (index) => index,
  );
  return complete ? result : undefined;
}

function allDefined<T>(values: readonly (T | undefined)[]): values is readonly T[] {
  return values.every((value) => value !== undefined);
}
