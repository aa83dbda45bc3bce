// Signs of other languages: operators, semicolons, comments and quotes.
import type { TokenType } from 'chevrotain';
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import * as tokens from '../tokens.ts';
import { endOf, made, quote, spanOf, type Mending, type Rule, type Site } from './site.ts';

interface Sign {
  readonly type: TokenType;
  readonly text: string;
  readonly meaning: string;
}

/** The type of an operator without a name of its own. */
function otherOperator(text: string): TokenType {
  const found = tokens.allTokens.find(({ PATTERN }) => PATTERN === text);
  if (!found) throw new Error(`no token is ${text}`);
  return found;
}

const chain: Sign = { type: tokens.Arrow, text: '->', meaning: 'A chain is' };
const power: Sign = { type: otherOperator('^'), text: '^', meaning: 'A power is' };
const product: Sign = { type: otherOperator('*'), text: '*', meaning: 'A product is' };
const minus: Sign = { type: tokens.Minus, text: '-', meaning: 'A difference is' };
const equals: Sign = { type: tokens.Equals, text: '=', meaning: 'What stands for a name is written behind' };

const signs: ReadonlyMap<string, Sign> = new Map<string, Sign>([
  ...(['|>', '=>', '>>', '→'] as const).map((sign) => [sign, chain] as const),
  ['**', power],
  [':=', equals],
  ['===', { type: otherOperator('=='), text: '==', meaning: 'A comparison is' }],
  ...(['!==', '<>', '≠'] as const).map(
    (sign) => [sign, { type: otherOperator('!='), text: '!=', meaning: 'A comparison is' }] as const,
  ),
  ['≤', { type: otherOperator('<='), text: '<=', meaning: 'A comparison is' }],
  ['≥', { type: otherOperator('>='), text: '>=', meaning: 'A comparison is' }],
  ['&&', { type: tokens.And, text: 'and', meaning: 'That two conditions hold is' }],
  ['||', { type: tokens.Or, text: 'or', meaning: 'That one of two conditions holds is' }],
  ['!', { type: tokens.Not, text: 'not ', meaning: 'That a condition does not hold is' }],
  ...(['×', '·', '⊙'] as const).map((sign) => [sign, product] as const),
  ['÷', { type: otherOperator('/'), text: '/', meaning: 'A quotient is' }],
  ...(['−', '–'] as const).map((sign) => [sign, minus] as const),
  ['←', { type: tokens.Update, text: '<-', meaning: 'An update is' }],
]);

/** `|>`, `**`, `&&` */
export const foreignOperator: Rule = (site) => {
  const { token, places } = site;
  const { image, startOffset } = token;
  const end = endOf(token);
  const definition = places.place === 'top' && image === '=>' ? equals : undefined;
  const sign = definition ?? signs.get(image);
  // `?` stands for a name, so that what it is taken for depends on its place.
  if (!sign) return image === '?' ? undefined : dropped(site);
  const span = spanOf(site, token);
  const written = sign.text.trim();
  const help = `${sign.meaning} \`${written}\`.`;
  return {
    length: 1,
    tokens: [made(sign.type, written, startOffset, end)],
    found: diagnostic(
      'habit.operator',
      span,
      { found: quote(image), help },
      { edit: { span, replacement: sign.text } },
    ),
  };
};

function dropped(site: Site): Mending {
  const span = spanOf(site, site.token);
  const found = `\`${site.token.image}\``;
  return { length: 1, tokens: [], found: diagnostic('syntax.character', span, { found }) };
}

/** `;` behind a statement; between the entries of a list, it is a comma. */
export const semicolon: Rule = (site) => {
  const { token, places } = site;
  const inList = places.place === 'brackets';
  const span = spanOf(site, token);
  const edit = { span, replacement: inList ? ',' : '' };
  return {
    length: 1,
    tokens: inList ? [made(tokens.Comma, ',', token.startOffset, endOf(token))] : [],
    found: diagnostic('habit.separator', span, { found: '`;`' }, { edit }),
  };
};

/** A block comment becomes lines of comments. */
export const foreignComment: Rule = (site) => {
  const { token, source } = site;
  const span = spanOf(site, token);
  const opening = token.image.startsWith('/*') ? '/*' : token.image.slice(0, 3);
  const closing = opening === '/*' ? '*/' : opening;
  const inner = token.image.slice(opening.length).replace(closing, '');
  const lines = inner
    .split(/\r?\n/)
    .map((line) => line.replace(/^\s*\*?\s?/, '').trimEnd())
    .filter((line) => line !== '');
  const rest = source.text.slice(span.end).split(/[\r\n]/, 1)[0] ?? '';
  const replacement = lines.map((line) => `// ${line}`).join('\n') + (rest.trim() === '' ? '' : '\n');
  return {
    length: 1,
    tokens: [],
    found: diagnostic('habit.comment', span, { found: quote(token.image) }, { edit: { span, replacement } }),
  };
};

/** Where a text is wanted and not a word: in `data`, behind `import`, `from` and `assert`, and for `einsum`. */
function wantsText({ before, places }: Site): boolean {
  const { head, opener } = places;
  if (places.place === 'settings') return false;
  if (head?.tokenType === tokens.Data && opener !== undefined && places.place === 'brackets') return true;
  if (head?.tokenType === tokens.Assert || head?.tokenType === tokens.Import) return true;
  return (
    [tokens.Import, tokens.From].includes(before.at(-1)?.tokenType ?? tokens.Dot) ||
    places.callee?.image === 'einsum'
  );
}

/** `'relu'` is the word `relu`, `'digits.csv'` the text `"digits.csv"`. */
export const singleQuotes: Rule = (site) => {
  const { token } = site;
  const { image, startOffset } = token;
  const inner = image.slice(1, -1);
  const span = spanOf(site, token);
  const isText = wantsText(site) || !/^[A-Za-z_]\w*$/.test(inner);
  const replacement = isText ? JSON.stringify(inner) : inner;
  const help = isText
    ? `A text stands in double quotes: \`${replacement}\`.`
    : 'A word stands without quotes.';
  return {
    length: 1,
    tokens: [made(isText ? tokens.StringToken : tokens.Identifier, replacement, startOffset, endOf(token))],
    found: diagnostic(
      'habit.quotes',
      span,
      { found: quote(image), quotes: 'single', help },
      { edit: { span, replacement } },
    ),
  };
};

const namingItems: readonly TokenType[] = [
  ...[tokens.Loss, tokens.Optimizer, tokens.Schedule, tokens.Clip, tokens.Metrics],
];

/** `loss "mse"`: an item names a definition. */
export const quotedName: Rule = (site) => {
  const { token, places, before } = site;
  const inner = token.image.slice(1, -1);
  const item = before.at(-1);
  if (places.place !== 'model' || item !== places.head || !item || !namingItems.includes(item.tokenType))
    return undefined;
  if (!/^[A-Za-z_]\w*$/.test(inner)) return undefined;
  const span = spanOf(site, token);
  const args = { found: quote(token.image), quotes: 'double', help: 'A word stands without quotes.' };
  return {
    length: 1,
    tokens: [made(tokens.Identifier, inner, token.startOffset, endOf(token))],
    found: diagnostic('habit.quotes', span, args, { edit: { span, replacement: inner } }),
  };
};
