// Turns a flat kernel into statements: a reduction becomes a loop with an accumulator, a guard a conditional; a formula that is used
// twice, or is loop-invariant, becomes a constant, hoisted to the innermost block that fixes its axes. A value under a guard that depends
// on the same axes as the guard is evaluated only where the guard holds.
import { rowMajor } from '../../ir/linear/position.ts';
import type { Atom, Condition, Position } from '../../ir/linear/type.ts';
import { scalarFunctions } from '../../ir/scalar.ts';
import type { Axis, BufferId } from '../../ir/stages/type.ts';
import type { FlatKernel } from './flatten.ts';
import { liftConditions, unlifted, type Lifted } from './lift-conditions.ts';
import type { Names } from '../names.ts';
import { canonicalReductions, SharedExpressions, type Node } from './shared-expressions.ts';
import {
  weightOf,
  type Affine,
  type Condition as Asked,
  type KernelBody,
  type Scalar,
  type Statement,
} from './statements.ts';

export interface StructureOptions {
  /** Allocates the kernel's locals; at least the names of its arguments are taken. */
  readonly names: Pick<Names, 'fresh'>;
  /** The name for a buffer's element, where it gets a local: `linear_1_y`. */
  bufferName(buffer: BufferId): string;
  /** Keeps the terms of a sum with a factor of zero: 0 · NaN is NaN. */
  readonly strict?: boolean;
}

/** A scalar with more operations than this is split. */
const heaviest = 9;

export function structure(kernel: FlatKernel, options: StructureOptions): KernelBody {
  const { axes, body } = canonicalReductions(kernel);
  const shared = new SharedExpressions();
  const root = shared.node(body);
  root.uses = 1;
  const structuring = new Structuring(shared, options);
  const scope = new Scope();
  const variables = axes.map((axis) => scope.bind(axis.id, options.names.fresh(axis.hint ?? axis.id)));
  structuring.result(root, scope);
  const used = root.axes;
  return {
    axes: axes.map(({ id, size }, i) => ({ variable: variables[i] ?? '', size, used: used.has(id) })),
    statements: scope.statements,
  };
}

/** A block of statements: a loop's, a conditional's, or the kernel's. */
class Scope {
  readonly statements: Statement[] = [];
  readonly values = new Map<Node, Scalar>();
  readonly integers = new Map<string, string>();
  private readonly variables = new Map<string, string>();

  /** @param guarded the axes that the conditions of the block depend on */
  constructor(
    readonly parent?: Scope,
    private readonly guarded: ReadonlySet<string> = new Set(),
  ) {}

  bind(axis: string, variable: string): string {
    this.variables.set(axis, variable);
    return variable;
  }

  variable(axis: string): string {
    const found = this.variables.get(axis) ?? this.parent?.variable(axis);
    if (found === undefined) throw new Error(`no axis ${axis} encloses the expression`);
    return found;
  }

  /**
   * The block to compute a value in that depends on the axes: it is hoisted out of the loops in which it does not change, but out of a
   * conditional only if a loop further out is crossed, or if the value is also needed elsewhere.
   */
  home(axes: ReadonlySet<string>, shared: boolean): Scope {
    if (!this.parent || !this.lets(axes)) return this;
    const outer = this.parent.home(axes, shared);
    return shared || this.variables.size > 0 || outer !== this.parent ? outer : this;
  }

  /** Whether a value that depends on the axes can be hoisted out of this block. */
  private lets(axes: ReadonlySet<string>): boolean {
    return [...axes].every((axis) => !this.variables.has(axis) && !this.guarded.has(axis));
  }

  value(node: Node): Scalar | undefined {
    return this.values.get(node) ?? this.parent?.value(node);
  }

  integer(key: string): string | undefined {
    return this.integers.get(key) ?? this.parent?.integer(key);
  }
}

class Structuring {
  constructor(
    private readonly shared: SharedExpressions,
    private readonly options: StructureOptions,
  ) {}

  /** The kernel's value: a guard at its root ends in two results. */
  result(node: Node, scope: Scope): void {
    const { formula } = node;
    const [operand] = node.operands;
    if (formula.kind === 'guard' && operand) {
      this.when(formula.conditions, [], scope, (inside) => this.result(operand, inside));
      scope.statements.push({ kind: 'result', value: { kind: 'number', value: formula.otherwise } });
    } else {
      scope.statements.push({ kind: 'result', value: this.statementValue(node, scope) });
    }
  }

  /** The right-hand side of its own statement; never split further. */
  private statementValue(node: Node, scope: Scope): Scalar {
    return this.value(node, scope, Infinity);
  }

