// A map kernel enters, its flat form leaves: one position for each read, no axes of size 1, conditions that always hold gone, and
// neighboring axes joined wherever nothing in the kernel tells them apart (an element-wise kernel has one axis left).
import type {
  Axis,
  Buffer,
  BufferId,
  Condition,
  Expression,
  Index,
  MapKernel,
} from '../../ir/stages/type.ts';
import { indexKey, visitExpressions, outerScope } from '../../ir/stages/walk.ts';
import {
  atomPosition,
  axisPosition,
  combine,
  quotientOf,
  rangeOf,
  substitute,
  visitPositions,
  type Flat,
  type FlatKernel,
  type Position,
  type Test,
} from './flat.ts';

export function flattenKernel(kernel: MapKernel, buffers: ReadonlyMap<BufferId, Buffer>): FlatKernel {
  const sizes = new Map(kernel.axes.map((axis) => [axis.id, axis.size]));
  visitExpressions(kernel.body, outerScope(kernel.axes), (expression) => {
    if (expression.kind === 'reduce') for (const axis of expression.axes) sizes.set(axis.id, axis.size);
  });
  const body = new Flattening(buffers, sizes).expression(kernel.body, new Map());
  return mergeOutputAxes({ axes: kernel.axes.filter((axis) => axis.size !== 1), body });
}

type Named = ReadonlyMap<string, Position>;

class Flattening {
  constructor(
    private readonly buffers: ReadonlyMap<BufferId, Buffer>,
    private readonly sizes: ReadonlyMap<string, number>,
  ) {}

  /** @param named positions that a condition around the expression has given a name, by the index' key */
  expression(expression: Expression, named: Named): Flat {
    switch (expression.kind) {
      case 'number':
        return expression;
      case 'position':
        return { kind: 'position', position: this.index(expression.index, named) };
      case 'random': {
        const { kind, key, site } = expression;
        return { kind, key: this.root(key), site, position: this.index(expression.index, named) };
      }
      case 'read':
        return this.read(expression.buffer, expression.index, named);
      case 'apply':
        return {
          ...expression,
          operands: expression.operands.map((operand) => this.expression(operand, named)),
        };
      case 'guard':
        return this.guard(expression, named);
      case 'reduce':
        return this.reduce(expression, named);
      default:
        return expression satisfies never;
    }
  }

