// A model's items, its settings and arguments, with signs that other languages put there, or without those that this one wants.
import type { IToken, TokenType } from 'chevrotain';
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import { retype } from '../lex.ts';
import * as tokens from '../tokens.ts';
import {
  endOf,
  made,
  missing,
  onOneLine,
  quote,
  spanOf,
  textOf,
  touches,
  type Rule,
  type Site,
} from './site.ts';

/** Items of a word and an expression, with an example of each. */
const items: ReadonlyMap<TokenType, string> = new Map([
  [tokens.Loss, '`loss CrossEntropy`'],
  [tokens.Optimizer, '`optimizer Adam`'],
  [tokens.Schedule, '`schedule Cosine`'],
  [tokens.Clip, '`clip ByNorm(1)`'],
  [tokens.Data, '`data mnist`'],
  [tokens.Metrics, '`metrics accuracy`'],
  [tokens.Net, '`net { Linear(10) }`'],
  [tokens.Train, '`train { epochs = 5 }`'],
]);

/** The word of the item that ends right before this token. */
function itemBefore({ places, before }: Site): IToken | undefined {
  const last = before.at(-1);
  return places.place === 'model' && last && last === places.head ? last : undefined;
}

/** `loss = MSE`, `net: {` */
export const itemSign: Rule = (site) => {
  const item = itemBefore(site);
  const example = item && items.get(item.tokenType);
  if (!item || example === undefined) return undefined;
  const span = spanOf(site, site.token);
  const args = { found: quote(site.token.image), item: item.image, example };
  return {
    length: 1,
    tokens: [],
    found: diagnostic('habit.item', span, args, { edit: { span, replacement: '' } }),
  };
};

/** `input: [784]` */
export const namelessPort: Rule = (site) => {
  const item = itemBefore(site);
  if (item?.tokenType !== tokens.Input && item?.tokenType !== tokens.Target) return undefined;
  const span = spanOf(site, site.token);
  const name = item.tokenType === tokens.Input ? 'x' : 'y';
  const args = {
    found: quote(site.token.image),
    lacks: `stands where the name of the ${item.image} belongs`,
    example: `\`${item.image} ${name}: …\``,
  };
  const edit = { span: { ...span, end: span.start }, replacement: ` ${name}` };
  return {
    length: 0,
    tokens: [made(tokens.Identifier, name, span.start)],
    found: diagnostic('habit.port', span, args, { edit }),
  };
};

/** The name of an input or target that ends right before this token, at `back` tokens from it. */
function portBefore({ places, before }: Site, back: number): IToken | undefined {
  const port = before.at(-back - 1);
  const isPort = port?.tokenType === tokens.Input || port?.tokenType === tokens.Target;
  return places.place === 'model' && isPort && port === places.head ? port : undefined;
}

/** `input x [784]` */
export const portWithoutColon: Rule = (site) => {
  const port = portBefore(site, 1);
  const name = site.before.at(-1);
  if (!port || !name || !tokens.isName(name.tokenType)) return undefined;
  const span = spanOf(site, site.token);
  const args = {
    found: quote(site.token.image),
    lacks: `follows the name \`${name.image}\` without a colon`,
    example: `\`${port.image} ${name.image}: …\``,
  };
  const end = endOf(name);
  const edit = { span: { ...span, start: end, end }, replacement: ':' };
  return {
    length: 0,
    tokens: [missing(tokens.Colon, end)],
    found: diagnostic('habit.port', span, args, { edit }),
  };
};

