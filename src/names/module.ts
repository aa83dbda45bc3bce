// A file's definitions, and the order in which names are looked up past it: its own, imported, the standard library's.
import type { Source, Span } from '../diagnostics/source.ts';
import type { Definition, DefinitionKind, Expression, Model, Program } from '../parser/ast.ts';

/** A file that was read: what it defines, and what it sees of others. */
export interface Module {
  readonly source: Source;
  readonly program: Program;
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly constants: ReadonlyMap<string, { readonly value: Expression; readonly span: Span }>;
  readonly models: readonly Model[];
  /** Names that imports bring in, with the module that defines them. */
  readonly imported: ReadonlyMap<string, Module>;
  /** Names whose error was reported already: every use of them is silent. */
  readonly reported: ReadonlySet<string>;
  /** Whether an import of everything failed: then a name that is not found may have been meant to come from there. */
  readonly incomplete: boolean;
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

/** The names of the definitions of some kinds that a module sees. */
export function visibleDefinitions(module: Module, kinds: readonly DefinitionKind[]): string[] {
  return visibleNames(module).filter((name) => {
    const kind = definingModule(module, name)?.definitions.get(name)?.kind;
    return kind !== undefined && kinds.includes(kind);
  });
}
