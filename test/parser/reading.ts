// Short ways for the tests of the parser to read a text and to show what was read.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderDiagnostics } from '../../src/diagnostics/render.ts';
import type { Source } from '../../src/diagnostics/source.ts';
import type { Expression, Program } from '../../src/parser/ast.ts';
import { parse } from '../../src/parser/parse.ts';

export function sourceOf(text: string): Source {
  return { path: 'model.nn', text, library: false };
}

/** Parses a text that must be right. */
export function read(text: string): Program {
  const { program, diagnostics } = parse(sourceOf(text));
  if (diagnostics.length > 0) throw new Error(renderDiagnostics(diagnostics, { color: false }));
  return program;
}

/** What a user sees of a text that is wrong. */
export function complaints(text: string): string {
  return renderDiagnostics(parse(sourceOf(text)).diagnostics, { color: false });
}

/** An expression as nested brackets: `-x^2` is `(- (^ x 2))`. */
export function shape(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return String(expression.value);
    case 'string':
      return JSON.stringify(expression.value);
    case 'boolean':
      return String(expression.value);
    case 'none':
      return 'none';
    case 'name':
      return expression.text;
    case 'list':
      return `[${expression.items.map(shape).join(' ')}]`;
    case 'call': {
      const given = expression.arguments.map(
        ({ name, value }) => (name ? `${name.text}=` : '') + shape(value),
      );
      return `${shape(expression.callee)}(${given.join(' ')})`;
    }
    case 'unary':
      return `(${expression.operator} ${shape(expression.operand)})`;
    case 'binary':
      return `(${expression.operator} ${shape(expression.left)} ${shape(expression.right)})`;
    case 'transpose':
      return `(' ${shape(expression.operand)})`;
    case 'member':
      return `(. ${shape(expression.owner)} ${expression.name.text})`;
    case 'chain':
      return `(-> ${expression.stages.map(shape).join(' ')})`;
  }
}

/** The shape of an expression's text. */
export function shapeOf(text: string): string {
  const [declaration] = read(`const it = ${text}`).declarations;
  if (declaration?.kind !== 'const') throw new Error('not a constant');
  return shape(declaration.value);
}

const root = new URL('../../', import.meta.url);

/** Every `.nn` file of the project, by its path. */
export function projectFiles(...folders: string[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const folder of folders)
    for (const name of readdirSync(fileURLToPath(new URL(folder, root))).sort())
      if (name.endsWith('.nn'))
        files.set(`${folder}/${name}`, readFileSync(new URL(`${folder}/${name}`, root), 'utf8'));
  return files;
}
