// Generated from the grammar by `node scripts/grammar.mjs`. Do not edit.
import type { CstNode, IToken } from 'chevrotain';

export interface TypeCstNode extends CstNode {
  name: 'type';
  children: { shape?: ShapeCstNode[]; namedType?: NamedTypeCstNode[] };
}

export interface NamedTypeCstNode extends CstNode {
  name: 'namedType';
  children: {
    Name?: IToken[];
    OpenParenthesis?: IToken[];
    expression?: ExpressionCstNode[];
    Comma?: IToken[];
    CloseParenthesis?: IToken[];
    shape?: ShapeCstNode[];
  };
}

export interface ShapeCstNode extends CstNode {
  name: 'shape';
  children: {
    OpenBracket?: IToken[];
    dimension?: DimensionCstNode[];
    Comma?: IToken[];
    CloseBracket?: IToken[];
  };
}

export interface DimensionCstNode extends CstNode {
  name: 'dimension';
  children: { Ellipsis?: IToken[]; expression?: ExpressionCstNode[] };
}

export interface ExpressionCstNode extends CstNode {
  name: 'expression';
  children: { operand?: OperandCstNode[]; BinaryOperator?: IToken[] };
}

export interface OperandCstNode extends CstNode {
  name: 'operand';
  children: {
    PrefixOperator?: IToken[];
    Name?: IToken[];
    Number?: IToken[];
    String?: IToken[];
    True?: IToken[];
    False?: IToken[];
    None?: IToken[];
    parenthesised?: ParenthesisedCstNode[];
    list?: ListCstNode[];
    Transpose?: IToken[];
    member?: MemberCstNode[];
    callArguments?: CallArgumentsCstNode[];
  };
}

export interface MemberCstNode extends CstNode {
  name: 'member';
  children: { Dot?: IToken[]; Name?: IToken[] };
}

export interface ParenthesisedCstNode extends CstNode {
  name: 'parenthesised';
  children: { OpenParenthesis?: IToken[]; expression?: ExpressionCstNode[]; CloseParenthesis?: IToken[] };
}

export interface ListCstNode extends CstNode {
  name: 'list';
  children: {
    OpenBracket?: IToken[];
    expression?: ExpressionCstNode[];
    Comma?: IToken[];
    CloseBracket?: IToken[];
  };
}

export interface CallArgumentsCstNode extends CstNode {
  name: 'callArguments';
  children: {
    CallParenthesis?: IToken[];
    argument?: ArgumentCstNode[];
    Comma?: IToken[];
    CloseParenthesis?: IToken[];
  };
}

export interface ArgumentCstNode extends CstNode {
  name: 'argument';
  children: { Word?: IToken[]; Equals?: IToken[]; expression?: ExpressionCstNode[] };
}

export interface ProgramCstNode extends CstNode {
  name: 'program';
  children: {
    importDeclaration?: ImportDeclarationCstNode[];
    constDeclaration?: ConstDeclarationCstNode[];
    definition?: DefinitionCstNode[];
    model?: ModelCstNode[];
  };
}

export interface ImportDeclarationCstNode extends CstNode {
  name: 'importDeclaration';
  children: {
    Import?: IToken[];
    OpenBrace?: IToken[];
    Name?: IToken[];
    Comma?: IToken[];
    CloseBrace?: IToken[];
    From?: IToken[];
    String?: IToken[];
  };
}

export interface ConstDeclarationCstNode extends CstNode {
  name: 'constDeclaration';
  children: { Const?: IToken[]; stateEntry?: StateEntryCstNode[]; Comma?: IToken[] };
}

export interface DefinitionCstNode extends CstNode {
  name: 'definition';
  children: {
    DefinitionKeyword?: IToken[];
    Name?: IToken[];
    parameters?: ParametersCstNode[];
    Arrow?: IToken[];
    type?: TypeCstNode[];
    definitionBody?: DefinitionBodyCstNode[];
    Equals?: IToken[];
    expression?: ExpressionCstNode[];
  };
}

export interface DefinitionBodyCstNode extends CstNode {
  name: 'definitionBody';
  children: {
    OpenBrace?: IToken[];
    statement?: StatementCstNode[];
    inverse?: InverseCstNode[];
    overall?: OverallCstNode[];
    CloseBrace?: IToken[];
  };
}

export interface InverseCstNode extends CstNode {
  name: 'inverse';
  children: { Inverse?: IToken[]; parameters?: ParametersCstNode[]; block?: BlockCstNode[] };
}

export interface OverallCstNode extends CstNode {
  name: 'overall';
  children: { Overall?: IToken[]; parameters?: ParametersCstNode[]; block?: BlockCstNode[] };
}

export interface ParametersCstNode extends CstNode {
  name: 'parameters';
  children: {
    OpenParenthesis?: IToken[];
    parameter?: ParameterCstNode[];
    Comma?: IToken[];
    CloseParenthesis?: IToken[];
  };
}

export interface ParameterCstNode extends CstNode {
  name: 'parameter';
  children: {
    Name?: IToken[];
    Colon?: IToken[];
    type?: TypeCstNode[];
    Equals?: IToken[];
    expression?: ExpressionCstNode[];
  };
}

export interface ModelCstNode extends CstNode {
  name: 'model';
  children: {
    Model?: IToken[];
    Name?: IToken[];
    OpenBrace?: IToken[];
    modelItem?: ModelItemCstNode[];
    CloseBrace?: IToken[];
  };
}