  private value(node: Node, scope: Scope, most = heaviest): Scalar {
    const { formula } = node;
    if (formula.kind === 'number') return formula;
    const known = scope.value(node);
    if (known) return known;
    const home = scope.home(node.axes, node.uses > 1);
    const value = this.build(node, home);
    if (value.kind === 'variable') home.values.set(node, value);
    if (value.kind === 'variable' || value.kind === 'position') return value;
    const once = node.uses < 2 || isSimpleComparison(node, value);
    if (once && home === scope && weightOf(value) <= most) return value;
    const named: Scalar = { kind: 'variable', name: this.options.names.fresh(this.nameOf(node)) };
    home.statements.push({ kind: 'const', name: named.name, value });
    home.values.set(node, named);
    return named;
  }

  private build(node: Node, scope: Scope): Scalar {
    const { formula } = node;
    switch (formula.kind) {
      case 'number':
        return formula;
      case 'position':
        return { kind: 'position', position: this.affine(formula.position, scope) };
      case 'read':
        return { kind: 'read', buffer: formula.buffer, position: this.affine(formula.position, scope) };
      case 'random': {
        const { kind, key, site } = formula;
        return { kind, key, site, position: this.affine(formula.position, scope) };
      }
      case 'apply': {
        const operands = node.operands.map((operand) => this.value(operand, scope));
        return { kind: 'apply', function: formula.function, operands };
      }
      case 'guard':
        return this.guard(node, scope);
      case 'reduce':
        return this.reduce(node, scope);
      case 'given':
        throw new Error(`${formula.name} is known to a schedule alone`);
      default:
        return formula satisfies never;
    }
  }

  private guard(node: Node, scope: Scope): Scalar {
    const { formula } = node;
    const [operand] = node.operands;
    if (formula.kind !== 'guard' || !operand) throw new Error('not a guard');
    const name = this.options.names.fresh(this.nameOf(operand));
    scope.statements.push({ kind: 'let', name, value: { kind: 'number', value: formula.otherwise } });
    this.when(formula.conditions, [], scope, (inside) => {
      inside.statements.push({ kind: 'set', name, value: this.statementValue(operand, inside) });
    });
    return { kind: 'variable', name };
  }

  private reduce(node: Node, scope: Scope): Scalar {
    const { formula } = node;
    const [operand] = node.operands;
    if (formula.kind !== 'reduce' || !operand) throw new Error('not a reduction');
    const { names } = this.options;
    const name = names.fresh(formula.reducer === 'sum' ? 'sum' : 'largest');
    const start = formula.reducer === 'sum' ? 0 : -Infinity;
    const lifted = this.options.strict ? unlifted(operand) : liftConditions(operand, formula.reducer);
    const initial: Statement = { kind: 'let', name, value: { kind: 'number', value: start } };
    if (formula.reducer !== 'argmax') {
      const { reducer } = formula;
      this.loop(formula.axes, lifted, scope, (inside) => {
        const value = this.product(lifted.factors, inside);
        inside.statements.push({ kind: 'accumulate', name, reducer, value });
      });
      beforeLast(scope, initial);
      return { kind: 'variable', name };
    }
    const place = names.fresh('place');
    this.loop(formula.axes, lifted, scope, (inside) => {
      const value = this.named(this.product(lifted.factors, inside), 'candidate', inside);
      const greater: Scalar = {
        kind: 'apply',
        function: 'less',
        operands: [{ kind: 'variable', name }, value],
      };
      const body: readonly Statement[] = [
        { kind: 'set', name, value },
        {
          kind: 'set',
          name: place,
          value: { kind: 'position', position: this.affine(rowMajor(formula.axes), inside) },
        },
      ];
      inside.statements.push({ kind: 'if', conditions: [{ kind: 'holds', value: greater }], body });
    });
    beforeLast(scope, initial, { kind: 'let', name: place, value: { kind: 'number', value: 0 } });
    return { kind: 'variable', name: place };
  }

  /** A nest of loops; a condition is tested as soon as its axes are bound. */
  private loop(axes: readonly Axis[], lifted: Lifted, scope: Scope, innermost: (scope: Scope) => void): void {
    const bound = new Set<string>();
    const inner = new Set(axes.map((axis) => axis.id));
    const ready = (own: ReadonlySet<string>) => [...own].every((axis) => !inner.has(axis) || bound.has(axis));
    const level = (
      depth: number,
      conditions: readonly Condition[],
      holds: readonly Node[],
      block: Scope,
    ): void => {
      const askedNow = conditions.filter(({ position }) => ready(this.shared.axesOfPosition(position)));
      const holdsNow = depth === axes.length ? holds : [];
      const axis = axes[depth];
      const rest = (inside: Scope): void => {
        if (!axis) return innermost(inside);
        const body = new Scope(inside);
        const variable = body.bind(axis.id, this.options.names.fresh(axis.hint ?? axis.id));
        bound.add(axis.id);
        level(
          depth + 1,
          conditions.filter((condition) => !askedNow.includes(condition)),
          holds,
          body,
        );
        inside.statements.push({ kind: 'for', variable, size: axis.size, body: body.statements });
      };
      if (askedNow.length + holdsNow.length === 0) rest(block);
      else this.when(askedNow, holdsNow, block, rest);
    };
    level(0, lifted.conditions, lifted.holds, scope);
  }

