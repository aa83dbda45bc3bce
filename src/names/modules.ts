// Loads a file and its imports as modules, in which definitions are found by name. A name whose error is reported here is marked, so that
// its uses report nothing.
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source, Span } from '../diagnostics/source.ts';
import type { Declaration, Definition, Expression, Import, Model, Program } from '../parser/ast.ts';
import { parse } from '../parser/parse.ts';
import { enumerate } from '../diagnostics/enumerate.ts';
import { meantInstead } from './meant.ts';
import type { Module } from './module.ts';
import { findRecursion } from './recursion.ts';
import { checkDefinition } from './signatures.ts';

/** Returns the source that an import names, or the reason why it is unavailable. */
export type ImportReader = (path: string, from: Source) => Source | Diagnostic;

export const maximumImports = 256;
export const maximumImportDepth = 32;
/** Total of all imported files. */
export const maximumImportedCharacters = 64e6;

/** Loads a file with all of its imports. Errors are appended to `diagnostics`. */
export function loadModule(
  source: Source,
  read: ImportReader,
  library: Module | undefined,
  diagnostics: Diagnostic[],
): Module {
  return resolveNames(parseInto(source, diagnostics), read, library, diagnostics);
}

export interface ParsedSource {
  readonly source: Source;
  readonly program: Program;
}

function parseInto(source: Source, diagnostics: Diagnostic[]): ParsedSource {
  const { program, diagnostics: found } = parse(source);
  diagnostics.push(...found);
  return { source, program };
}

/** The same for a parsed file. */
export function resolveNames(
  parsed: ParsedSource,
  read: ImportReader,
  library: Module | undefined,
  diagnostics: Diagnostic[],
): Module {
  return new ModuleLoader(read, library, diagnostics).load(parsed, []);
}

/** Loads each file once, however often it is imported. */
class ModuleLoader {
  private readonly loaded = new Map<string, Module>();
  private characters = 0;

  constructor(
    private readonly read: ImportReader,
    private readonly library: Module | undefined,
    private readonly diagnostics: Diagnostic[],
  ) {}

  /** @param ancestors the chain of files that imported this one, from the first */
  load({ source, program }: ParsedSource, ancestors: readonly string[]): Module {
    const { diagnostics, library } = this;
    const imports: Imports = { imported: new Map(), missing: new Set(), incomplete: false };
    for (const statement of program.imports) {
      const before = diagnostics.length;
      const module = this.importedModule(statement, source, [...ancestors, source.path]);
      if (module) this.importNames(imports, statement, module);
      if (diagnostics.length > before) fail(imports, statement);
    }
    const module = assemble({ source, program }, imports, library, diagnostics);
    this.loaded.set(source.path, module);
    return module;
  }

  /** The imported module; undefined if an error was reported. */
  private importedModule({ path }: Import, from: Source, chain: readonly string[]): Module | undefined {
    const { diagnostics, loaded } = this;
    const { span } = path;
    const refuse = (limit: number, what: string): undefined => {
      diagnostics.push(diagnostic('import.limit', span, { limit, what }));
    };
    if (chain.length > maximumImportDepth) return refuse(maximumImportDepth, 'levels of files');
    if (loaded.size >= maximumImports) return refuse(maximumImports, 'files');
    const source = this.read(path.value, from);
    if ('code' in source) {
      diagnostics.push({ ...source, span });
      return undefined;
    }
    if (chain.includes(source.path)) {
      const cycle = [...chain.slice(chain.indexOf(source.path)), source.path].join(' → ');
      diagnostics.push(diagnostic('import.cycle', span, { cycle }));
      return undefined;
    }
    if (!loaded.has(source.path)) this.characters += source.text.length;
    if (this.characters > maximumImportedCharacters)
      return refuse(maximumImportedCharacters / 1e6, 'million characters');
    return loaded.get(source.path) ?? this.load(parseInto(source, diagnostics), chain);
  }

  /** The names that the statement lists, or all. */
  private importNames({ imported, missing }: Imports, statement: Import, module: Module): void {
    const known = [...module.definitions.keys(), ...module.constants.keys()];
    if (!statement.names) {
      for (const name of known) imported.set(name, module);
      return;
    }
    for (const name of statement.names) {
      if (known.includes(name.text)) imported.set(name.text, module);
      else {
        const otherwise = known.length > 0 ? `It defines ${enumerate(known, 'and')}.` : 'It defines nothing.';
        const { help, options } = meantInstead(name.text, name.span, known, otherwise);
        const args = { path: module.source.path, name: name.text, help };
        this.diagnostics.push(diagnostic('import.name', name.span, args, options));
        if (options.edit) missing.add(options.edit.replacement);
      }
    }
  }
}

/** The imports of a file. */
export interface Imports {
  /** The defining module of each name. */
  readonly imported: Map<string, Module>;
  /** Names whose import failed. */
  readonly missing: Set<string>;
  /** Whether an import of all names failed, so that any name may be missing. */
  incomplete: boolean;
}

/** Marks the names of a failed import, so that their uses report nothing. */
function fail(imports: Imports, statement: Import): void {
  if (!statement.names) imports.incomplete = true;
  for (const name of statement.names ?? []) {
    if (!imports.imported.has(name.text)) imports.missing.add(name.text);
  }
}

/** The module of a single program, for the library, whose files are merged first. */
export function assemble(
  { source, program }: ParsedSource,
  { imported, missing, incomplete }: Imports,
  library: Module | undefined,
  diagnostics: Diagnostic[],
): Module {
  const definitions = new Map<string, Definition>();
  const constants = new Map<string, { value: Expression; span: Span }>();
  const models: Model[] = [];
  const places = new Map<string, Span>();
  for (const declaration of program.declarations) {
    const { name } = declaration;
    const known = places.get(name.text);
    if (known) {
      const related = [{ span: known, message: 'first named here' }];
      diagnostics.push(diagnostic('name.twice', name.span, { name: name.text }, { related }));
      continue;
    }
    places.set(name.text, name.span);
    add(declaration);
  }
  for (const definition of definitions.values()) diagnostics.push(...checkDefinition(definition));
  const reported = new Set([...missing, ...findRecursion({ definitions, constants }, diagnostics)]);
  return {
    source,
    program,
    definitions,
    constants,
    models,
    imported,
    reported,
    incomplete,
    ...(library && { library }),
  };

  function add(declaration: Declaration): void {
    if (declaration.kind === 'model') models.push(declaration);
    else if (declaration.kind === 'const')
      constants.set(declaration.name.text, { value: declaration.value, span: declaration.span });
    else definitions.set(declaration.name.text, declaration);
  }
}
