// Converts blocks and statements of the concrete tree to those of the syntax tree.
import type { IToken } from 'chevrotain';
import type { Span } from '../diagnostics/source.ts';
import type {
  Binding,
  Block,
  IfStatement,
  LetStatement,
  StateDeclaration,
  StateEntry,
  Statement,
} from './ast.ts';
import { buildExpression, buildShape, buildText } from './build-expression.ts';
import type * as cst from './cst.ts';
import { first, wordOf, type TreeContext } from './tree-context.ts';

export function buildBlock(node: cst.BlockCstNode | undefined, context: TreeContext, fallback: Span): Block {
  if (!node) return { statements: [], span: context.span(fallback.end, fallback.end) };
  const span = context.nodeSpan(node, fallback.end);
  return {
    statements: context.nested(1, span, () => buildStatements(node.children.statement, context), []),
    span,
  };
}

export function buildStatements(
  nodes: readonly cst.StatementCstNode[] | undefined,
  context: TreeContext,
): Statement[] {
  return (nodes ?? []).flatMap((node) => buildStatement(node, context));
}

function buildStatement(node: cst.StatementCstNode, context: TreeContext): Statement[] {
  const { children } = node;
  const span = context.nodeSpan(node);
  const expression = first(children.expression);
  if (expression) return [{ kind: 'expression', value: buildExpression(expression, context, span), span }];
  const binding = first(children.letStatement);
  if (binding) return [buildLet(binding, context)];
  const storage = first(children.storageStatement);
  if (storage) return [buildStorage(storage.children.StorageKeyword, storage, context)];
  const update = first(children.updateStatement);
  if (update) return buildUpdate(update, context, span);
  const branch = first(children.ifStatement);
  if (branch) return [buildIf(branch, context, span)];
  const result = first(children.returnStatement);
  if (result) {
    const values = (result.children.expression ?? []).map((each) => buildExpression(each, context, span));
    return [{ kind: 'return', values, span }];
  }
  const assertion = first(children.assertStatement);
  if (assertion) return [buildAssert(assertion, context, span)];
  const repeat = first(children.repeatStatement);
  if (repeat) return [buildRepeat(repeat, context, span)];
  const residual = first(children.residualStatement);
  if (residual)
    return [{ kind: 'residual', body: buildBlock(first(residual.children.block), context, span), span }];
  const parallel = first(children.parallelStatement);
  if (parallel) return [buildParallel(parallel, context, span)];
  const scan = first(children.scanStatement);
  return scan ? buildScan(scan, context, span) : [];
}

export function buildLet(node: cst.LetStatementCstNode, context: TreeContext): LetStatement {
  const bindings = (node.children.binding ?? []).flatMap((binding) => buildBinding(binding, context));
  return { kind: 'let', bindings, span: context.nodeSpan(node) };
}

function buildBinding(node: cst.BindingCstNode, context: TreeContext): Binding[] {
  const span = context.nodeSpan(node);
  const names = (node.children.Name ?? [])
    .filter((name) => name.image !== '')
    .map((name) => context.name(name));
  if (names.length === 0) return [];
  return [{ names, value: buildExpression(first(node.children.expression), context, span), span }];
}

/** `param …`, `buffer …`, `const …` or `state …`; the keyword is a parameter, since models parse `const` by a rule of its own. */
export function buildStorage(
  keyword: readonly IToken[] | undefined,
  node: cst.StorageStatementCstNode | (Omit<cst.ConstDeclarationCstNode, 'children'> & EntriesOnly),
  context: TreeContext,
): StateDeclaration {
  const word = first(keyword);
  const storage = (word ? wordOf(word) : 'param') as StateDeclaration['storage'];
  const entries = (node.children.stateEntry ?? []).flatMap((entry) => buildEntry(entry, context));
  return { kind: 'declare', storage, entries, span: context.nodeSpan(node) };
}

interface EntriesOnly {
  readonly children: { readonly stateEntry: cst.StateEntryCstNode[] };
}

function buildEntry(node: cst.StateEntryCstNode, context: TreeContext): StateEntry[] {
  const span = context.nodeSpan(node);
  const name = first(node.children.Name);
  const shape = first(node.children.shape);
  if (!name || name.image === '') return [];
  return [
    {
      name: context.name(name),
      ...(shape && { shape: buildShape(shape, context) }),
      initial: buildExpression(first(node.children.expression), context, span),
      span,
    },
  ];
}

function buildUpdate(node: cst.UpdateStatementCstNode, context: TreeContext, span: Span): Statement[] {
  const target = first(node.children.Name);
  if (!target) return [];
  const value = buildExpression(first(node.children.expression), context, span);
  return [{ kind: 'update', target: context.name(target), value, span }];
}

function buildIf(node: cst.IfStatementCstNode, context: TreeContext, span: Span): IfStatement {
  const { children } = node;
  const chain = children.elseIf ?? [];
  const last = first(children.block?.slice(1));
  // Each `else if` is nested in the `else` block of the previous one, as its only statement.
  const rest = (index: number): Block | undefined => {
    const next = chain[index];
    if (!next) return last && buildBlock(last, context, span);
    const own = context.span(context.nodeSpan(next).start, span.end);
    const word = first(next.children.If);
    const inner = word ? context.span(word.startOffset, span.end) : own;
    return context.nested(
      1,
      own,
      () => ({ statements: [branch(next.children, inner, index + 1)], span: inner }),
      undefined,
    );
  };
  const branch = (
    parts: cst.IfStatementCstNode['children'] | cst.ElseIfCstNode['children'],
    own: Span,
    next: number,
  ): IfStatement => {
    const condition = buildExpression(first(parts.expression), context, own);
    const then = buildBlock(first(parts.block), context, own);
    const otherwise = rest(next);
    return { kind: 'if', condition, then, ...(otherwise && { otherwise }), span: own };
  };
  return branch(children, span, 0);
}

function buildAssert(node: cst.AssertStatementCstNode, context: TreeContext, span: Span): Statement {
  const condition = buildExpression(first(node.children.expression), context, span);
  const message = first(node.children.String);
  return { kind: 'assert', condition, ...(message && { message: buildText(message, context, span) }), span };
}

function buildRepeat(node: cst.RepeatStatementCstNode, context: TreeContext, span: Span): Statement {
  const count = buildExpression(first(node.children.expression), context, span);
  const index = first(node.children.Name);
  const body = buildBlock(first(node.children.block), context, span);
  return { kind: 'repeat', count, ...(index && { index: context.name(index) }), body, span };
}

function buildParallel(node: cst.ParallelStatementCstNode, context: TreeContext, span: Span): Statement {
  const join = buildExpression(first(node.children.expression), context, span);
  const branches = (node.children.block ?? []).map((block) => buildBlock(block, context, span));
  return { kind: 'parallel', join, branches, span };
}

function buildScan(node: cst.ScanStatementCstNode, context: TreeContext, span: Span): Statement[] {
  const [input, axis] = node.children.expression ?? [];
  const name = first(node.children.Name);
  if (!name) return [];
  return [
    {
      kind: 'scan',
      input: buildExpression(input, context, span),
      axis: buildExpression(axis, context, span),
      name: context.name(name),
      body: buildBlock(first(node.children.block), context, span),
      span,
    },
  ];
}