/** `input x: 784`, `input x: (1, 28, 28)` */
export const portWithoutBrackets: Rule = (site) => {
  const { token, list, partners, before } = site;
  if (before.at(-1)?.tokenType !== tokens.Colon || !portBefore(site, 2)) return undefined;
  const closer = partners.get(token);
  const last =
    token.tokenType === tokens.NumberToken ? token : closer === undefined ? undefined : list[closer];
  if (!last) return undefined;
  const span = spanOf(site, token, last);
  const text = textOf(span);
  const inner = last === token ? text : text.slice(1, -1).replace(/,\s*$/, '');
  const replacement = `[${inner}]`;
  const found = diagnostic(
    'habit.brackets',
    span,
    {
      found: quote(text),
      what: 'the sizes of a shape',
      help: `A shape stands in brackets: \`${replacement}\`.`,
    },
    { edit: { span, replacement } },
  );
  if (last === token) {
    const bracketed = [
      missing(tokens.OpenBracket, span.start),
      token,
      missing(tokens.CloseBracket, span.end),
    ];
    return { length: 1, tokens: bracketed, found };
  }
  retype(last, tokens.CloseBracket);
  return { length: 1, tokens: [made(tokens.OpenBracket, '[', token.startOffset, endOf(token))], found };
};

/** `epochs: 5` among settings, `lr: 0.01` among arguments. */
export const settingColon: Rule = (site) => {
  const { token, places, before } = site;
  const name = before.at(-1);
  if (!name || !isWord(name)) return undefined;
  const inSettings = places.place === 'settings';
  if (!inSettings && !isArgumentName(site)) return undefined;
  const span = spanOf(site, token);
  const what = inSettings ? 'a setting' : 'an argument';
  const args = { what, found: '`:`', example: `\`${name.image} = …\`` };
  return {
    length: 1,
    tokens: [made(tokens.Equals, '=', token.startOffset, endOf(token))],
    found: diagnostic('habit.setting', span, args, { edit: { span, replacement: ' =' } }),
  };
};

/** Whether the word before stands where an argument's name does, in a call and not in a list of parameters. */
function isArgumentName({ places, before }: Site): boolean {
  const isFirst = [tokens.CallParenthesis, tokens.Comma].includes(before.at(-2)?.tokenType ?? tokens.Dot);
  if (places.opener?.tokenType !== tokens.CallParenthesis || !isFirst) return false;
  const { head, callee } = places;
  const declares =
    head?.tokenType.CATEGORIES?.includes(tokens.DefinitionKeyword) === true && places.outer === 'top';
  return !declares && callee?.tokenType !== tokens.Inverse && callee?.tokenType !== tokens.Overall;
}

function isWord({ tokenType }: IToken): boolean {
  return tokens.isName(tokenType) || tokens.reservedWords.includes(tokenType);
}

/** `epochs 5` */
export const settingWithoutSign: Rule = (site) => {
  const { places, before } = site;
  const name = before.at(-1);
  if (places.place !== 'settings' || !name || !isWord(name) || before.at(-2)?.tokenType === tokens.Equals)
    return undefined;
  const span = spanOf(site, name);
  const args = {
    what: 'the setting',
    found: `\`${name.image} ${site.token.image}\``,
    example: `\`${name.image} = ${site.token.image}\``,
  };
  const edit = { span: { ...span, start: span.end }, replacement: ' =' };
  return {
    length: 0,
    tokens: [missing(tokens.Equals, span.end)],
    found: diagnostic('habit.setting', span, args, { edit }),
  };
};

const listing = new Set<TokenType | undefined>([
  ...[
    tokens.Let,
    tokens.Const,
    tokens.Param,
    tokens.Buffer,
    tokens.State,
    tokens.Return,
    tokens.Assert,
    tokens.Metrics,
  ],
]);

/** A comma between settings, stages or items. */
export const surplusComma: Rule = (site) => {
  const { token, places } = site;
  const { place, head } = places;
  const needless =
    place === 'settings' || ((place === 'block' || place === 'model') && !listing.has(head?.tokenType));
  // Names in the braces of an import are a list.
  if (!needless || head?.tokenType === tokens.Import) return undefined;
  const span = spanOf(site, token);
  return {
    length: 1,
    tokens: [],
    found: diagnostic('habit.separator', span, { found: '`,`' }, { edit: { span, replacement: '' } }),
  };
};