  private read(buffer: BufferId, index: readonly (Index | Expression)[], named: Named): Flat {
    const shape = this.bufferAt(buffer).shape;
    let stride = 1;
    const parts: (readonly [Position, number])[] = [];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [each, size = 1] = [index[axis], shape[axis]];
      if (each && size !== 1) {
        const position =
          'kind' in each
            ? atomPosition({ kind: 'clamped', value: this.expression(each, named), limit: size })
            : this.index(each, named);
        parts.unshift([position, stride]);
      }
      stride *= size;
    }
    return { kind: 'read', buffer: this.root(buffer), position: combine(parts) };
  }

  private guard({ conditions, value, otherwise }: Expression & { kind: 'guard' }, outer: Named): Flat {
    const used = indexUses(value);
    const named = new Map(outer);
    const tests: Test[] = [];
    for (const condition of conditions) {
      const { index } = condition;
      const key = indexKey({ ...index, divisor: 1 });
      const plain = this.index({ ...index, divisor: 1 }, named);
      const test = this.test(condition, plain);
      if (test === 'never') return { kind: 'number', value: otherwise };
      if (test === 'always') continue;
      const sides = test.kind === 'inside' ? Number(test.low) + Number(test.high !== undefined) : 1;
      if (isAxis(plain) || sides + (used.get(key) ?? 0) < 2) {
        tests.push(test);
        continue;
      }
      const position = atomPosition({ kind: 'quotient', of: plain, divisor: 1 });
      named.set(key, position);
      tests.push({ ...test, position });
    }
    const inner = this.expression(value, named);
    return tests.length === 0 ? inner : { kind: 'guard', tests, value: inner, otherwise };
  }

  /** What of a condition is left to be asked. */
  private test(condition: Condition, position: Position): Test | 'always' | 'never' {
    if (condition.kind === 'divisible') {
      const { modulus } = condition;
      const fixed = position.terms.every(({ factor }) => factor % modulus === 0);
      if (!fixed) return { kind: 'divisible', position, modulus };
      return position.constant % modulus === 0 ? 'always' : 'never';
    }
    const [least, greatest] = rangeOf(position, this.sizes);
    // floor(p / d) < limit just where p < limit · d
    const limit = condition.limit * condition.index.divisor;
    if (greatest < 0 || least >= limit) return 'never';
    const [low, high] = [least < 0, greatest >= limit ? limit : undefined];
    return low || high !== undefined ? { kind: 'inside', position, low, high } : 'always';
  }

  private reduce({ reducer, axes, value }: Expression & { kind: 'reduce' }, named: Named): Flat {
    const inner = this.expression(value, named);
    const kept = axes.filter((axis) => axis.size !== 1);
    if (kept.length === 0) return reducer === 'argmax' ? { kind: 'number', value: 0 } : inner;
    return mergeReductionAxes({ kind: 'reduce', reducer, axes: kept, value: inner });
  }

  private index({ constant, terms, divisor }: Index, named: Named): Position {
    const known = named.get(indexKey({ constant, terms, divisor: 1 }));
    const position =
      known ??
      combine(
        terms
          .filter(({ axis }) => this.sizes.get(axis) !== 1)
          .map(({ axis, factor }) => [axisPosition(axis), factor] as const),
        constant,
      );
    return quotientOf(position, divisor, this.sizes);
  }

  private bufferAt(id: BufferId): Buffer {
    const buffer = this.buffers.get(id);
    if (!buffer) throw new Error(`no buffer ${id}`);
    return buffer;
  }

  /** The buffer that has the storage: the position in an alias is the position in it. */
  private root(id: BufferId): BufferId {
    return this.bufferAt(id).alias ?? id;
  }
}

/** Nothing but an axis or a named position: it needs no name. */
function isAxis({ constant, terms }: Position): boolean {
  return constant === 0 && terms.length <= 1 && terms.every(({ factor }) => factor === 1);
}

/** How often each index, its divisor aside, is read at within an expression. */
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

function mergeOutputAxes(kernel: FlatKernel): FlatKernel {
  const merged = mergeAxes(kernel.axes, kernel.body);
  return { axes: merged.axes, body: merged.value };
}

function mergeReductionAxes(reduce: Flat & { kind: 'reduce' }): Flat {
  return { ...reduce, ...mergeAxes(reduce.axes, reduce.value) };
}

/** Joins an axis with the one behind it where every position counts through both in row-major order. */
function mergeAxes(
  axes: readonly Axis[],
  value: Flat,
): { readonly axes: readonly Axis[]; readonly value: Flat } {
  for (let i = 0; i + 1 < axes.length; i++) {
    const [outer, inner] = [axes[i], axes[i + 1]];
    if (!outer || !inner || !alwaysTogether(outer, inner, value)) continue;
    const replacements = new Map([[outer.id, combine([])]]);
    const joined: Axis = { id: inner.id, size: outer.size * inner.size, hint: joinedName(outer, inner) };
    return mergeAxes(axes.toSpliced(i, 2, joined), substitute(value, replacements));
  }
  return { axes, value };
}

/** `i_j` counts through i and j; axes of one name count through one longer axis of that name. */
function joinedName(outer: Axis, inner: Axis): string {
  const [first, second] = [outer.hint ?? outer.id, inner.hint ?? inner.id];
  return first === second ? first : `${first}_${second}`;
}

function alwaysTogether(outer: Axis, inner: Axis, value: Flat): boolean {
  let together = true;
  visitPositions(value, (position) => {
    const factorOf = (axis: Axis) =>
      position.terms.find(({ atom }) => atom.kind === 'axis' && atom.axis === axis.id)?.factor ?? 0;
    if (factorOf(outer) !== factorOf(inner) * inner.size) together = false;
  });
  return together;
}
