// One call of a builtin: its positional and named arguments, read with the checks that all builtins share.
import type { Span } from '../../diagnostics/source.ts';
import { resolveAxes, type AxisReference } from '../axes.ts';
import type { Context } from '../context.ts';
import { generatorOf } from '../values/generators.ts';
import { checkedInteger } from '../values/types.ts';
import { describe, numberValue, type TensorValue, type Value } from '../values/values.ts';

export interface Given {
  readonly value: Value;
  readonly span: Span;
}

/** Which builtin is called, and where. */
interface Callee {
  readonly name: string;
  /** Its usage, for messages. */
  readonly usage: string;
  readonly span: Span;
}

/** One call: its arguments by position and by name. */
export class Call {
  readonly name: string;
  readonly span: Span;
  readonly usage: string;

  constructor(
    readonly context: Context,
    { name, usage, span }: Callee,
    readonly positional: readonly Given[],
    readonly named: ReadonlyMap<string, Given>,
  ) {
    this.name = name;
    this.usage = usage;
    this.span = span;
  }

  get tensors(): Context['tensors'] {
    return this.context.tensors;
  }

  tensor(index: number): TensorValue {
    const given = this.positional[index];
    if (!given)
      return this.context.fail('builtin.missing', this.span, { name: this.name, usage: this.usage });
    if (given.value.kind === 'tensor') return given.value;
    const generator = generatorOf(given.value);
    if (generator) return this.tensors.generate(generator);
    return this.context.fail('value.tensor', given.span, {
      owner: this.name,
      name: 'the argument',
      found: describe(given.value),
    });
  }

  /** An argument by name, else by position. */
  argument(name: string, index: number): Given | undefined {
    return this.named.get(name) ?? this.positional[index];
  }

  integer(name: string, index: number, fallback?: number, least = 0): number {
    const given = this.argument(name, index);
    if (!given && fallback !== undefined) return fallback;
    if (!given)
      return this.context.fail('builtin.missing', this.span, { name: this.name, usage: this.usage });
    return checkedInteger(this.context, given.value, given.span, least, `\`${name}\` of \`${this.name}\``);
  }

  number(name: string, index: number, fallback?: number): number {
    const given = this.argument(name, index);
    if (!given && fallback !== undefined) return fallback;
    if (given?.value.kind === 'number') return given.value.value;
    return this.context.fail('builtin.number', given?.span ?? this.span, {
      name: this.name,
      argument: name,
      found: given ? describe(given.value) : 'nothing',
    });
  }

  /** One integer for all axes, or a list with one for each. */
  integers(name: string, index: number, length: number, fallback: number, least = 0): number[] {
    const given = this.argument(name, index);
    if (!given) return Array.from({ length }, () => fallback);
    const items = given.value.kind === 'list' ? given.value.items : Array.from({ length }, () => given.value);
    if (items.length !== length) {
      this.context.fail('builtin.list', given.span, {
        name: this.name,
        argument: name,
        expected: length === 1 ? '1 entry, for its axis' : `${length} entries, one for each axis`,
        found: items.length,
      });
    }
    const what = `\`${name}\` of \`${this.name}\``;
    return items.map((item) => checkedInteger(this.context, item, given.span, least, what));
  }

  flag(name: string): boolean {
    const given = this.named.get(name);
    return given?.value.kind === 'boolean' && given.value.value;
  }

  axes(x: TensorValue, index: number): readonly AxisReference[] {
    const except = this.named.get('except');
    if (except) {
      const kept = resolveAxes(this.context, except.value, x, except.span);
      return (['batch', ...x.labels.keys()] as AxisReference[]).filter((axis) => !kept.includes(axis));
    }
    const given = this.argument('axis', index);
    if (!given) return [...x.labels.keys()];
    return resolveAxes(this.context, given.value, x, given.span);
  }

  axis(x: TensorValue, index: number, fallback?: number): number {
    const given = this.argument('axis', index);
    const value = given?.value ?? (fallback === undefined ? undefined : numberValue(fallback));
    const [axis] = value ? resolveAxes(this.context, value, x, given?.span ?? this.span) : [];
    if (typeof axis === 'number') return axis;
    return this.context.fail('builtin.axis', given?.span ?? this.span, { name: this.name });
  }
}

export interface Builtin {
  /** Its usage, for messages and for `nnc doc`. */
  readonly usage: string;
  /** Its named arguments. */
  readonly names?: readonly string[];
  /** A call with fewer positional arguments than this waits for a chain's value. */
  readonly needs: number;
  readonly run: (call: Call) => Value;
}

/** The named arguments of all reductions. */
export const axisNames = ['axis', 'except', 'keep'];
