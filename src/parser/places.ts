// Where in a text a token stands, from the tokens before it alone: at the top, in a model, in a block, among settings or in brackets; and
// with which word the current item or statement began.
import type { IToken, TokenType } from 'chevrotain';
import { BracketStack } from './brackets.ts';
import * as tokens from './tokens.ts';

export type Place = 'top' | 'model' | 'block' | 'settings' | 'brackets';

/** Tokens after which a statement or a declaration may start. */
const statementEnds = new Set<TokenType | undefined>([
  ...[undefined, tokens.OpenBrace, tokens.CloseBrace, tokens.CloseParenthesis, tokens.CloseBracket],
  ...[tokens.Identifier, tokens.NumberToken, tokens.StringToken, tokens.Transpose],
  ...[tokens.True, tokens.False, tokens.None],
]);

/** Whether a statement or a declaration may start after this token. */
export function endsStatement(before: IToken | undefined): boolean {
  return statementEnds.has(before?.tokenType);
}

interface Level {
  readonly place: Place;
  /** The token before the bracket that it stands in. */
  readonly callee: IToken | undefined;
  /** The first word of the current item, declaration or statement. */
  head: IToken | undefined;
}

export class Places {
  private readonly stack = new BracketStack();
  private readonly levels: Level[] = [{ place: 'top', callee: undefined, head: undefined }];
  private before: IToken | undefined;
  private beforeLast: IToken | undefined;

  get place(): Place {
    return this.levels.at(-1)?.place ?? 'top';
  }

  /** The innermost open bracket. */
  get opener(): IToken | undefined {
    return this.stack.open.at(-1);
  }

  /** The token before the innermost open bracket. */
  get callee(): IToken | undefined {
    return this.levels.at(-1)?.callee;
  }

  /** How many brackets are open. */
  get depth(): number {
    return this.stack.open.length;
  }

  /** The first word of the innermost item, declaration or statement, outside of any brackets. */
  get head(): IToken | undefined {
    return this.statement?.head;
  }

  /** Where that stands. */
  get outer(): Place {
    return this.statement?.place ?? 'top';
  }

  /** Whether an item, a declaration or a statement may start here. */
  get begins(): boolean {
    return this.place !== 'brackets' && this.place !== 'settings' && endsStatement(this.before);
  }

  take(token: IToken): void {
    const level = this.levels.at(-1);
    if (this.begins && level && isWord(token)) level.head = token;
    this.stack.take(token);
    const { depth } = this;
    while (this.levels.length > depth + 1) this.levels.pop();
    if (this.levels.length <= depth)
      this.levels.push({ place: this.inside(token), callee: this.before, head: undefined });
    this.beforeLast = this.before;
    this.before = token;
  }

  private get statement(): Level | undefined {
    return this.levels.findLast(({ place }) => place !== 'brackets' && place !== 'settings');
  }

  private inside(opener: IToken): Place {
    if (opener.tokenType !== tokens.OpenBrace) return 'brackets';
    const before = this.before?.tokenType;
    if (before === tokens.Train || before === tokens.Import) return 'settings';
    return this.beforeLast?.tokenType === tokens.Model ? 'model' : 'block';
  }
}

/** Words that stand within a statement. */
const within = new Set<TokenType>([tokens.And, tokens.Or, tokens.As, tokens.Along]);

function isWord({ tokenType }: IToken): boolean {
  if (within.has(tokenType)) return false;
  return tokens.isName(tokenType) || tokens.reservedWords.includes(tokenType);
}
