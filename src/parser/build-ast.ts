// Converts Chevrotain's concrete tree to the syntax tree of ast.ts: declarations and the items of a model. Invariant: a node whose text
// has no error is complete; after error recovery it contains placeholders or is omitted.
import type { IToken } from 'chevrotain';
import { diagnostic } from '../diagnostics/diagnostic.ts';
import type { Span } from '../diagnostics/source.ts';
import type {
  Block,
  ConstDeclaration,
  Declaration,
  Definition,
  DefinitionKind,
  ExpressionItem,
  Import,
  Inverse,
  Model,
  ModelInput,
  ModelItem,
  Name,
  OutputItem,
  Overall,
  Parameter,
  Program,
  Setting,
  TrainItem,
} from './ast.ts';
import { buildExpression, buildText, buildType } from './build-expression.ts';
import { buildBlock, buildLet, buildStatements, buildStorage } from './build-statement.ts';
import type * as cst from './cst.ts';
import { first, wordOf, type TreeContext } from './tree-context.ts';
import { presentSpelling } from './tokens.ts';

export function buildProgram(node: cst.ProgramCstNode, context: TreeContext): Program {
  const { children } = node;
  const declarations: Declaration[] = [
    ...(children.constDeclaration ?? []).flatMap((each) => buildConst(each, context)),
    ...(children.definition ?? []).flatMap((each) => buildDefinition(each, context)),
    ...(children.model ?? []).flatMap((each) => buildModel(each, context)),
  ];
  return {
    imports: (children.importDeclaration ?? []).map((each) => buildImport(each, context)),
    declarations: declarations.sort((left, right) => left.span.start - right.span.start),
    span: context.span(0, context.source.text.length),
  };
}

function buildImport(node: cst.ImportDeclarationCstNode, context: TreeContext): Import {
  const span = context.nodeSpan(node);
  const names = node.children.Name?.map((name) => context.name(name));
  return { path: buildText(first(node.children.String), context, span), ...(names && { names }), span };
}

function buildConst(node: cst.ConstDeclarationCstNode, context: TreeContext): ConstDeclaration[] {
  return (node.children.stateEntry ?? []).flatMap((entry) => {
    const name = buildName(entry.children.Name, context);
    if (!name) return [];
    const shape = first(entry.children.shape);
    if (shape) {
      const span = context.nodeSpan(shape);
      context.diagnostics.push(
        diagnostic('syntax.unexpected', span, { expected: '`=` and a value', found: 'a shape' }),
      );
    }
    return [constOf(entry, name, context)];
  });
}

function constOf(entry: cst.StateEntryCstNode, name: Name, context: TreeContext): ConstDeclaration {
  const span = context.nodeSpan(entry);
  return {
    kind: 'const',
    name,
    value: buildExpression(first(entry.children.expression), context, span),
    span,
  };
}

/** A name present in the text: recovery inserts empty ones. */
function buildName(tokens: readonly IToken[] | undefined, context: TreeContext): Name | undefined {
  const token = first(tokens);
  return token && token.image !== '' ? context.name(token) : undefined;
}

function buildDefinition(node: cst.DefinitionCstNode, context: TreeContext): Definition[] {
  const { children } = node;
  const keyword = first(children.DefinitionKeyword);
  const name = buildName(children.Name, context);
  if (!keyword || !name) return [];
  const span = context.nodeSpan(node);
  const kind = presentSpelling(wordOf(keyword)) as DefinitionKind;
  const lists = (children.parameters ?? []).map((list) => buildParameters(list, context));
  const [hyperParameters = [], inputs = []] =
    lists.length === 1 && !lists.every((list) => list.every(isHyperParameter)) ? [[], ...lists] : lists;
  const result = first(children.type);
  const parts = first(children.definitionBody)?.children;
  const [inverse, overall] = [first(parts?.inverse), first(parts?.overall)];
  if (inverse && kind !== 'layer') refusePart('syntax.inverse', inverse, kind, context);
  if (overall && kind !== 'metric') refusePart('syntax.overall', overall, kind, context);
  const documentation = context.documentationAbove(span.start);
  return [
    {
      ...{ kind, name, hyperParameters, inputs },
      ...(result && { result: buildType(result, context) }),
      body: buildBody(node, context, span),
      ...(inverse && { inverse: buildPart(inverse, context) }),
      ...(overall && { overall: buildPart(overall, context) }),
      ...(documentation !== undefined && { documentation }),
      span,
    },
  ];
}

/** Classifies a single list: hyper-parameters have a default, or a type that no input has. */
function isHyperParameter(parameter: Parameter): boolean {
  const { type } = parameter;
  if (parameter.default !== undefined) return true;
  if (type?.kind !== 'named' || type.shape !== undefined) return false;
  return type.arguments.length === 0 || !inputTypes.has(type.name.text);
}

/** `class(10)` and `int(5000)` are inputs; `int`, `layer` and `one_of(same, valid)` are not. */
const inputTypes = new Set(['class', 'int']);

function refusePart(
  code: 'syntax.inverse' | 'syntax.overall',
  node: cst.InverseCstNode | cst.OverallCstNode,
  kind: DefinitionKind,
  context: TreeContext,
): void {
  const article = /^[aeiou]/.test(kind) ? 'an' : 'a';
  const word = first(node.name === 'inverse' ? node.children.Inverse : node.children.Overall);
  const span = word ? context.tokenSpan(word) : context.nodeSpan(node);
  context.diagnostics.push(diagnostic(code, span, { article, kind }));
}

