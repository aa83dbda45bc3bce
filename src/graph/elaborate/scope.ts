// Names in force: a chain of scopes, innermost first, that ends in a file's module, its imports, and the standard library.
import type { Source, Span } from '../../diagnostics/source.ts';
import type { Definition, Expression, Model, Program } from '../../parser/ast.ts';
import type { Value } from './values.ts';

export interface Binding {
  readonly value: Value;
  readonly span: Span;
  /** The words that a parameter of type `one_of(…)` may be, so that `padding == same` reads as it should. */
  readonly options?: readonly string[];
}

export class Scope {
  private readonly bindings = new Map<string, Binding>();

  constructor(
    readonly module: Module,
    readonly parent?: Scope,
  ) {}

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

/** A file that was read: what it defines, and what it sees of others. */
export interface Module {
  readonly source: Source;
  readonly program: Program;
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly constants: ReadonlyMap<string, { readonly value: Expression; readonly span: Span }>;
  readonly models: readonly Model[];
  /** Names that imports bring in, with the module that defines them. */
  readonly imported: ReadonlyMap<string, Module>;
  /** The standard library; absent for the library itself. */
  readonly library?: Module;
}

/** The module that defines a name as this one sees it: its own, then imported, then the library's. */
export function definingModule(module: Module, name: string): Module | undefined {
  if (module.definitions.has(name) || module.constants.has(name)) return module;
  return module.imported.get(name) ?? (module.library && definingModule(module.library, name));
}

/** Every name that a module sees. */
export function visibleNames(module: Module): string[] {
  return [
    ...module.definitions.keys(),
    ...module.constants.keys(),
    ...module.imported.keys(),
    ...(module.library ? visibleNames(module.library) : []),
  ];
}
