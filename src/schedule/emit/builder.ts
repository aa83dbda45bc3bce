// Builds the statements of one routine, scope by scope, with hoisting and common subexpressions: an item knows the outermost scope in
// which its value is available, and `let` declares it there, once.
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

/** A value, and the depth of the outermost scope in which it is available. */
export interface Item {
  readonly value: Value;
  readonly depth: number;
}

/** The value of an axis in a scope, and an integer that it is known to be a multiple of. */
export interface BoundAxis extends Item {
  readonly multiple: number;
}

/** A loop's bounds and step, and a hint for its variable's name. */
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

  /** Names a value in the outermost scope where it is available, unless an equal one has a name; constants and variables need none. */
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

  /** A mutable variable of the innermost scope. */
  mutable(hint: string, type: ValueType, value: Value): Item {
    const name = this.fresh(hint);
    this.emit({ kind: 'let', name, type, value, mutable: true });
    return { value: variable(name, type), depth: this.depth };
  }

  assign(target: Item, value: Value): void {
    if (target.value.kind !== 'variable') throw new Error('only a variable can be assigned');
    this.emit({ kind: 'assign', name: target.value.name, value });
  }

  /** The loop over the work items, `first` to `last`, is the one that is shared among threads. */
  loop(hint: string, from: Value, to: Value, step: number, body: (position: Item) => void): void {
    const axis = from === first && to === last ? 'thread' : 'serial';
    this.loopOver(axis, { hint, from, to, step }, body);
  }

  /** A loop whose iterations process full vectors. */
  vectorLoop(hint: string, from: Value, to: Value, step: number, body: (position: Item) => void): void {
    this.loopOver('vector', { hint, from, to, step }, body);
  }

  private loopOver(axis: AxisKind, { hint, from, to, step }: Range, body: (position: Item) => void): void {
    if (from.kind === 'integer' && to.kind === 'integer') {
      if (to.value <= from.value) return;
      // A loop of one iteration is its body.
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

/** Moves a place by an integer number of float32 elements; the offset stays ≥ 0. */
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

/** Equal for structurally equal values. */
function keyOf(value: Value): string {
  const known = keys.get(value);
  if (known !== undefined) return known;
  const key = JSON.stringify(value);
  keys.set(value, key);
  return key;
}