function buildBody(node: cst.DefinitionCstNode, context: TreeContext, fallback: Span): Block {
  const body = first(node.children.definitionBody);
  if (body) {
    const span = context.nodeSpan(body, fallback.end);
    const build = () => buildStatements(body.children.statement, context);
    return { statements: context.nested(1, span, build, []), span };
  }
  const value = buildExpression(first(node.children.expression), context, fallback);
  return { statements: [{ kind: 'return', values: [value], span: value.span }], span: value.span };
}

function buildPart(node: cst.InverseCstNode | cst.OverallCstNode, context: TreeContext): Inverse & Overall {
  const span = context.nodeSpan(node);
  const parameters = first(node.children.parameters);
  return {
    inputs: parameters ? buildParameters(parameters, context) : [],
    body: buildBlock(first(node.children.block), context, span),
    span,
  };
}

function buildParameters(node: cst.ParametersCstNode, context: TreeContext): Parameter[] {
  const build = () => (node.children.parameter ?? []).flatMap((each) => buildParameter(each, context));
  return context.nested(1, context.nodeSpan(node), build, []);
}

function buildParameter(node: cst.ParameterCstNode, context: TreeContext): Parameter[] {
  const name = buildName(node.children.Name, context);
  if (!name) return [];
  const span = context.nodeSpan(node);
  const type = first(node.children.type);
  const value = first(node.children.expression);
  return [
    {
      name,
      ...(type && { type: buildType(type, context) }),
      ...(value && { default: buildExpression(value, context, span) }),
      span,
    },
  ];
}

function buildModel(node: cst.ModelCstNode, context: TreeContext): Model[] {
  const name = buildName(node.children.Name, context);
  if (!name) return [];
  const span = context.nodeSpan(node);
  const documentation = context.documentationAbove(span.start);
  const build = () => (node.children.modelItem ?? []).flatMap((item) => buildItem(item, context));
  return [
    {
      kind: 'model',
      name,
      items: context.nested(1, span, build, []),
      ...(documentation !== undefined && { documentation }),
      span,
    },
  ];
}

function buildItem(node: cst.ModelItemCstNode, context: TreeContext): ModelItem[] {
  const { children } = node;
  const span = context.nodeSpan(node);
  const constants = first(children.constDeclaration);
  if (constants) return buildModelConstants(constants, context);
  const input = first(children.modelInput);
  if (input) return buildInput(input, context, span);
  const binding = first(children.letStatement);
  if (binding) return [buildLet(binding, context)];
  const storage = first(children.storageStatement);
  if (storage) return [buildStorage(storage.children.StorageKeyword, storage, context)];
  const net = first(children.netItem);
  if (net) return [{ kind: 'net', body: buildBlock(first(net.children.block), context, span), span }];
  const output = first(children.outputItem);
  if (output) return [buildOutput(output, context, span)];
  const expression = first(children.expressionItem);
  if (expression) return [buildExpressionItem(expression, context, span)];
  const metrics = first(children.metricsItem);
  if (metrics) {
    const values = (metrics.children.expression ?? []).map((each) => buildExpression(each, context, span));
    return [{ kind: 'metrics', values, span }];
  }
  const train = first(children.trainItem);
  return train ? [buildTrain(train, context, span)] : [];
}

/** `const a = 1` is a compile-time value; `const K: [2, 2] = …` is a fixed tensor. */
function buildModelConstants(node: cst.ConstDeclarationCstNode, context: TreeContext): ModelItem[] {
  return (node.children.stateEntry ?? []).flatMap((entry): ModelItem[] => {
    const name = buildName(entry.children.Name, context);
    if (!name) return [];
    if (!first(entry.children.shape)) return [constOf(entry, name, context)];
    return [buildStorage(node.children.Const, { ...node, children: { stateEntry: [entry] } }, context)];
  });
}

function buildInput(node: cst.ModelInputCstNode, context: TreeContext, span: Span): ModelInput[] {
  const keyword = first(node.children.InputKeyword);
  const name = buildName(node.children.Name, context);
  const type = first(node.children.type);
  if (!keyword || !name || !type) return [];
  return [{ kind: wordOf(keyword) as ModelInput['kind'], name, type: buildType(type, context), span }];
}

function buildOutput(node: cst.OutputItemCstNode, context: TreeContext, span: Span): OutputItem {
  const name = buildName(node.children.Name, context);
  const value = buildExpression(first(node.children.expression), context, span);
  return { kind: 'output', ...(name && { name }), value, span };
}

function buildExpressionItem(
  node: cst.ExpressionItemCstNode,
  context: TreeContext,
  span: Span,
): ExpressionItem {
  const keyword = first(node.children.ItemKeyword);
  const kind = (keyword ? wordOf(keyword) : 'loss') as ExpressionItem['kind'];
  return { kind, value: buildExpression(first(node.children.expression), context, span), span };
}

function buildTrain(node: cst.TrainItemCstNode, context: TreeContext, span: Span): TrainItem {
  const build = (setting: cst.SettingCstNode): Setting[] => {
    const name = buildName(setting.children.Word, context);
    const own = context.nodeSpan(setting);
    if (!name) return [];
    return [{ name, value: buildExpression(first(setting.children.expression), context, own), span: own }];
  };
  return { kind: 'train', settings: (node.children.setting ?? []).flatMap(build), span };
}
