// Scopes: the chain of names visible, innermost first, within a module.
import type { Span } from '../diagnostics/source.ts';
import type { Module } from '../names/module.ts';
import type { Value } from './values/values.ts';

export interface Binding {
  readonly value: Value;
  readonly span: Span;
  /** The words allowed for a parameter of type `one_of(…)`, so that `padding == same` compares with a word. */
  readonly options?: readonly string[];
}

export class Scope {
  private readonly bindings = new Map<string, Binding>();

  constructor(
    readonly module: Module,
    readonly parent?: Scope,
    private readonly carried?: Map<string, Value>,
  ) {}

  /** The states of the enclosing scan, as the last position left them. */
  get states(): Map<string, Value> | undefined {
    return this.carried ?? this.parent?.states;
  }

  /** The binding in this scope alone. */
  own(name: string): Binding | undefined {
    return this.bindings.get(name);
  }

  find(name: string): Binding | undefined {
    return this.bindings.get(name) ?? this.parent?.find(name);
  }

  bind(name: string, binding: Binding): void {
    this.bindings.set(name, binding);
  }

  /** Replaces the nearest binding of the name. */
  rebind(name: string, value: Value): void {
    const known = this.bindings.get(name);
    if (known) this.bindings.set(name, { ...known, value });
    else this.parent?.rebind(name, value);
  }

  names(): string[] {
    return [...this.bindings.keys(), ...(this.parent?.names() ?? [])];
  }
}