  private when(
    conditions: readonly Condition[],
    holds: readonly Node[],
    scope: Scope,
    then: (inside: Scope) => void,
  ): void {
    const asked = conditions.map((condition): Asked => {
      const position = this.affine(condition.position, scope);
      if (condition.kind === 'divisible') return { ...condition, position };
      const { kind, limit, known } = condition;
      return { kind, position, low: known !== 'lower', high: known === 'upper' ? undefined : limit };
    });
    for (const node of holds) asked.push({ kind: 'holds', value: this.value(node, scope) });
    const guarded = new Set([
      ...conditions.flatMap(({ position }) => [...this.shared.axesOfPosition(position)]),
      ...holds.flatMap((node) => [...node.axes]),
    ]);
    const inside = new Scope(scope, guarded);
    then(inside);
    scope.statements.push({ kind: 'if', conditions: asked, body: inside.statements });
  }

  private product(factors: readonly Node[], scope: Scope): Scalar {
    const [only] = factors;
    if (only && factors.length === 1) return this.statementValue(only, scope);
    const [first, ...others] = factors.map((factor) => this.value(factor, scope));
    if (!first) return { kind: 'number', value: 1 };
    return others.reduce<Scalar>(
      (left, right) => ({ kind: 'apply', function: 'multiply', operands: [left, right] }),
      first,
    );
  }

  private named(value: Scalar, wish: string, scope: Scope): Scalar {
    if (value.kind === 'variable' || value.kind === 'number') return value;
    const name = this.options.names.fresh(wish);
    scope.statements.push({ kind: 'const', name, value });
    return { kind: 'variable', name };
  }

  private affine({ constant, terms }: Position, scope: Scope): Affine {
    return {
      constant,
      terms: terms.map(({ atom, factor }) => ({ variable: this.atom(atom, scope), factor })),
    };
  }

  private atom(atom: Atom, scope: Scope): string {
    if (atom.kind === 'axis') return scope.variable(atom.axis);
    const key = this.shared.keyOfAtom(atom);
    const known = scope.integer(key);
    if (known !== undefined) return known;
    const home = scope.home(this.shared.axesOfPosition({ constant: 0, terms: [{ atom, factor: 1 }] }), true);
    const { names } = this.options;
    const place = home.integer(key);
    if (place !== undefined) return place;
    if (atom.kind === 'quotient') {
      const of = this.affine(atom.of, home);
      const name = names.fresh(placeName(of, atom.divisor));
      home.statements.push({ kind: 'integer', name, value: { kind: 'quotient', of, divisor: atom.divisor } });
      home.integers.set(key, name);
      return name;
    }
    const value = this.value(this.shared.node(atom.value), home);
    const name = names.fresh('id');
    home.statements.push({ kind: 'integer', name, value: { kind: 'clamped', value, limit: atom.size } });
    home.integers.set(key, name);
    return name;
  }

  private nameOf({ formula }: Node): string {
    switch (formula.kind) {
      case 'read':
        return `${this.options.bufferName(formula.buffer)}_here`;
      case 'apply':
        return scalarFunctions[formula.function].noun;
      case 'random':
        return 'draw';
      default:
        return 'value';
    }
  }
}

/** A simple condition is inlined where it is tested, even twice: it reads best there. */
function isSimpleComparison({ formula }: Node, value: Scalar): boolean {
  return (
    formula.kind === 'apply' && scalarFunctions[formula.function].compares === true && weightOf(value) <= 3
  );
}

/** Inserts accumulators right before their loop, after the constants hoisted out of it. */
function beforeLast({ statements }: Scope, ...declarations: readonly Statement[]): void {
  statements.splice(-1, 0, ...declarations);
}

/** A named position is called after its first axis: `row_place`, `row_index`. */
function placeName({ terms: [first] }: Affine, divisor: number): string {
  const axis = first?.variable.replace(/_place(_\d+)?$/, '');
  return [axis ?? [], divisor === 1 ? 'place' : 'index'].flat().join('_');
}
