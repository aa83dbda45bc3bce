// Builds the statements of one routine, scope by scope. A value knows the outermost scope in which it can stand, and a `let`
// puts it there, so that whatever does not change in a loop is computed before it; equal values are computed once.
import {
  arithmetic,
  elementSize,
  first,
  integer,
  last,
  typeOf,
  variable,
  type AxisKind,
  type Place,
  type Statement,
  type Value,
  type ValueType,
} from '../../ir/loops/type.ts';

/** A value and the depth of the scope from which on it is known. */
export interface Item {
  readonly value: Value;
  readonly depth: number;
}

/** What an axis is at a place in the code: an integer that is known to be a multiple of something. */
export interface BoundAxis extends Item {
  readonly multiple: number;
}

/** What a loop runs over, and what its variable is called. */
interface Range {
  readonly hint: string;
  readonly from: Value;
  readonly to: Value;
  readonly step: number;
}

interface Scope {
  readonly statements: Statement[];
  readonly known: Map<string, Item>;
  readonly axes: Map<string, BoundAxis>;
}

export class LoopBuilder {
  private readonly scopes: Scope[] = [newScope()];
  private readonly counters = new Map<string, number>();

  /** The depth of the innermost open scope. */
  get depth(): number {
    return this.scopes.length - 1;
  }

  get body(): readonly Statement[] {
    return this.scope(0).statements;
  }

  bind(axis: string, item: Item, multiple = 1): void {
    this.scope(this.depth).axes.set(axis, { ...item, multiple });
  }

  bindConstant(axis: string, value: number): void {
    this.bind(axis, { value: integer(value), depth: 0 }, Math.max(1, Math.abs(value)));
  }

  axis(id: string): BoundAxis {
    for (let depth = this.depth; depth >= 0; depth--) {
      const found = this.scope(depth).axes.get(id);
      if (found) return found;
    }
    throw new Error(`axis ${id} is not bound`);
  }

  emit(statement: Statement): void {
    this.scope(this.depth).statements.push(statement);
  }

  /** A name for the value where it is first known; constants and names need none. */
  let(item: Item, hint: string): Item {
    const { value } = item;
    if (value.kind === 'variable' || value.kind === 'integer' || value.kind === 'number') return item;
    const key = keyOf(value);
    for (const scope of this.scopes) {
      const known = scope.known.get(key);
      if (known) return known;
    }
    const name = this.fresh(hint);
    const type = typeOf(value);
    const scope = this.scope(item.depth);
    scope.statements.push({ kind: 'let', name, type, value, mutable: false });
    const named = { value: variable(name, type), depth: item.depth };
    scope.known.set(key, named);
    return named;
  }

  /** A variable of the innermost scope. */
  mutable(hint: string, type: ValueType, value: Value): Item {
    const name = this.fresh(hint);
    this.emit({ kind: 'let', name, type, value, mutable: true });
    return { value: variable(name, type), depth: this.depth };
  }

  assign(target: Item, value: Value): void {
    if (target.value.kind !== 'variable') throw new Error('only a variable can be assigned');
    this.emit({ kind: 'assign', name: target.value.name, value });
  }

  /** The loop over the work items, `first` to `last`, is the one that threads share out. */
  loop(hint: string, from: Value, to: Value, step: number, body: (position: Item) => void): void {
    const axis = from === first && to === last ? 'thread' : 'serial';
    this.loopOver(axis, { hint, from, to, step }, body);
  }

  /** A loop whose turns do the lanes of whole vectors. */
  vectorLoop(hint: string, from: Value, to: Value, step: number, body: (position: Item) => void): void {
    this.loopOver('vector', { hint, from, to, step }, body);
  }

  private loopOver(axis: AxisKind, { hint, from, to, step }: Range, body: (position: Item) => void): void {
    if (from.kind === 'integer' && to.kind === 'integer') {
      if (to.value <= from.value) return;
      // One turn is no loop.
      if (to.value <= from.value + step) {
        body({ value: from, depth: 0 });
        return;
      }
    }
    const name = this.fresh(hint);
    this.scopes.push(newScope());
    body({ value: variable(name, 'integer'), depth: this.depth });
    const inner = this.scopes.pop();
    if (inner && inner.statements.length > 0)
      this.emit({ kind: 'for', axis, name, from, to, step, body: inner.statements });
  }

  when(condition: Value, body: () => void): void {
    if (condition.kind === 'integer') {
      if (condition.value !== 0) body();
      return;
    }
    this.scopes.push(newScope());
    body();
    const inner = this.scopes.pop();
    if (inner && inner.statements.length > 0) this.emit({ kind: 'if', condition, body: inner.statements });
  }

  arithmetic(operator: Parameters<typeof arithmetic>[0], left: Item, right: Item): Item {
    return {
      value: arithmetic(operator, left.value, right.value),
      depth: Math.max(left.depth, right.depth),
    };
  }

  private fresh(hint: string): string {
    const count = (this.counters.get(hint) ?? 0) + 1;
    this.counters.set(hint, count);
    return count === 1 ? hint : `${hint}_${count}`;
  }

  private scope(depth: number): Scope {
    const found = this.scopes[depth];
    if (!found) throw new Error(`no scope ${depth}`);
    return found;
  }
}

export const constantItem = (value: number): Item => ({ value: integer(value), depth: 0 });

/** Moves a place by a whole number of float32 elements; offsets stay at or above 0. */
export function placeAt(pointer: Item, elements: number): { place: Place; depth: number } {
  if (elements >= 0)
    return { place: { pointer: pointer.value, offset: elementSize * elements }, depth: pointer.depth };
  const moved: Value = { kind: 'advance', pointer: pointer.value, elements: integer(elements) };
  return { place: { pointer: moved, offset: 0 }, depth: pointer.depth };
}

function newScope(): Scope {
  return { statements: [], known: new Map(), axes: new Map() };
}

const keys = new WeakMap<object, string>();

/** Equal for values that are computed alike. */
function keyOf(value: Value): string {
  const known = keys.get(value);
  if (known !== undefined) return known;
  const key = JSON.stringify(value);
  keys.set(value, key);
  return key;
}
