// Reads a file and what it imports into modules. Definitions are found by name; a definition that contains itself is an error
// here, so that elaboration ends.
import { diagnostic, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source, Span } from '../../diagnostics/source.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import type {
  Block,
  Declaration,
  Definition,
  Expression,
  Import,
  Model,
  Program,
  Statement,
} from '../../parser/ast.ts';
import { parse } from '../../parser/parse.ts';
import { editFor } from './call.ts';
import type { Module } from './module.ts';

/** Gives the source that an import names, or says why it cannot be had. */
export type ImportReader = (path: string, from: Source) => Source | Diagnostic;

export const maximumImports = 256;
export const maximumImportDepth = 32;

/** Loads a file with everything it imports. Errors are appended to `diagnostics`. */
export function loadModule(
  source: Source,
  read: ImportReader,
  library: Module | undefined,
  diagnostics: Diagnostic[],
): Module {
  const loaded = new Map<string, Module>();
  return load(source, []);

  function load(from: Source, ancestors: readonly string[]): Module {
    const { program, diagnostics: found } = parse(from);
    diagnostics.push(...found);
    const imported = new Map<string, Module>();
    for (const statement of program.imports) importInto(imported, statement, from, ancestors);
    const module = assemble(from, program, imported, library, diagnostics);
    loaded.set(from.path, module);
    checkRecursion(module, diagnostics);
    return module;
  }

  function importInto(
    imported: Map<string, Module>,
    statement: Import,
    from: Source,
    ancestors: readonly string[],
  ): void {
    const { span } = statement.path;
    const chain = [...ancestors, from.path];
    if (chain.length > maximumImportDepth) {
      diagnostics.push(
        diagnostic('import.limit', span, { limit: maximumImportDepth, what: 'levels of files' }),
      );
      return;
    }
    if (loaded.size >= maximumImports) {
      diagnostics.push(diagnostic('import.limit', span, { limit: maximumImports, what: 'files' }));
      return;
    }
    const source = read(statement.path.value, from);
    if ('code' in source) {
      diagnostics.push({ ...source, span });
      return;
    }
    if (chain.includes(source.path)) {
      const cycle = [...chain.slice(chain.indexOf(source.path)), source.path].join(' → ');
      diagnostics.push(diagnostic('import.cycle', span, { cycle }));
      return;
    }
    const module = loaded.get(source.path) ?? load(source, chain);
    const known = [...module.definitions.keys(), ...module.constants.keys()];
    if (!statement.names) {
      for (const name of known) imported.set(name, module);
      return;
    }
    for (const name of statement.names) {
      if (known.includes(name.text)) imported.set(name.text, module);
      else {
        const listed = known.join(', ') || 'nothing';
        const args = { path: source.path, name: name.text, known: listed };
        diagnostics.push(
          diagnostic('import.name', name.span, args, editFor(name.span, suggest(name.text, known))),
        );
      }
    }
  }
}

/** A module of one program, for the library: its files are joined first. */
export function assemble(
  source: Source,
  program: Program,
  imported: ReadonlyMap<string, Module>,
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
  return { source, program, definitions, constants, models, imported, ...(library && { library }) };

  function add(declaration: Declaration): void {
    if (declaration.kind === 'model') models.push(declaration);
    else if (declaration.kind === 'const')
      constants.set(declaration.name.text, { value: declaration.value, span: declaration.span });
    else definitions.set(declaration.name.text, declaration);
  }
}

/** Reports each definition or constant that contains itself, by way of the definitions of its own file. */
function checkRecursion(module: Module, diagnostics: Diagnostic[]): void {
  const finished = new Set<string>();
  const reported = new Set<string>();
  for (const start of [...module.definitions.keys(), ...module.constants.keys()]) visit(start, []);

  function visit(name: string, stack: readonly string[]): void {
    if (stack.includes(name)) {
      const cycle = [...stack.slice(stack.indexOf(name)), name];
      const span = module.definitions.get(name)?.name.span ?? module.constants.get(name)?.span;
      if (span && !cycle.some((member) => reported.has(member))) {
        diagnostics.push(diagnostic('name.recursion', span, { name, cycle: cycle.join(' → ') }));
      }
      for (const member of cycle) reported.add(member);
      return;
    }
    if (finished.has(name)) return;
    for (const used of namesUsed(module, name)) {
      if (module.definitions.has(used) || module.constants.has(used)) visit(used, [...stack, name]);
    }
    finished.add(name);
  }
}

function namesUsed(module: Module, name: string): Set<string> {
  const names = new Set<string>();
  const definition = module.definitions.get(name);
  const constant = module.constants.get(name);
  if (constant) collectNames(constant.value, names, new Set());
  if (!definition) return names;
  const own = new Set(
    [...definition.hyperParameters, ...definition.inputs].map((parameter) => parameter.name.text),
  );
  for (const parameter of definition.hyperParameters)
    if (parameter.default) collectNames(parameter.default, names, new Set());
  collectBlock(definition.body, names, own);
  if (definition.inverse) collectBlock(definition.inverse.body, names, own);
  return names;
}

function collectBlock(block: Block, names: Set<string>, own: Set<string>): void {
  for (const statement of block.statements) collectStatement(statement, names, own);
}

function collectStatement(statement: Statement, names: Set<string>, own: Set<string>): void {
  switch (statement.kind) {
    case 'let':
      for (const binding of statement.bindings) {
        collectNames(binding.value, names, own);
        for (const name of binding.names) own.add(name.text);
      }
      return;
    case 'declare':
      for (const entry of statement.entries) {
        collectNames(entry.initial, names, own);
        own.add(entry.name.text);
      }
      return;
    case 'if':
      collectNames(statement.condition, names, own);
      collectBlock(statement.then, names, own);
      if (statement.otherwise) collectBlock(statement.otherwise, names, own);
      return;
    case 'return':
      for (const value of statement.values) collectNames(value, names, own);
      return;
    case 'assert':
      collectNames(statement.condition, names, own);
      return;
    case 'repeat':
      collectNames(statement.count, names, own);
      collectBlock(statement.body, names, own);
      return;
    case 'residual':
      collectBlock(statement.body, names, own);
      return;
    case 'parallel':
      collectNames(statement.join, names, own);
      for (const branch of statement.branches) collectBlock(branch, names, own);
      return;
    case 'update':
    case 'expression':
      collectNames(statement.value, names, own);
  }
}

function collectNames(expression: Expression, names: Set<string>, own: ReadonlySet<string>): void {
  const visit = (inner: Expression) => collectNames(inner, names, own);
  switch (expression.kind) {
    case 'name':
      if (!own.has(expression.text)) names.add(expression.text);
      return;
    case 'list':
      expression.items.forEach(visit);
      return;
    case 'call':
      visit(expression.callee);
      for (const argument of expression.arguments) visit(argument.value);
      return;
    case 'unary':
    case 'transpose':
      visit(expression.operand);
      return;
    case 'binary': {
      let spine: Expression = expression;
      while (spine.kind === 'binary') {
        visit(spine.right);
        spine = spine.left;
      }
      visit(spine);
      return;
    }
    case 'chain':
      expression.stages.forEach(visit);
      return;
    case 'number':
    case 'string':
    case 'boolean':
    case 'none':
  }
}
