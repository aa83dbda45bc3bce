// A file's definitions, and the order of name lookup: its own, imported, the standard library's.
import type { Source, Span } from '../diagnostics/source.ts';
import type { Definition, DefinitionKind, Expression, Model, Program } from '../parser/ast.ts';

/** A file: its definitions, and those of others that are visible in it. */
export interface Module {
  readonly source: Source;
  readonly program: Program;
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly constants: ReadonlyMap<string, { readonly value: Expression; readonly span: Span }>;
  readonly models: readonly Model[];
  /** Imported names, with the module that defines each. */
  readonly imported: ReadonlyMap<string, Module>;
  /** Names whose error was reported already: their uses report nothing. */
  readonly reported: ReadonlySet<string>;
  /** Whether an import of all names failed: then an unknown name may have been meant to come from it. */
  readonly incomplete: boolean;
  /** The standard library; absent for the library itself. */
  readonly library?: Module;
}

/** The module that defines a name visible in this one: its own, then imported, then the library's. */
export function definingModule(module: Module, name: string): Module | undefined {
  if (module.definitions.has(name) || module.constants.has(name)) return module;
  return module.imported.get(name) ?? (module.library && definingModule(module.library, name));
}

/** All names visible in a module. */
export function visibleNames(module: Module): string[] {
  return [
    ...module.definitions.keys(),
    ...module.constants.keys(),
    ...module.imported.keys(),
    ...(module.library ? visibleNames(module.library) : []),
  ];
}

/** The names of the visible definitions of some kinds. */
export function visibleDefinitions(module: Module, kinds: readonly DefinitionKind[]): string[] {
  return visibleNames(module).filter((name) => {
    const kind = definingModule(module, name)?.definitions.get(name)?.kind;
    return kind !== undefined && kinds.includes(kind);
  });
}
