// Reports recursive definitions of a file: elaboration unrolls every call, and would not terminate.
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Span } from '../diagnostics/source.ts';
import type { Block, Expression, Statement } from '../parser/ast.ts';
import type { Module } from './module.ts';

type Definitions = Pick<Module, 'definitions' | 'constants'>;

/** A use of a definition in another. */
interface Use {
  readonly name: string;
  readonly used: string;
  readonly span: Span;
}

/** A definition on the search stack: its uses that were not followed yet. */
interface Search {
  readonly name: string;
  readonly rest: Iterator<readonly [string, Span]>;
}

/** Reports each definition or constant that refers to itself through definitions of its file, and returns the names of all. */
export function findRecursion(module: Definitions, diagnostics: Diagnostic[]): Set<string> {
  const finished = new Set<string>();
  const reported = new Set<string>();
  for (const start of [...module.definitions.keys(), ...module.constants.keys()])
    if (!finished.has(start)) search(start);
  return reported;

  // Depth-first with an explicit stack: a chain of definitions may exceed the call stack.
  function search(start: string): void {
    const path: Search[] = [];
    const uses: Use[] = [];
    const places = new Map<string, number>();
    const enter = (name: string) => {
      places.set(name, path.length);
      path.push({ name, rest: namesUsed(module, name).entries() });
    };
    enter(start);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const { name, rest } = top;
      const next = rest.next();
      if (next.done) {
        finished.add(name);
        places.delete(name);
        path.pop();
        uses.pop();
        continue;
      }
      const [used, span] = next.value;
      if (!module.definitions.has(used) && !module.constants.has(used)) continue;
      const use = { name, used, span };
      const first = places.get(used);
      if (first !== undefined) found([...uses.slice(first), use]);
      else if (!finished.has(used)) {
        uses.push(use);
        enter(used);
      }
    }
  }

  function found(cycle: readonly Use[]): void {
    if (!cycle.some((use) => reported.has(use.name))) report(cycle);
    for (const use of cycle) reported.add(use.name);
  }

  function report(cycle: readonly Use[]): void {
    const [start] = cycle;
    const name = start?.name ?? '';
    const constant = module.constants.get(name);
    const span = module.definitions.get(name)?.name.span ?? constant?.span;
    const names = [...cycle.map((use) => use.name), name].join(' → ');
    const way = cycle.length === 1 ? '' : `, by way of ${names}`;
    const related = cycle.map((use) => ({
      span: use.span,
      message: `\`${use.name}\` uses \`${use.used}\` here`,
    }));
    const help = constant
      ? 'Give one of them a value.'
      : 'A model is unrolled when it is compiled: what is repeated is written with `repeat`.';
    diagnostics.push(diagnostic('name.recursion', span, { name, way, help }, { related }));
  }
}

function namesUsed(module: Definitions, name: string): Map<string, Span> {
  const names = new Map<string, Span>();
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
  if (definition.overall)
    collectBlock(
      definition.overall.body,
      names,
      new Set([...own, ...definition.overall.inputs.map(({ name }) => name.text)]),
    );
  return names;
}

function collectBlock(block: Block, names: Map<string, Span>, own: Set<string>): void {
  for (const statement of block.statements) collectStatement(statement, names, own);
}

function collectStatement(statement: Statement, names: Map<string, Span>, own: Set<string>): void {
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
    case 'scan':
      collectNames(statement.input, names, own);
      own.add(statement.name.text);
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

/** The names in an expression, each with the place of its first occurrence. */
export function namesIn(expression: Expression): Map<string, Span> {
  const names = new Map<string, Span>();
  collectNames(expression, names, new Set());
  return names;
}

function collectNames(expression: Expression, names: Map<string, Span>, own: ReadonlySet<string>): void {
  const visit = (inner: Expression) => collectNames(inner, names, own);
  switch (expression.kind) {
    case 'name':
      if (!own.has(expression.text) && !names.has(expression.text))
        names.set(expression.text, expression.span);
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
    case 'member':
      visit(expression.owner);
      return;
    case 'chain':
      expression.stages.forEach(visit);
      return;
    case 'number':
    case 'string':
    case 'boolean':
    case 'none':
  }
}
