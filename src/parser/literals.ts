// Literal values of number and string tokens. Reports errors that the lexer cannot detect.
import type { IToken } from 'chevrotain';
import { diagnostic } from '../diagnostics/diagnostic.ts';
import type { NumberLiteral, StringLiteral } from './ast.ts';
import { MalformedNumber, UnclosedString } from './tokens.ts';
import type { TreeContext } from './tree-context.ts';

const shown = 40;

export function readNumber(token: IToken, context: TreeContext): NumberLiteral {
  const span = context.tokenSpan(token);
  const integer = /^[0-9]+$/.test(token.image);
  const number = { kind: 'number', integer, span } as const;
  const found = abbreviate(token.image);
  if (token.tokenType === MalformedNumber) {
    const mended = mendNumber(token.image);
    const edit = mended !== undefined && { edit: { span, replacement: mended } };
    context.diagnostics.push(diagnostic('syntax.number', span, { found }, { ...edit }));
    return { ...number, value: 0 };
  }
  const value = Number(token.image);
  if (!Number.isFinite(value) || (integer && !Number.isSafeInteger(value)))
    context.diagnostics.push(diagnostic('syntax.number-size', span, { found }));
  return { ...number, value: Number.isFinite(value) ? value : 0 };
}

/** What was probably meant by `.5`, `1.`, `1_000`, `3x3` or `2x`. */
function mendNumber(image: string): string | undefined {
  if (/^\.[0-9]+$/.test(image)) return `0${image}`;
  if (/^[0-9]+\.$/.test(image)) return `${image}0`;
  if (/^[0-9][0-9_]*$/.test(image)) return image.replaceAll('_', '');
  if (/^[1-9][0-9]*(?:x[1-9][0-9]*)+$/.test(image)) return `[${image.replaceAll('x', ', ')}]`;
  const [, factor, name] = /^([0-9]+(?:\.[0-9]+)?)([A-Za-z_][A-Za-z0-9_]*)$/.exec(image) ?? [];
  if (factor === undefined || name === undefined) return undefined;
  const otherBase = factor === '0' && /^[xXbBoO]/.test(name);
  return otherBase || /^[eE]_*$/.test(name) ? undefined : `${factor} * ${name}`;
}

export function readString(token: IToken, context: TreeContext): StringLiteral {
  const span = context.tokenSpan(token);
  const closed = token.tokenType !== UnclosedString;
  if (!closed && token.image !== '') context.diagnostics.push(diagnostic('syntax.string', span, {}));
  const raw = token.image.slice(1, closed ? -1 : undefined);
  return { kind: 'string', value: raw.includes('\\') ? unescape(raw, token, context) : raw, span };
}

const plainEscapes = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['n', '\n'],
  ['t', '\t'],
]);

function unescape(raw: string, token: IToken, context: TreeContext): string {
  return raw.replace(/\\(u\{[^{}]*\}|[^])?/g, (escape: string, body: string | undefined, offset: number) => {
    const plain = plainEscapes.get(body ?? '');
    if (plain !== undefined) return plain;
    const code = /^u\{([0-9A-Fa-f]{1,6})\}$/.exec(body ?? '')?.[1];
    const point = code === undefined ? Number.NaN : Number.parseInt(code, 16);
    if (point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff)) return String.fromCodePoint(point);
    const start = token.startOffset + 1 + offset;
    const span = context.span(start, start + escape.length);
    // A string that ends in a backslash was reported as unclosed.
    if (body !== undefined)
      context.diagnostics.push(diagnostic('syntax.escape', span, { found: abbreviate(escape) }));
    return '';
  });
}

/** A word or number for a message, truncated if it is long. */
export function abbreviate(text: string): string {
  return text.length > shown ? `${text.slice(0, shown)}…` : text;
}