/** `optimizer Adam, lr = 0.01`, `optimizer Adam lr = 0.01`: arguments without parentheses. */
export const looseArguments: Rule = (site) => {
  const { token, list, index, places, before } = site;
  const name = before.at(-1);
  if (places.place !== 'model' || !name || before.at(-2) !== places.head || !tokens.isName(name.tokenType))
    return undefined;
  const isItem = places.head !== undefined && items.has(places.head.tokenType);
  const comma = token.tokenType === tokens.Comma;
  const [word, sign] = comma ? [list[index + 1], list[index + 2]] : [token, list[index + 1]];
  if (!isItem || !word || !isWord(word) || sign?.tokenType !== tokens.Equals || !onOneLine(site, name, word))
    return undefined;
  const last = lastOfLine(site, word);
  const whole = spanOf(site, name, last);
  const shown = spanOf(site, name, word);
  const given = textOf({ ...whole, start: word.startOffset });
  const edit = { span: { ...whole, start: endOf(name) }, replacement: `(${given})` };
  return {
    length: comma ? 1 : 0,
    tokens: [missing(tokens.CallParenthesis, endOf(name))],
    later: [{ offset: whole.end, token: missing(tokens.CloseParenthesis, whole.end) }],
    found: diagnostic('habit.arguments', shown, { found: quote(textOf(shown)) }, { edit }),
  };
};

/** The last token on the line of `first` that does not close a bracket opened before. */
function lastOfLine(site: Site, first: IToken): IToken {
  const { list, partners } = site;
  let last = first;
  for (let at = list.indexOf(first, site.index) + 1; at < list.length; at++) {
    const token = list[at];
    if (!token || !onOneLine(site, last, token) || token.tokenType === tokens.CloseBrace) break;
    const closer = partners.get(token);
    at = closer ?? at;
    last = list[at] ?? token;
  }
  return last;
}

/** `Linear 10`, `optimizer Adam 0.01`: a number that no stage can be. */
export const looseNumber: Rule = (site) => {
  const { token, list, index, places, before } = site;
  const name = before.at(-1);
  // `repaet 2 {` is a misspelt word.
  if (list[index + 1]?.tokenType === tokens.OpenBrace) return undefined;
  if (name?.tokenType !== tokens.Identifier || touches(name, token) || !onOneLine(site, name, token))
    return undefined;
  const item = before.at(-2);
  const isStage = places.place === 'block' && name === places.head;
  const isItem =
    places.place === 'model' && item !== undefined && item === places.head && items.has(item.tokenType);
  if (!isStage && !isItem) return undefined;
  const span = spanOf(site, name, token);
  const edit = { span: { ...span, start: endOf(name) }, replacement: `(${token.image})` };
  return {
    length: 1,
    tokens: [missing(tokens.CallParenthesis, endOf(name)), token, missing(tokens.CloseParenthesis, span.end)],
    found: diagnostic('habit.arguments', span, { found: quote(textOf(span)) }, { edit }),
  };
};

/** `train(epochs = 5)`, `net [ … ]` */
export const otherBrackets: Rule = (site) => {
  const { token, list, partners } = site;
  const item = itemBefore(site);
  const closer = partners.get(token);
  const last = closer === undefined ? undefined : list[closer];
  if (!last || (item?.tokenType !== tokens.Train && item?.tokenType !== tokens.Net)) return undefined;
  const whole = spanOf(site, token, last);
  const replacement = ` { ${textOf(whole).slice(1, -1).trim()} }`;
  const what = item.tokenType === tokens.Train ? 'settings' : 'layers';
  const args = {
    found: quote(token.image),
    what,
    help: `They stand in braces: ${items.get(item.tokenType) ?? ''}.`,
  };
  retype(last, tokens.CloseBrace);
  return {
    length: 1,
    tokens: [made(tokens.OpenBrace, '{', token.startOffset, endOf(token))],
    found: diagnostic('habit.brackets', spanOf(site, token), args, { edit: { span: whole, replacement } }),
  };
};
