// Prints the syntax tree as indented text: one line per node, with its position; for `nnc compile --emit ast` and debugging.
import { positionAt, type Span } from '../diagnostics/source.ts';
import type { Program } from './ast.ts';

export function printAst(program: Program): string {
  return `${printFields('program', program, '')}\n`;
}

function printFields(label: string, node: object, indent: string): string {
  const lines: string[] = [];
  const details: string[] = [];
  let kind = '';
  let place = '';
  for (const [key, value] of Object.entries(node) as [string, unknown][]) {
    if (key === 'kind') kind = ` ${String(value)}`;
    else if (key === 'span') place = printPlace(value as Span);
    else if (value === null || typeof value !== 'object') {
      if (value !== undefined) details.push(`${key}=${JSON.stringify(value)}`);
    } else if (isName(value)) details.push(`${key}=${value.text}`);
    else if (Array.isArray(value)) {
      value.forEach((item: unknown, i) => {
        if (typeof item === 'object' && item !== null)
          lines.push(printFields(`${key}[${i}]`, item, `${indent}  `));
      });
    } else lines.push(printFields(key, value, `${indent}  `));
  }
  const head = `${indent}${label}:${kind}${details.map((detail) => ` ${detail}`).join('')}${place}`;
  return [head, ...lines].join('\n');
}

/** A Name: a text and a span, and nothing else. */
function isName(value: object): value is { readonly text: string } {
  return 'text' in value && 'span' in value && Object.keys(value).length === 2;
}

function printPlace(span: Span): string {
  const { line, column } = positionAt(span.source.text, span.start);
  return `  @${line}:${column}`;
}
