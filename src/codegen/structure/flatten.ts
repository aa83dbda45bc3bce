// Flattens a map kernel into its linear form for printers: no axes of size one, no quotient of a multiple of its divisor, no condition
// that always holds, a name for each position that both a condition and a read use. Neighboring axes are merged wherever the kernel does
// not distinguish them (an element-wise kernel has one axis left).
import type { Buffers, Reading } from '../../ir/linear/build.ts';
import { mergeAxes, mergeReductions } from '../../ir/linear/merge.ts';
import { atomPosition, positionOf, quotientOf, rangeOf } from '../../ir/linear/position.ts';
import type { Condition, Formula, Position } from '../../ir/linear/type.ts';
import { positionsOf, substitute } from '../../ir/linear/walk.ts';
import type { Sizes } from '../../ir/stages/index-range.ts';
import type { Axis, Expression, Index, MapKernel } from '../../ir/stages/type.ts';
import { indexKey, outerScope, visitExpressions } from '../../ir/stages/walk.ts';

/** A kernel whose output is flat: element `Σ axis · stride` of it is `body`. */
export interface FlatKernel {
  readonly axes: readonly Axis[];
  readonly body: Formula;
}

export function flattenKernel(kernel: MapKernel, buffers: Buffers): FlatKernel {
  const sizes = new Map(kernel.axes.map((axis) => [axis.id, axis.size]));
  visitExpressions(kernel.body, outerScope(kernel.axes), (expression) => {
    if (expression.kind === 'reduce') for (const axis of expression.axes) sizes.set(axis.id, axis.size);
  });
  const form = new Flattening(buffers, sizes).formula(kernel.body, new Map());
  const body = mergeReductions(form, joinedHint);
  const { axes, by } = mergeAxes(kernel.axes, positionsOf(body), joinedHint);
  return { axes, body: substitute(body, by) };
}

/** The name of two joined axes: `i_j`; axes of equal names keep the name. */
function joinedHint(outer: Axis, inner: Axis): string {
  const [first, second] = [outer.hint ?? outer.id, inner.hint ?? inner.id];
  return first === second ? first : `${first}_${second}`;
}

/** Positions named by enclosing conditions, by the key of their index. */
type Named = ReadonlyMap<string, Position>;

class Flattening {
  constructor(
    private readonly buffers: Buffers,
    private readonly sizes: Sizes,
  ) {}

  formula(expression: Expression, named: Named): Formula {
    const reading: Reading = {
      index: (index) => this.index(index, named),
      skipsUnits: true,
      instead: (each) => (each.kind === 'guard' ? this.guard(each, named) : undefined),
    };
    return this.buffers.formula(expression, reading);
  }

  private index({ constant, terms, divisor }: Index, named: Named): Position {
    const plain: Index = {
      constant,
      terms: terms.filter(({ axis }) => this.sizes.get(axis) !== 1),
      divisor: 1,
    };
    const position = named.get(indexKey({ constant, terms, divisor: 1 })) ?? positionOf(plain);
    return quotientOf(position, divisor, this.sizes);
  }

  private guard(
    { conditions, value, otherwise }: Expression & { readonly kind: 'guard' },
    outer: Named,
  ): Formula {
    const used = indexUses(value);
    const named = new Map(outer);
    const asked: Condition[] = [];
    for (const { index, ...rest } of conditions) {
      const key = indexKey({ ...index, divisor: 1 });
      const position = this.index({ ...index, divisor: 1 }, named);
      // floor(p / d) < limit just where p < limit · d
      const condition: Condition =
        rest.kind === 'inside'
          ? { kind: 'inside', position, limit: rest.limit * index.divisor }
          : { ...rest, position };
      const left = this.ask(condition);
      if (left === 'never') return { kind: 'number', value: otherwise };
      if (left === 'always') continue;
      const sides = left.kind === 'inside' && !left.known ? 2 : 1;
      if (isAxis(position) || sides + (used.get(key) ?? 0) < 2) {
        asked.push(left);
        continue;
      }
      const name = atomPosition({ kind: 'quotient', of: position, divisor: 1 });
      named.set(key, name);
      asked.push({ ...left, position: name });
    }
    const inner = this.formula(value, named);
    return asked.length === 0 ? inner : { kind: 'guard', conditions: asked, value: inner, otherwise };
  }

  /** Simplifies a condition by the range of its position. */
  private ask(condition: Condition): Condition | 'always' | 'never' {
    const { position } = condition;
    if (condition.kind === 'divisible') {
      const { modulus } = condition;
      const fixed = position.terms.every(({ factor }) => factor % modulus === 0);
      if (!fixed) return condition;
      return position.constant % modulus === 0 ? 'always' : 'never';
    }
    const { low, high } = rangeOf(position, this.sizes);
    if (high < 0 || low >= condition.limit) return 'never';
    if (low >= 0 && high < condition.limit) return 'always';
    if (low < 0 && high >= condition.limit) return condition;
    return { ...condition, known: low < 0 ? 'upper' : 'lower' };
  }
}

/** An axis or an already named position: it needs no further name. */
function isAxis({ constant, terms }: Position): boolean {
  return constant === 0 && terms.length <= 1 && terms.every(({ factor }) => factor === 1);
}

/** Counts the reads of each index, regardless of its divisor, in an expression. */
function indexUses(expression: Expression): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  visitExpressions(expression, outerScope([]), (each) => {
    if (each.kind !== 'read') return;
    for (const index of each.index) {
      if ('kind' in index) continue;
      const key = indexKey({ ...index, divisor: 1 });
      uses.set(key, (uses.get(key) ?? 0) + 1);
    }
  });
  return uses;
}
