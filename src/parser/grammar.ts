// The grammar, from tokens to Chevrotain's concrete syntax tree: declarations, models, blocks and statements. It is LL(1), except where a
// GATE looks at two tokens.
import type { TokenType } from 'chevrotain';
import { ExpressionGrammar, type ParserOptions } from './grammar-expressions.ts';
import * as tokens from './tokens.ts';

export class SourceParser extends ExpressionGrammar {
  constructor(options: ParserOptions) {
    super(options);
    this.performSelfAnalysis();
  }

  program = this.RULE('program', () => {
    this.MANY(() => {
      this.OR([
        { ALT: () => this.SUBRULE(this.importDeclaration) },
        { ALT: () => this.SUBRULE(this.constDeclaration) },
        { ALT: () => this.SUBRULE(this.definition) },
        { ALT: () => this.SUBRULE(this.model) },
      ]);
    });
  });

  importDeclaration = this.RULE('importDeclaration', () => {
    this.CONSUME(tokens.Import);
    this.OPTION(() => {
      this.CONSUME(tokens.OpenBrace);
      this.CONSUME(tokens.Name);
      this.MANY({
        GATE: () => !this.nextCloses(),
        DEF: () => {
          this.CONSUME(tokens.Comma);
          this.CONSUME2(tokens.Name);
        },
      });
      this.OPTION2(() => this.CONSUME2(tokens.Comma));
      this.CONSUME(tokens.CloseBrace);
      this.CONSUME(tokens.From);
    });
    this.CONSUME(tokens.StringToken);
  });

  constDeclaration = this.RULE('constDeclaration', () => {
    this.CONSUME(tokens.Const);
    this.SUBRULE(this.stateEntry);
    this.MANY(() => {
      this.CONSUME(tokens.Comma);
      this.SUBRULE2(this.stateEntry);
    });
  });

  definition = this.RULE('definition', () => {
    this.CONSUME(tokens.DefinitionKeyword);
    this.CONSUME(tokens.Name);
    this.OPTION(() => {
      this.SUBRULE(this.parameters);
      this.OPTION2(() => this.SUBRULE2(this.parameters));
    });
    this.OPTION3(() => {
      this.CONSUME(tokens.Arrow);
      this.SUBRULE(this.type);
    });
    this.OR([
      { ALT: () => this.SUBRULE(this.definitionBody) },
      {
        ALT: () => {
          this.CONSUME(tokens.Equals);
          this.SUBRULE(this.expression);
        },
      },
    ]);
  });

  definitionBody = this.RULE('definitionBody', () => {
    this.CONSUME(tokens.OpenBrace);
    this.MANY({ GATE: () => !this.beginsItem(), DEF: () => this.SUBRULE(this.statement) });
    this.OPTION(() => this.SUBRULE(this.inverse));
    this.OPTION2(() => this.SUBRULE(this.overall));
    this.CONSUME(tokens.CloseBrace);
  });

  inverse = this.RULE('inverse', () => {
    this.CONSUME(tokens.Inverse);
    this.SUBRULE(this.parameters);
    this.SUBRULE(this.block);
  });

  overall = this.RULE('overall', () => {
    this.CONSUME(tokens.Overall);
    this.SUBRULE(this.parameters);
    this.SUBRULE(this.block);
  });

  parameters = this.RULE('parameters', () => {
    this.CONSUME(tokens.OpenParenthesis);
    this.OPTION(() => {
      this.SUBRULE(this.parameter);
      this.MANY({
        GATE: () => !this.nextCloses(),
        DEF: () => {
          this.CONSUME(tokens.Comma);
          this.SUBRULE2(this.parameter);
        },
      });
      this.OPTION2(() => this.CONSUME2(tokens.Comma));
    });
    this.CONSUME(tokens.CloseParenthesis);
  });

  parameter = this.RULE('parameter', () => {
    this.CONSUME(tokens.Name);
    this.OPTION(() => {
      this.CONSUME(tokens.Colon);
      this.SUBRULE(this.type);
    });
    this.OPTION2(() => {
      this.CONSUME(tokens.Equals);
      this.SUBRULE(this.expression);
    });
  });

  model = this.RULE('model', () => {
    this.CONSUME(tokens.Model);
    this.CONSUME(tokens.Name);
    this.CONSUME(tokens.OpenBrace);
    this.MANY(() => this.SUBRULE(this.modelItem));
    this.CONSUME(tokens.CloseBrace);
  });

