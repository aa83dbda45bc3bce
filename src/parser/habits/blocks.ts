// Statements of other languages: blocks by indentation, imports of modules, classes, loops, and constants without their word.
import type { IToken, TokenType } from 'chevrotain';
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import * as tokens from '../tokens.ts';
import {
  beginsLine,
  endOf,
  indentationAt,
  made,
  missing,
  onOneLine,
  quote,
  spanOf,
  textOf,
  type Mending,
  type Rule,
  type Site,
} from './site.ts';

/** Words before a `:` that is one of a type. */
const typed = new Set<TokenType | undefined>([
  ...[tokens.Input, tokens.Target, tokens.Param, tokens.Buffer, tokens.State, tokens.Const],
]);

/** Blocks by indentation may nest this deep. */
const deepest = 40;

/** `repeat 3:` and what is indented below, or follows on its line. */
export const indentedBlock: Rule = (site) => {
  const { token, list, index, places, source } = site;
  const { head, place } = places;
  const next = list[index + 1];
  const isOpen = place === 'top' || place === 'model' || place === 'block';
  if (!isOpen || !head || !next || typed.has(head.tokenType) || places.depth > deepest) return undefined;
  const own = indentationAt(source.text, head.startOffset);
  const oneLine = onOneLine(site, token, next);
  if (oneLine && !opensBlock(head, place === 'top')) return undefined;
  if (!oneLine && indentationAt(source.text, next.startOffset) <= own) return undefined;
  const last = oneLine ? lastOnLine(site, index + 1) : lastIndented(site, index + 1, own);
  if (!last) return undefined;
  const span = spanOf(site, token);
  const whole = spanOf(site, token, last);
  const inner = textOf(whole).slice(1);
  const replacement = oneLine ? ` {${inner} }` : ` {${inner}\n${' '.repeat(own)}}`;
  return {
    length: 1,
    tokens: [made(tokens.OpenBrace, '{', token.startOffset, endOf(token))],
    later: [{ offset: whole.end, token: missing(tokens.CloseBrace, whole.end) }],
    found: diagnostic('habit.block', span, { found: '`:`' }, { edit: { span: whole, replacement } }),
  };
};

/** What begins a block here or elsewhere. */
function opensBlock({ tokenType, image }: IToken, declares: boolean): boolean {
  const own = [tokens.If, tokens.Else, tokens.Repeat, tokens.Residual, tokens.Parallel, tokens.Scan];
  if (own.includes(tokenType)) return true;
  if (declares && tokenType.CATEGORIES?.includes(tokens.DefinitionKeyword)) return true;
  return ['def', 'fn', 'fun', 'func', 'elif', 'for', 'while'].includes(image);
}

function lastOnLine({ list, ...site }: Site, from: number): IToken | undefined {
  let last = list[from];
  for (let at = from + 1; at < list.length && onOneLine({ list, ...site }, last, list[at]); at++) {
    if (list[at]?.tokenType === tokens.CloseBrace) break;
    last = list[at];
  }
  return last;
}

/** The last token of the lines that are indented further than `own`. */
function lastIndented({ list, source, partners }: Site, from: number, own: number): IToken | undefined {
  let last: IToken | undefined;
  for (let at = from; at < list.length; at++) {
    const token = list[at];
    if (!token) break;
    const begins = beginsLine(source.text, token);
    if (begins && indentationAt(source.text, token.startOffset) <= own) break;
    if (token.tokenType === tokens.CloseBrace) break;
    const closer = partners.get(token);
    at = closer ?? at;
    last = list[at] ?? token;
  }
  return last;
}

/** The tokens up to the end of what this line begins: the line itself, or the block below it. */
function restOf(site: Site): { readonly length: number; readonly last: IToken; readonly head: IToken } {
  const { list, index, token, partners, source } = site;
  let at = index;
  let last = token;
  while (at + 1 < list.length && onOneLine(site, last, list[at + 1])) {
    at += 1;
    const next = list[at] ?? last;
    at = partners.get(next) ?? at;
    last = list[at] ?? next;
  }
  const head = last;
  if (last.tokenType === tokens.Colon) {
    last = lastIndented(site, at + 1, indentationAt(source.text, token.startOffset)) ?? last;
    while (at + 1 < list.length && (list[at]?.startOffset ?? 0) < last.startOffset) at += 1;
  }
  return { length: at - index + 1, last, head };
}

