// What a rule of habits sees of a text, and what it answers.
import type { IToken, TokenType } from 'chevrotain';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source, Span } from '../../diagnostics/source.ts';
import type { Places } from '../places.ts';

/** A place in the text: the tokens from `index` on, and what stands before. */
export interface Site {
  readonly source: Source;
  readonly list: readonly IToken[];
  readonly index: number;
  readonly token: IToken;
  /** The tokens before this one, as they were mended. */
  readonly before: readonly IToken[];
  readonly places: Places;
  /** The closing bracket of each opening one. */
  readonly partners: ReadonlyMap<IToken, number>;
  /** Words that stand somewhere without a dot behind them: they may name a value, whose parts are named with dots. */
  readonly alone: ReadonlySet<string>;
}

/** What was meant instead of some tokens. */
export interface Mending {
  /** How many tokens of the text it replaces; none, where something is missing before them. */
  readonly length: number;
  readonly tokens: readonly IToken[];
  /** Tokens that belong before the first one at an offset or behind it. */
  readonly later?: readonly { readonly offset: number; readonly token: IToken }[];
  readonly found: Diagnostic;
}

export type Rule = (site: Site) => Mending | undefined;

export const endOf = ({ startOffset, image, endOffset }: IToken): number =>
  endOffset === undefined ? startOffset + image.length : endOffset + 1;

/** The text from one token to another. */
export function spanOf({ source }: Site, first: IToken, last = first): Span {
  return { source, start: first.startOffset, end: endOf(last) };
}

export function textOf({ source, start, end }: Span): string {
  return source.text.slice(start, end);
}

/** A word or a few, for a message. */
export function quote(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return `\`${line.length > 60 ? `${line.slice(0, 60)}…` : line}\``;
}

/** A token for a range of the text, whatever stands there. */
export function made(type: TokenType, image: string, start: number, end = start): IToken {
  return {
    ...{ image, startOffset: start, endOffset: end - 1 },
    ...{ tokenType: type, tokenTypeIdx: type.tokenTypeIdx ?? 0 },
  };
}

/** A token that is missing in the text. */
export function missing(type: TokenType, at: number): IToken {
  return made(type, '', at);
}

/** Whether nothing stands between two tokens. */
export function touches(left: IToken | undefined, right: IToken | undefined): boolean {
  return left !== undefined && right !== undefined && endOf(left) === right.startOffset;
}

export function onOneLine({ source }: Site, left: IToken | undefined, right: IToken | undefined): boolean {
  if (!left || !right) return false;
  return !/[\r\n]/.test(source.text.slice(endOf(left), right.startOffset));
}

/** How far the line of an offset is indented. */
export function indentationAt(text: string, offset: number): number {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0].length ?? 0;
}

/** Whether a token is the first of its line. */
export function beginsLine(text: string, { startOffset }: IToken): boolean {
  return text.slice(text.lastIndexOf('\n', startOffset - 1) + 1, startOffset).trim() === '';
}