  modelItem = this.RULE('modelItem', () => {
    this.OR({
      // `const` starts its own kind of declaration here; the other storage words do not.
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { ALT: () => this.SUBRULE(this.constDeclaration) },
        { ALT: () => this.SUBRULE(this.modelInput) },
        { ALT: () => this.SUBRULE(this.letStatement) },
        { ALT: () => this.SUBRULE(this.storageStatement) },
        { ALT: () => this.SUBRULE(this.netItem) },
        { ALT: () => this.SUBRULE(this.outputItem) },
        { ALT: () => this.SUBRULE(this.expressionItem) },
        { ALT: () => this.SUBRULE(this.metricsItem) },
        { ALT: () => this.SUBRULE(this.trainItem) },
      ],
    });
  });

  modelInput = this.RULE('modelInput', () => {
    this.CONSUME(tokens.InputKeyword);
    this.CONSUME(tokens.Name);
    this.CONSUME(tokens.Colon);
    this.SUBRULE(this.type);
  });

  netItem = this.RULE('netItem', () => {
    this.CONSUME(tokens.Net);
    this.SUBRULE(this.block);
  });

  outputItem = this.RULE('outputItem', () => {
    this.CONSUME(tokens.Output);
    this.OPTION({
      GATE: () => this.LA(2).tokenType === tokens.Equals,
      DEF: () => {
        this.CONSUME(tokens.Name);
        this.CONSUME(tokens.Equals);
      },
    });
    this.SUBRULE(this.expression);
  });

  expressionItem = this.RULE('expressionItem', () => {
    this.CONSUME(tokens.ItemKeyword);
    this.SUBRULE(this.expression);
  });

  metricsItem = this.RULE('metricsItem', () => {
    this.CONSUME(tokens.Metrics);
    this.SUBRULE(this.expression);
    this.MANY(() => {
      this.CONSUME(tokens.Comma);
      this.SUBRULE2(this.expression);
    });
  });

  trainItem = this.RULE('trainItem', () => {
    this.CONSUME(tokens.Train);
    this.CONSUME(tokens.OpenBrace);
    this.MANY(() => this.SUBRULE(this.setting));
    this.CONSUME(tokens.CloseBrace);
  });

  setting = this.RULE('setting', () => {
    this.CONSUME(tokens.Word);
    this.CONSUME(tokens.Equals);
    this.SUBRULE(this.expression);
  });

  block = this.RULE('block', () => {
    this.CONSUME(tokens.OpenBrace);
    this.MANY({ GATE: () => !this.beginsItem(), DEF: () => this.SUBRULE(this.statement) });
    this.CONSUME(tokens.CloseBrace);
  });

  statement = this.RULE('statement', () => {
    this.OR({
      // The gates distinguish `state m = …` from `state -> …`, `scan x …` from `scan(x)`, and `m <- …` from a stage `m`.
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { ALT: () => this.SUBRULE(this.letStatement) },
        { GATE: () => this.beginsStorage(), ALT: () => this.SUBRULE(this.storageStatement) },
        { ALT: () => this.SUBRULE(this.ifStatement) },
        { ALT: () => this.SUBRULE(this.returnStatement) },
        { ALT: () => this.SUBRULE(this.assertStatement) },
        { ALT: () => this.SUBRULE(this.repeatStatement) },
        { ALT: () => this.SUBRULE(this.residualStatement) },
        { ALT: () => this.SUBRULE(this.parallelStatement) },
        { GATE: () => this.beginsScan(), ALT: () => this.SUBRULE(this.scanStatement) },
        { GATE: () => this.LA(2).tokenType === tokens.Update, ALT: () => this.SUBRULE(this.updateStatement) },
        { ALT: () => this.SUBRULE(this.expression) },
      ],
    });
  });

  letStatement = this.RULE('letStatement', () => {
    this.CONSUME(tokens.Let);
    this.SUBRULE(this.binding);
    this.MANY(() => {
      this.CONSUME(tokens.Comma);
      this.SUBRULE2(this.binding);
    });
  });

  binding = this.RULE('binding', () => {
    this.OR([
      { ALT: () => this.CONSUME(tokens.Name) },
      {
        ALT: () => {
          this.CONSUME(tokens.OpenParenthesis);
          this.CONSUME2(tokens.Name);
          this.MANY(() => {
            this.CONSUME(tokens.Comma);
            this.CONSUME3(tokens.Name);
          });
          this.CONSUME(tokens.CloseParenthesis);
        },
      },
    ]);
    this.CONSUME(tokens.Equals);
    this.SUBRULE(this.expression);
  });

  storageStatement = this.RULE('storageStatement', () => {
    this.CONSUME(tokens.StorageKeyword);
    this.SUBRULE(this.stateEntry);
    this.MANY(() => {
      this.CONSUME(tokens.Comma);
      this.SUBRULE2(this.stateEntry);
    });
  });

  stateEntry = this.RULE('stateEntry', () => {
    this.CONSUME(tokens.Name);
    this.OPTION(() => {
      this.CONSUME(tokens.Colon);
      this.SUBRULE(this.shape);
    });
    this.CONSUME(tokens.Equals);
    this.SUBRULE(this.expression);
  });

  updateStatement = this.RULE('updateStatement', () => {
    this.CONSUME(tokens.Name);
    this.CONSUME(tokens.Update);
    this.SUBRULE(this.expression);
  });

  ifStatement = this.RULE('ifStatement', () => {
    this.CONSUME(tokens.If);
    this.SUBRULE(this.expression);
    this.SUBRULE(this.block);
    this.MANY({
      GATE: () => this.LA(2).tokenType === tokens.If,
      DEF: () => this.SUBRULE(this.elseIf),
    });
    this.OPTION(() => {
      this.CONSUME(tokens.Else);
      this.SUBRULE2(this.block);
    });
  });

  elseIf = this.RULE('elseIf', () => {
    this.CONSUME(tokens.Else);
    this.CONSUME(tokens.If);
    this.SUBRULE(this.expression);
    this.SUBRULE(this.block);
  });

  returnStatement = this.RULE('returnStatement', () => {
    this.CONSUME(tokens.Return);
    this.SUBRULE(this.expression);
    this.MANY(() => {
      this.CONSUME(tokens.Comma);
      this.SUBRULE2(this.expression);
    });
  });

  assertStatement = this.RULE('assertStatement', () => {
    this.CONSUME(tokens.Assert);
    this.SUBRULE(this.expression);
    this.OPTION(() => {
      this.CONSUME(tokens.Comma);
      this.CONSUME(tokens.StringToken);
    });
  });

  repeatStatement = this.RULE('repeatStatement', () => {
    this.CONSUME(tokens.Repeat);
    this.SUBRULE(this.expression);
    this.OPTION(() => {
      this.CONSUME(tokens.As);
      this.CONSUME(tokens.Name);
    });
    this.SUBRULE(this.block);
  });

  residualStatement = this.RULE('residualStatement', () => {
    this.CONSUME(tokens.Residual);
    this.SUBRULE(this.block);
  });

  parallelStatement = this.RULE('parallelStatement', () => {
    this.CONSUME(tokens.Parallel);
    this.SUBRULE(this.expression);
    this.AT_LEAST_ONE(() => this.SUBRULE(this.block));
  });

  scanStatement = this.RULE('scanStatement', () => {
    this.CONSUME(tokens.Scan);
    this.SUBRULE(this.expression);
    this.CONSUME(tokens.Along);
    this.SUBRULE2(this.expression);
    this.CONSUME(tokens.As);
    this.CONSUME(tokens.Name);
    this.SUBRULE(this.block);
  });

  private beginsScan(): boolean {
    const next = this.LA(2).tokenType;
    return tokens.isName(next) || next === tokens.OpenParenthesis;
  }

  private beginsStorage(): boolean {
    return this.LA(1).tokenType !== tokens.State || tokens.isName(this.LA(2).tokenType);
  }

  /**
   * Inside a block, `loss CrossEntropy` or `train {` is never meant as stages: the block was not closed. So a word that starts a
   * declaration, followed as in that declaration, ends the block's statements.
   */
  private beginsItem(): boolean {
    const first = this.LA(1).tokenType;
    if (first === tokens.Net || first === tokens.Train) return this.LA(2).tokenType === tokens.OpenBrace;
    return itemWords.has(first) && tokens.isName(this.LA(2).tokenType);
  }
}

const itemWords = new Set<TokenType>([
  ...[
    tokens.Layer,
    tokens.Loss,
    tokens.Optimizer,
    tokens.Schedule,
    tokens.Initializer,
    tokens.Initialiser,
    tokens.Metric,
    tokens.FunctionWord,
    tokens.Model,
  ],
  ...[tokens.Input, tokens.Target, tokens.Output, tokens.Data, tokens.Metrics],
]);