function statement(site: Site, help: string, edit: string | undefined): Mending {
  const { length, last, head } = restOf(site);
  const whole = spanOf(site, site.token, last);
  const span = spanOf(site, site.token, head);
  const found = quote(textOf(span).replace(/[:{]\s*$/, ''));
  const options = edit === undefined ? {} : { edit: { span: whole, replacement: edit } };
  return { length, tokens: [], found: diagnostic('habit.statement', span, { found, help }, options) };
}

/** `import torch`, `from torch import nn` */
export const foreignImport: Rule = (site) => {
  const { token, list, index, places } = site;
  const next = list[index + 1];
  if (places.place !== 'top' || !places.begins || !next || !tokens.isName(next.tokenType)) return undefined;
  if (!onOneLine(site, token, next)) return undefined;
  if (token.tokenType === tokens.From && !lineText(site).includes('import')) return undefined;
  return statement(
    site,
    'The standard library needs no import, and no file is imported but one of this language.',
    '',
  );
};

function lineText({ source, token }: Site): string {
  return source.text.slice(token.startOffset).split(/[\r\n]/, 1)[0] ?? '';
}

const skeleton = 'model Net { input x: [4]  target y: [1]  net { Linear(1) }  loss MSE  optimizer Adam }';

/** `class Net(nn.Module):` with all that belongs to it. */
export const foreignClass: Rule = (site) => {
  const { token, list, index, places } = site;
  const next = list[index + 1];
  if (places.place !== 'top' || !places.begins || !next || !tokens.isName(next.tokenType)) return undefined;
  if (token.image !== 'class') return undefined;
  return statement(
    site,
    `A network is a model, without a class and its methods: \`${skeleton}\`.`,
    undefined,
  );
};

/** `for i in range(3) {`, `for (let i = 0; i < 3; i++) {` */
export const loop: Rule = (site) => {
  const { token, list, index, source } = site;
  if (token.image !== 'for' || !site.places.begins) return undefined;
  const text = lineText(site);
  const [whole, counter = '', count = ''] =
    /^for\s+(\w+)\s+in\s+range\s*\(\s*(?:0\s*,\s*)?([\w ]+?)\s*\)/.exec(text) ??
    /^for\s+(\w+)\s+in\s+(?:1|0)\s*:\s*(\w+)/.exec(text) ??
    /^for\s*\(\s*(?:let|var|int|const)?\s*(\w+)\s*=\s*0\s*;\s*\1\s*<\s*(\w+)\s*;\s*(?:\1\s*\+\+|\+\+\s*\1|\1\s*\+=\s*1)\s*\)/.exec(
      text,
    ) ??
    [];
  if (whole === undefined) return undefined;
  const end = token.startOffset + whole.length;
  const next = list.findIndex(({ startOffset }, at) => at > index && startOffset >= end);
  const span = { source, start: token.startOffset, end };
  const replacement = `repeat ${count} as ${counter}`;
  const args = { found: quote(whole), example: `\`${replacement} { … }\`` };
  return {
    length: (next < 0 ? list.length : next) - index,
    tokens: [
      made(tokens.Repeat, 'repeat', span.start),
      made(/^\d+$/.test(count) ? tokens.NumberToken : tokens.Identifier, count, span.start),
      made(tokens.As, 'as', span.start),
      made(tokens.Identifier, counter, span.start, span.end),
    ],
    found: diagnostic('habit.loop', span, args, { edit: { span, replacement } }),
  };
};

/** `while x > 0:`, `with torch.no_grad():`: statements that end in what opens a block. */
export const controlFlow: Rule = (site) => {
  const { token, places } = site;
  if (!['while', 'with', 'try', 'async', 'switch'].includes(token.image) || !places.begins) return undefined;
  if (!/:\s*(?:\/\/.*)?$/.test(lineText(site))) return undefined;
  return statement(site, 'There is no control flow while a model runs: see `repeat`, `if` and `scan`.', '');
};

/** `elif`, where a block was closed before. */
export const elseIf: Rule = (site) => {
  const { token, before } = site;
  if (!['elif', 'elseif', 'elsif'].includes(token.image) || before.at(-1)?.tokenType !== tokens.CloseBrace)
    return undefined;
  const span = spanOf(site, token);
  const edit = { span, replacement: 'else if' };
  return {
    length: 1,
    tokens: [missing(tokens.Else, span.start), made(tokens.If, 'if', span.start, span.end)],
    found: diagnostic('syntax.keyword', span, { found: quote(token.image), meant: 'else if' }, { edit }),
  };
};

/** `width = 32` and `let width = 32` in front of a model. */
export const constant: Rule = (site) => {
  const { token, list, index, places, before } = site;
  const isLet = token.tokenType === tokens.Let;
  const [name, sign] = isLet ? [list[index + 1], list[index + 2]] : [token, list[index + 1]];
  if (places.place !== 'top' || !places.begins || !name || sign?.tokenType !== tokens.Equals)
    return undefined;
  if (!tokens.isName(name.tokenType) || (!isLet && token.tokenType !== tokens.Identifier)) return undefined;
  // Behind a word on its line, that word is misspelt.
  const last = before.at(-1);
  if (last?.tokenType === tokens.Identifier && onOneLine(site, last, token)) return undefined;
  const span = spanOf(site, token);
  const edit = isLet
    ? { span, replacement: 'const' }
    : { span: { ...span, end: span.start }, replacement: 'const ' };
  const args = { found: quote(token.image), example: `\`const ${name.image} = …\`` };
  return {
    length: 1,
    tokens: isLet
      ? [made(tokens.Const, 'const', span.start, span.end)]
      : [missing(tokens.Const, span.start), token],
    found: diagnostic('habit.constant', span, args, { edit }),
  };
};
