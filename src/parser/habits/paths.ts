// Names with dots: modules, methods and properties of other languages, and files without quotes.
import type { IToken } from 'chevrotain';
import { diagnostic, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { foreignModules, foreignName } from '../../diagnostics/foreign-names.ts';
import type { Span } from '../../diagnostics/source.ts';
import * as tokens from '../tokens.ts';
import { endOf, made, quote, spanOf, textOf, touches, type Mending, type Rule, type Site } from './site.ts';

interface Path {
  readonly names: readonly IToken[];
  /** How many tokens it has, the dots among them. */
  readonly length: number;
  readonly span: Span;
  readonly last: IToken;
}

function pathAt(site: Site): Path | undefined {
  const { list, index, token } = site;
  const names = [token];
  let last = token;
  for (let at = index + 1; ; at += 2) {
    const [dot, name] = [list[at], list[at + 1]];
    const goes = dot?.tokenType === tokens.Dot && touches(last, dot) && touches(dot, name);
    if (!goes || !name || !/^[A-Za-z_]/.test(name.image)) break;
    names.push(name);
    last = name;
  }
  if (names.length === 1) return undefined;
  return { names, length: 2 * names.length - 1, span: spanOf(site, token, last), last };
}

/** What trains or shows a model elsewhere, and the command that does it here. */
const imperatives: ReadonlyMap<string, string> = new Map([
  ['fit', 'A file describes a model; `nnc train` trains it.'],
  ['train', 'A file describes a model; `nnc train` trains it.'],
  ['step', 'A file describes a model; `nnc train` trains it.'],
  ['backward', 'The backward pass is derived by the compiler; `nnc train` runs it.'],
  ['zero_grad', 'The backward pass is derived by the compiler; `nnc train` runs it.'],
  ['compile', 'What a model is trained with stands in it: `loss MSE`, `optimizer Adam`, `metrics r2`.'],
  ['evaluate', 'A file describes a model; `nnc eval` evaluates it.'],
  ['eval', 'A file describes a model; `nnc eval` evaluates it.'],
  ['predict', 'A file describes a model; `nnc predict` takes examples.'],
  ['summary', 'A file describes a model; `nnc summary` shows its layers.'],
  ['save', 'A run keeps its weights by itself; `nnc export` writes them for others.'],
  ['cuda', 'Where a model runs is chosen when it does: `nnc train --mode webgpu`.'],
  ['to', 'Where a model runs is chosen when it does: `nnc train --mode webgpu`.'],
]);

export const path: Rule = (site) => {
  const found = pathAt(site);
  if (!found) return undefined;
  return asFile(site) ?? asStatement(site, found) ?? asModule(site, found) ?? asMember(site, found);
};

/** `csv(digits.csv)`: everything up to the next space, comma or bracket. */
function asFile(site: Site): Mending | undefined {
  const { places, list, index, token } = site;
  const { head, place } = places;
  if (place !== 'brackets' || places.outer !== 'model' || head?.tokenType !== tokens.Data) return undefined;
  const ends = [tokens.Comma, tokens.CloseParenthesis, tokens.CloseBracket];
  let length = 1;
  let last = token;
  for (let next = list[index + 1]; next && touches(last, next) && !ends.includes(next.tokenType);) {
    last = next;
    length += 1;
    next = list[index + length];
  }
  const span = spanOf(site, token, last);
  const replacement = JSON.stringify(textOf(span));
  const help = `The name of a file is a text: \`${replacement}\`.`;
  return {
    length,
    tokens: [made(tokens.StringToken, replacement, span.start, span.end)],
    found: named(span, help, replacement),
  };
}

/** `model.fit(…)` where a statement or a declaration begins. */
function asStatement(site: Site, { last, length, span }: Path): Mending | undefined {
  const { places, list, index, partners } = site;
  const help = imperatives.get(last.image);
  const opener = list[index + length];
  const closer = opener && partners.get(opener);
  const [first = ''] = textOf(span).split('.');
  const objects = ['model', 'net', 'network', 'loss', 'optimizer', 'self', 'trainer', 'history'];
  if (help === undefined || closer === undefined || !places.begins || !objects.includes(first))
    return undefined;
  const whole = { ...span, end: endOf(list[closer] ?? last) };
  return {
    length: closer - index + 1,
    tokens: [],
    found: diagnostic(
      'habit.statement',
      whole,
      { found: quote(textOf(whole)), help },
      { edit: { span: whole, replacement: '' } },
    ),
  };
}

/** `nn.Linear`, `self.fc` */
function asModule({ alone }: Site, { names, length, span, last }: Path): Mending | undefined {
  const [first] = names;
  if (!first || !foreignModules.has(first.image) || alone.has(first.image)) return undefined;
  return {
    length,
    tokens: [made(tokens.Identifier, last.image, span.start, span.end)],
    found: named(
      span,
      `A name stands without the module or the object it belongs to: \`${last.image}\`.`,
      last.image,
    ),
  };
}

function named(span: Span, help: string, replacement: string): Diagnostic {
  return diagnostic(
    'habit.path',
    span,
    { found: quote(textOf(span)), help },
    { edit: { span, replacement } },
  );
}

/** Functions that methods of other frameworks stand for. */
const functions = [
  'reshape',
  'permute',
  'stop_gradient',
  'concat',
  'mean',
  'sum',
  'max',
  'min',
  'cumulative_sum',
  'reverse',
];

/** `x.mean(axis = 0)`, `x.shape[1]`: what is called is no tensor of a layer, and neither is what has an index. */
function asMember(site: Site, { names, last, length, span }: Path): Mending | undefined {
  const { list, index } = site;
  const [value = last] = names;
  const next = list[index + length];
  const end = names.length === 2 ? endOf(value) : endOf(names.at(-2) ?? value);
  const subject = textOf({ ...span, end });
  const object = made(tokens.Identifier, subject, span.start, span.start + subject.length);
  if (next?.tokenType === tokens.CallParenthesis)
    return asMethod(site, { object, last, length, opener: next, span });
  return last.image === 'shape' && next?.tokenType === tokens.OpenBracket
    ? asShape(site, object, { length, span })
    : undefined;
}

function member(span: Span, length: number, meant: readonly IToken[], replacement: string): Mending {
  const args = { found: quote(textOf(span)), example: `\`${replacement}\`` };
  return {
    length,
    tokens: meant,
    found: diagnostic('habit.method', span, args, { edit: { span, replacement } }),
  };
}

interface Method {
  readonly object: IToken;
  readonly last: IToken;
  readonly length: number;
  readonly opener: IToken;
  readonly span: Span;
}

function asMethod(site: Site, { object, last, length, opener, span }: Method): Mending {
  const { list, index, partners } = site;
  const closer = partners.get(opener);
  const { image } = last;
  const name = foreignName(image, functions) ?? image;
  const inner = closer === undefined ? '' : site.source.text.slice(endOf(opener), list[closer]?.startOffset);
  const end = list[closer ?? 0];
  if (closer !== undefined && end && name === 'reshape' && /^(?:[^,]*,)?\s*-\s*1\s*$/.test(inner)) {
    const whole = spanOf(site, object, end);
    const call = [
      made(tokens.CallParenthesis, '(', span.end),
      object,
      made(tokens.CloseParenthesis, ')', whole.end),
    ];
    const flat = [made(tokens.Identifier, 'flatten', span.start, span.end), ...call];
    return located(member(whole, closer - index + 1, flat, `flatten(${object.image})`), span);
  }
  const more = list[index + length + 1]?.tokenType !== tokens.CloseParenthesis;
  const start = { ...span, end: endOf(opener) };
  const meant = [
    made(tokens.Identifier, name, span.start, span.end),
    opener,
    object,
    ...(more ? [made(tokens.Comma, ',', endOf(opener))] : []),
  ];
  const mending = member(start, length + 1, meant, `${name}(${object.image}${more ? ', ' : ''}`);
  const example = `\`${name}(${object.image}${more ? ', …' : ''})\``;
  const args = { found: quote(textOf(span)), example };
  return { ...mending, found: { ...mending.found, span, args } };
}

const located = (mending: Mending, span: Span): Mending => {
  const args = { ...mending.found.args, found: quote(textOf(span)) };
  return { ...mending, found: { ...mending.found, span, args } };
};

/** `x.shape[1]`: the first axis elsewhere is the batch. */
function asShape(
  site: Site,
  object: IToken,
  { length, span }: { readonly length: number; readonly span: Span },
): Mending {
  const { list, index, partners } = site;
  const opener = list[index + length];
  const closer = opener?.tokenType === tokens.OpenBracket ? partners.get(opener) : undefined;
  const end = closer === undefined ? undefined : list[closer];
  const inner =
    end && opener ? site.source.text.slice(endOf(opener), end.startOffset).replace(/\s/g, '') : '';
  const axis = /^-\d+$/.test(inner)
    ? inner
    : /^[1-9]\d*$/.test(inner)
      ? String(Number(inner) - 1)
      : undefined;
  const whole = end ? spanOf(site, object, end) : span;
  const count = closer === undefined ? length : closer - index + 1;
  if (axis === undefined) {
    const help =
      'An axis gets its name where the value comes in: `(x: [C, H, W])`; the batch has no size to compute with.';
    const found = diagnostic('habit.path', whole, { found: quote(textOf(whole)), help });
    return { length: count, tokens: [object], found };
  }
  const size = [
    made(tokens.Identifier, 'size', whole.start),
    made(tokens.CallParenthesis, '(', whole.start),
    object,
    made(tokens.Comma, ',', endOf(object)),
    ...(axis.startsWith('-') ? [made(tokens.Minus, '-', endOf(object))] : []),
    made(tokens.NumberToken, axis.replace('-', ''), endOf(object)),
    made(tokens.CloseParenthesis, ')', endOf(object), whole.end),
  ];
  return member(whole, count, size, `size(${object.image}, ${axis})`);
}

/** A method of what a call gives. */
export const methodOfCall: Rule = (site) => {
  const { token, list, index, partners, before } = site;
  const [name, opener] = [list[index + 1], list[index + 2]];
  const closer = opener?.tokenType === tokens.CallParenthesis ? partners.get(opener) : undefined;
  if (!name || closer === undefined || !touches(before.at(-1), token) || !touches(token, name))
    return undefined;
  const span = spanOf(site, token, list[closer]);
  const args = {
    found: quote(textOf(span)),
    example: `\`${foreignName(name.image, functions) ?? name.image}(x, …)\``,
  };
  return { length: closer - index + 1, tokens: [], found: diagnostic('habit.method', span, args) };
};