export interface ModelItemCstNode extends CstNode {
  name: 'modelItem';
  children: {
    constDeclaration?: ConstDeclarationCstNode[];
    modelInput?: ModelInputCstNode[];
    letStatement?: LetStatementCstNode[];
    storageStatement?: StorageStatementCstNode[];
    netItem?: NetItemCstNode[];
    outputItem?: OutputItemCstNode[];
    expressionItem?: ExpressionItemCstNode[];
    metricsItem?: MetricsItemCstNode[];
    trainItem?: TrainItemCstNode[];
  };
}

export interface ModelInputCstNode extends CstNode {
  name: 'modelInput';
  children: { InputKeyword?: IToken[]; Name?: IToken[]; Colon?: IToken[]; type?: TypeCstNode[] };
}

export interface NetItemCstNode extends CstNode {
  name: 'netItem';
  children: { Net?: IToken[]; block?: BlockCstNode[] };
}

export interface OutputItemCstNode extends CstNode {
  name: 'outputItem';
  children: { Output?: IToken[]; Name?: IToken[]; Equals?: IToken[]; expression?: ExpressionCstNode[] };
}

export interface ExpressionItemCstNode extends CstNode {
  name: 'expressionItem';
  children: { ItemKeyword?: IToken[]; expression?: ExpressionCstNode[] };
}

export interface MetricsItemCstNode extends CstNode {
  name: 'metricsItem';
  children: { Metrics?: IToken[]; expression?: ExpressionCstNode[]; Comma?: IToken[] };
}

export interface TrainItemCstNode extends CstNode {
  name: 'trainItem';
  children: { Train?: IToken[]; OpenBrace?: IToken[]; setting?: SettingCstNode[]; CloseBrace?: IToken[] };
}

export interface SettingCstNode extends CstNode {
  name: 'setting';
  children: { Word?: IToken[]; Equals?: IToken[]; expression?: ExpressionCstNode[] };
}

export interface BlockCstNode extends CstNode {
  name: 'block';
  children: { OpenBrace?: IToken[]; statement?: StatementCstNode[]; CloseBrace?: IToken[] };
}

export interface StatementCstNode extends CstNode {
  name: 'statement';
  children: {
    letStatement?: LetStatementCstNode[];
    storageStatement?: StorageStatementCstNode[];
    ifStatement?: IfStatementCstNode[];
    returnStatement?: ReturnStatementCstNode[];
    assertStatement?: AssertStatementCstNode[];
    repeatStatement?: RepeatStatementCstNode[];
    residualStatement?: ResidualStatementCstNode[];
    parallelStatement?: ParallelStatementCstNode[];
    scanStatement?: ScanStatementCstNode[];
    updateStatement?: UpdateStatementCstNode[];
    expression?: ExpressionCstNode[];
  };
}

export interface LetStatementCstNode extends CstNode {
  name: 'letStatement';
  children: { Let?: IToken[]; binding?: BindingCstNode[]; Comma?: IToken[] };
}

export interface BindingCstNode extends CstNode {
  name: 'binding';
  children: {
    Name?: IToken[];
    OpenParenthesis?: IToken[];
    Comma?: IToken[];
    CloseParenthesis?: IToken[];
    Equals?: IToken[];
    expression?: ExpressionCstNode[];
  };
}

export interface StorageStatementCstNode extends CstNode {
  name: 'storageStatement';
  children: { StorageKeyword?: IToken[]; stateEntry?: StateEntryCstNode[]; Comma?: IToken[] };
}

export interface StateEntryCstNode extends CstNode {
  name: 'stateEntry';
  children: {
    Name?: IToken[];
    Colon?: IToken[];
    shape?: ShapeCstNode[];
    Equals?: IToken[];
    expression?: ExpressionCstNode[];
  };
}

export interface UpdateStatementCstNode extends CstNode {
  name: 'updateStatement';
  children: { Name?: IToken[]; Update?: IToken[]; expression?: ExpressionCstNode[] };
}

export interface IfStatementCstNode extends CstNode {
  name: 'ifStatement';
  children: {
    If?: IToken[];
    expression?: ExpressionCstNode[];
    block?: BlockCstNode[];
    elseIf?: ElseIfCstNode[];
    Else?: IToken[];
  };
}

export interface ElseIfCstNode extends CstNode {
  name: 'elseIf';
  children: { Else?: IToken[]; If?: IToken[]; expression?: ExpressionCstNode[]; block?: BlockCstNode[] };
}

export interface ReturnStatementCstNode extends CstNode {
  name: 'returnStatement';
  children: { Return?: IToken[]; expression?: ExpressionCstNode[]; Comma?: IToken[] };
}

export interface AssertStatementCstNode extends CstNode {
  name: 'assertStatement';
  children: { Assert?: IToken[]; expression?: ExpressionCstNode[]; Comma?: IToken[]; String?: IToken[] };
}

export interface RepeatStatementCstNode extends CstNode {
  name: 'repeatStatement';
  children: {
    Repeat?: IToken[];
    expression?: ExpressionCstNode[];
    As?: IToken[];
    Name?: IToken[];
    block?: BlockCstNode[];
  };
}

export interface ResidualStatementCstNode extends CstNode {
  name: 'residualStatement';
  children: { Residual?: IToken[]; block?: BlockCstNode[] };
}

export interface ParallelStatementCstNode extends CstNode {
  name: 'parallelStatement';
  children: { Parallel?: IToken[]; expression?: ExpressionCstNode[]; block?: BlockCstNode[] };
}

export interface ScanStatementCstNode extends CstNode {
  name: 'scanStatement';
  children: {
    Scan?: IToken[];
    expression?: ExpressionCstNode[];
    Along?: IToken[];
    As?: IToken[];
    Name?: IToken[];
    block?: BlockCstNode[];
  };
}
