// Reads habits of other languages and frameworks as what was meant by them. Each is reported, and the tokens are changed, so that the
// parser finds further errors and no consequences. Invariant: a rule applies only where nothing of this language can stand, so that a
// correct text is unchanged.
import type { IToken, TokenType } from 'chevrotain';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source } from '../../diagnostics/source.ts';
import { BracketStack } from '../brackets.ts';
import { Places } from '../places.ts';
import * as tokens from '../tokens.ts';
import { constant, controlFlow, elseIf, foreignClass, foreignImport, indentedBlock, loop } from './blocks.ts';
import { withDivisions } from './division.ts';
import {
  itemSign,
  looseArguments,
  looseNumber,
  namelessPort,
  otherBrackets,
  portWithoutBrackets,
  portWithoutColon,
  settingColon,
  settingWithoutSign,
  surplusComma,
} from './items.ts';
import { methodOfCall, path } from './paths.ts';
import { foreignComment, foreignOperator, quotedName, semicolon, singleQuotes } from './signs.ts';
import type { Mending, Rule, Site } from './site.ts';
import { choice, index, pair, question } from './values.ts';

/** The rules by the token at which they apply; the first that does is taken. */
const rules: ReadonlyMap<TokenType, readonly Rule[]> = new Map<TokenType, readonly Rule[]>([
  [tokens.ForeignOperator, [question, foreignOperator]],
  [tokens.ForeignComment, [foreignComment]],
  [tokens.Semicolon, [semicolon]],
  [tokens.QuotedText, [singleQuotes]],
  [tokens.StringToken, [quotedName, settingWithoutSign]],
  [tokens.Dot, [methodOfCall]],
  [tokens.Comma, [looseArguments, surplusComma]],
  [tokens.Colon, [indentedBlock, namelessPort, itemSign, settingColon]],
  [tokens.Equals, [itemSign]],
  [tokens.OpenBracket, [portWithoutColon, otherBrackets, index]],
  [tokens.OpenParenthesis, [portWithoutBrackets, otherBrackets, pair]],
  [tokens.CallParenthesis, [portWithoutBrackets, otherBrackets, pair]],
  [tokens.NumberToken, [portWithoutBrackets, settingWithoutSign, looseNumber]],
  [tokens.If, [choice]],
  [tokens.Let, [constant]],
  [tokens.Import, [foreignImport]],
  [tokens.From, [foreignImport]],
]);

/** At any word that may be a name. */
const ofNames: readonly Rule[] = [path, foreignClass, loop, controlFlow, elseIf, constant, looseArguments];

export interface Mended {
  readonly tokens: IToken[];
  readonly diagnostics: readonly Diagnostic[];
}

export function mendHabits(list: readonly IToken[], comments: readonly IToken[], source: Source): Mended {
  const divided = withDivisions(list, comments, source);
  const reader = new HabitReader(divided.tokens, source);
  return { tokens: reader.read(), diagnostics: [...divided.diagnostics, ...reader.found] };
}

class HabitReader {
  readonly found: Diagnostic[] = [];
  private readonly places = new Places();
  private readonly mended: IToken[] = [];
  private readonly partners: ReadonlyMap<IToken, number>;
  private readonly alone: ReadonlySet<string>;
  /** Tokens to be put in further on, the first of them last. */
  private readonly later: { readonly offset: number; readonly token: IToken }[] = [];

  constructor(
    private readonly list: readonly IToken[],
    private readonly source: Source,
  ) {
    this.partners = partnersOf(list);
    this.alone = aloneIn(list);
  }

  read(): IToken[] {
    const { list } = this;
    let at = 0;
    while (at < list.length) {
      const token = list[at];
      if (!token) break;
      this.putDue(token.startOffset);
      const mending = this.mendingAt(token, at);
      if (!mending) {
        this.put(token);
        at += 1;
        continue;
      }
      this.found.push(mending.found);
      for (const each of mending.tokens) this.put(each);
      for (const each of mending.later ?? []) this.later.push(each);
      this.later.sort((left, right) => right.offset - left.offset);
      at += mending.length;
      // What is missing was put in before the token, at which no rule applies again.
      if (mending.length > 0) continue;
      this.put(token);
      at += 1;
    }
    this.putDue(Infinity);
    return this.mended;
  }

  private mendingAt(token: IToken, at: number): Mending | undefined {
    const { source, list, places, partners, alone } = this;
    const site: Site = { source, list, index: at, token, before: this.mended, places, partners, alone };
    const own = rules.get(token.tokenType) ?? [];
    const candidates = tokens.isName(token.tokenType) ? [...own, ...ofNames] : own;
    for (const rule of candidates) {
      const mending = rule(site);
      if (mending) return mending;
    }
    return undefined;
  }

  private putDue(offset: number): void {
    for (let due = this.later.at(-1); due && due.offset <= offset; due = this.later.at(-1)) {
      this.later.pop();
      this.put(due.token);
    }
  }

  private put(token: IToken): void {
    this.places.take(token);
    this.mended.push(token);
  }
}

function aloneIn(list: readonly IToken[]): Set<string> {
  const isDot = (token: IToken | undefined) => token?.tokenType === tokens.Dot;
  if (!list.some(isDot)) return new Set();
  const alone = list.filter((_, at) => !isDot(list[at + 1]) && !isDot(list[at - 1]));
  return new Set(alone.map(({ image }) => image));
}

/** For each opening bracket, the index of the one that closes it. */
function partnersOf(list: readonly IToken[]): Map<IToken, number> {
  const stack = new BracketStack();
  const partners = new Map<IToken, number>();
  for (const [at, token] of list.entries()) {
    const opener = stack.take(token);
    if (opener) partners.set(opener, at);
  }
  return partners;
}
