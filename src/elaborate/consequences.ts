// Filters and sorts a run's diagnostics. One mistake often causes others: a word skipped by the parser's error recovery is then missing,
// and a shape mismatch makes every later shape wrong.
import type { DiagnosticCode } from '../diagnostics/codes.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { TokenType } from 'chevrotain';
import { lex } from '../parser/lex.ts';
import { CloseBrace, OpenBrace } from '../parser/tokens.ts';
import { positionAt, type Source, type Span } from '../diagnostics/source.ts';

const valueFamilies = new Set([
  'shape',
  'dimension',
  'assert',
  'split',
  'slice',
  'permute',
  'einsum',
  'residual',
]);
const valueCodes = new Set<DiagnosticCode>([
  ...([
    'type.mismatch',
    'axis.unknown',
    'axis.range',
    'loss.shape',
    'instance.shape',
    'value.tuple',
  ] as const),
  ...([
    'value.matrix',
    'window.size',
    'random.too-many',
    'window.parts',
    'scan.state',
    'scan.shape',
    'update.shape',
    'repeat.too-many',
  ] as const),
]);

/** Whether an error depends on the values of a call's arguments (sizes, for one), rather than on the text at its place. */
export function dependsOnValues(code: DiagnosticCode): boolean {
  return valueFamilies.has(code.split('.')[0] ?? '') || valueCodes.has(code);
}

/** Errors in single words, valid wherever else the text has mistakes. */
const wordFamilies = new Set(['name', 'argument', 'setting', 'import', 'syntax', 'habit', 'source']);
const wordCodes = new Set<DiagnosticCode>(['type.unknown', 'type.hyper', 'call.kind', 'override.unknown']);

/** Drops consequences of syntax errors, and sorts the rest in the order of the text. */
export function withoutConsequences(all: readonly Diagnostic[]): Diagnostic[] {
  const found = all.filter((each) => !isToldBetter(each, all));
  const syntax = found.filter(({ code }) => code.startsWith('syntax.'));
  const kept = found.filter((each) => {
    if (syntax.length === 0 || syntax.includes(each) || isHabit(each)) return true;
    const aboutWords = wordFamilies.has(each.code.split('.')[0] ?? '') || wordCodes.has(each.code);
    if (!aboutWords || each.code === 'argument.required') return false;
    return !syntax.some((error) => error.span && each.span && mayCause(error.span, each.span));
  });
  const first = [...syntax, ...found.filter(isHabit)];
  return inTextOrder(kept.filter((each) => isHabit(each) || !followsFromOther(each, first)));
}

/** The text was read as if a habit were mended, so that it has no consequences. */
const isHabit = ({ code }: Diagnostic) => code.startsWith('habit.');

/**
 * Whether another error says more of the same place: what a word in quotes, or one behind a dot, was found not to name; or whether the
 * place goes when another error is mended.
 */
function isToldBetter(each: Diagnostic, all: readonly Diagnostic[]): boolean {
  const { span } = each;
  if (!span) return false;
  const { source, start, end } = span;
  const text = source.text.slice(start, end);
  return all.some((other) => {
    if (other === each || other.span?.source !== source) return false;
    const samePlace = other.span.start === start && other.span.end === end;
    if (samePlace && each.code === 'syntax.character') return other.code !== 'syntax.character';
    if (samePlace && isHabit(each)) return !isHabit(other) && (other.edit !== undefined || !each.edit);
    if (samePlace && isHabit(other)) return each.edit === undefined;
    const { edit } = other;
    const goes = edit && edit.span.start < start && end < edit.span.end && !edit.replacement.includes(text);
    return goes === true && edit.span.source === source;
  });
}

/** With more closing braces than opening ones, everything after the first error is parsed at the wrong nesting level. */
function hasSurplusBrace(source: Source): boolean {
  const { tokens } = lex(source);
  const count = (type: TokenType) => tokens.filter((token) => token.tokenType === type).length;
  return count(CloseBrace) > count(OpenBrace);
}

/** Other errors on a line with a syntax error, or in a name on it, may be its consequences. */
function mayCause(error: Span, other: Span): boolean {
  if (error.source !== other.source) return false;
  const { text } = error.source;
  const line = lineOf(error);
  if (line === lineOf(other)) return true;
  const name = text.slice(other.start, other.end);
  return /^\w+$/.test(name) && new RegExp(`\\b${name}\\b`).test(text.split('\n')[line - 1] ?? '');
}

/** Later syntax errors on a line are consequences of its first. */
function followsFromOther(each: Diagnostic, syntax: readonly Diagnostic[]): boolean {
  const { span } = each;
  if (!span || !each.code.startsWith('syntax.')) return false;
  const first = syntax.find((other) => other.span?.source === span.source);
  if (each !== first && each.code === 'syntax.unexpected' && hasSurplusBrace(span.source)) return true;
  return syntax.some(
    (other) =>
      other.span?.source === span.source &&
      other.span.start < span.start &&
      lineOf(other.span) === lineOf(span),
  );
}

function lineOf(span: Span): number {
  return positionAt(span.source.text, span.start).line;
}

/** Sorted by position within a file; files, and errors without a place, keep their order. */
function inTextOrder(found: readonly Diagnostic[]): Diagnostic[] {
  const groups = new Map<Source | undefined, Diagnostic[]>();
  for (const each of found) {
    const group = groups.get(each.span?.source);
    if (group) group.push(each);
    else groups.set(each.span?.source, [each]);
  }
  return [...groups.values()].flatMap((group) =>
    group.sort((left, right) => (left.span?.start ?? 0) - (right.span?.start ?? 0)),
  );
}
