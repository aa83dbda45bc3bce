// The lower half of the grammar: types and expressions. Expressions are flat here, operands between operators; build-expression.ts
// implements precedence.
import type { IParserErrorMessageProvider, IToken, TokenType } from 'chevrotain';
import { CstParser } from './chevrotain.ts';
import * as tokens from './tokens.ts';

export interface ParserOptions {
  /** True validates the grammar itself, which only tests need. */
  readonly validate: boolean;
  readonly messages?: IParserErrorMessageProvider;
}

/** The base of SourceParser; it has no start rule. */
export abstract class ExpressionGrammar extends CstParser {
  constructor(options: ParserOptions) {
    super(tokens.allTokens, {
      recoveryEnabled: true,
      maxLookahead: 1,
      nodeLocationTracking: 'onlyOffset',
      skipValidations: !options.validate,
      ...(options.messages && { errorMessageProvider: options.messages }),
    });
  }

  type = this.RULE('type', () => {
    this.OR([{ ALT: () => this.SUBRULE(this.shape) }, { ALT: () => this.SUBRULE(this.namedType) }]);
  });

  namedType = this.RULE('namedType', () => {
    this.CONSUME(tokens.Name);
    this.OPTION(() => {
      this.CONSUME(tokens.OpenParenthesis);
      this.SUBRULE(this.expression);
      this.MANY(() => {
        this.CONSUME(tokens.Comma);
        this.SUBRULE2(this.expression);
      });
      this.CONSUME(tokens.CloseParenthesis);
    });
    this.OPTION2(() => this.SUBRULE(this.shape));
  });

  shape = this.RULE('shape', () => {
    this.CONSUME(tokens.OpenBracket);
    this.OPTION(() => {
      this.SUBRULE(this.dimension);
      this.MANY({
        GATE: () => !this.nextCloses(),
        DEF: () => {
          this.CONSUME(tokens.Comma);
          this.SUBRULE2(this.dimension);
        },
      });
      this.OPTION2(() => this.CONSUME2(tokens.Comma));
    });
    this.CONSUME(tokens.CloseBracket);
  });

  dimension = this.RULE('dimension', () => {
    this.OR([{ ALT: () => this.CONSUME(tokens.Ellipsis) }, { ALT: () => this.SUBRULE(this.expression) }]);
  });

  expression = this.RULE('expression', () => {
    this.SUBRULE(this.operand);
    this.MANY(() => {
      this.CONSUME(tokens.BinaryOperator);
      this.SUBRULE2(this.operand);
    });
  });

  operand = this.RULE('operand', () => {
    this.MANY(() => this.CONSUME(tokens.PrefixOperator));
    this.OR([
      { ALT: () => this.CONSUME(tokens.Name) },
      { ALT: () => this.CONSUME(tokens.NumberToken) },
      { ALT: () => this.CONSUME(tokens.StringToken) },
      { ALT: () => this.CONSUME(tokens.True) },
      { ALT: () => this.CONSUME(tokens.False) },
      { ALT: () => this.CONSUME(tokens.None) },
      { ALT: () => this.SUBRULE(this.parenthesised) },
      { ALT: () => this.SUBRULE(this.list) },
    ]);
    this.MANY2(() => {
      this.OR2([
        { ALT: () => this.CONSUME(tokens.Transpose) },
        { ALT: () => this.SUBRULE(this.member) },
        { ALT: () => this.SUBRULE(this.callArguments) },
      ]);
    });
  });

  member = this.RULE('member', () => {
    this.CONSUME(tokens.Dot);
    this.CONSUME(tokens.Name);
  });

  parenthesised = this.RULE('parenthesised', () => {
    this.CONSUME(tokens.OpenParenthesis);
    this.SUBRULE(this.expression);
    this.CONSUME(tokens.CloseParenthesis);
  });

  list = this.RULE('list', () => {
    this.CONSUME(tokens.OpenBracket);
    this.OPTION(() => {
      this.SUBRULE(this.expression);
      this.MANY({
        GATE: () => !this.nextCloses(),
        DEF: () => {
          this.CONSUME(tokens.Comma);
          this.SUBRULE2(this.expression);
        },
      });
      this.OPTION2(() => this.CONSUME2(tokens.Comma));
    });
    this.CONSUME(tokens.CloseBracket);
  });

  callArguments = this.RULE('callArguments', () => {
    this.CONSUME(tokens.CallParenthesis);
    this.OPTION(() => {
      this.SUBRULE(this.argument);
      this.MANY({
        GATE: () => !this.nextCloses(),
        DEF: () => {
          this.CONSUME(tokens.Comma);
          this.SUBRULE2(this.argument);
        },
      });
      this.OPTION2(() => this.CONSUME2(tokens.Comma));
    });
    this.CONSUME(tokens.CloseParenthesis);
  });

  argument = this.RULE('argument', () => {
    this.OPTION({
      GATE: () => this.LA(2).tokenType === tokens.Equals,
      DEF: () => {
        this.CONSUME(tokens.Word);
        this.CONSUME(tokens.Equals);
      },
    });
    this.SUBRULE(this.expression);
  });

  /** A comma before a closing bracket ends a list. */
  protected nextCloses(): boolean {
    return closers.has(this.LA(2).tokenType);
  }

  // An inserted token gets the position where it is missing, so that every node has a real span.
  protected override getTokenToInsert(type: TokenType): IToken {
    const previous = this.LA(0);
    const end = Number.isNaN(previous.startOffset) ? 0 : previous.startOffset + previous.image.length;
    return {
      ...{ image: '', startOffset: end, endOffset: end - 1, isInsertedInRecovery: true },
      ...{ tokenType: type, tokenTypeIdx: type.tokenTypeIdx ?? 0 },
    };
  }
}

const closers = new Set<TokenType>([tokens.CloseParenthesis, tokens.CloseBracket, tokens.CloseBrace]);
