// Flat expressions of the concrete tree become expressions with precedence, types and literals.
// Precedence from the loosest: chain; or; and; not; comparison; + -; * / @; unary -; ^. All are left-associative but ^, which is
// right-associative, and comparisons, which do not associate.
import type { IToken } from 'chevrotain';
import { diagnostic } from '../diagnostics/diagnostic.ts';
import { coverSpans, type Span } from '../diagnostics/source.ts';
import type {
  Argument,
  BinaryOperator,
  CallExpression,
  Dimension,
  Expression,
  Name,
  NamedType,
  ShapeType,
  StringLiteral,
  TypeExpression,
} from './ast.ts';
import type * as cst from './cst.ts';
import { readNumber, readString } from './literals.ts';
import { first, type TreeContext } from './tree-context.ts';
import { presentSpelling } from './tokens.ts';

const chainLevel = 1;
const notLevel = 4;
const comparisonLevel = 5;
const powerLevel = 9;
const levels = new Map<string, number>([
  ...[['->', chainLevel] as const, ['or', 2] as const, ['and', 3] as const],
  ...['==', '!=', '<', '<=', '>', '>='].map((operator) => [operator, comparisonLevel] as const),
  ...[['+', 6] as const, ['-', 6] as const],
  ...[['*', 7] as const, ['/', 7] as const, ['@', 7] as const],
  ['^', powerLevel] as const,
]);

export function buildExpression(
  node: cst.ExpressionCstNode | undefined,
  context: TreeContext,
  fallback: Span,
): Expression {
  if (!node) return context.hole(fallback);
  const operands = node.children.operand;
  const operators = node.children.BinaryOperator;
  const only = first(operands);
  if (only && operators === undefined && only.children.PrefixOperator === undefined)
    return buildPrimary(only, context, fallback);
  return new OperatorReader(
    operands ?? [],
    operators ?? [],
    context,
    context.nodeSpan(node, fallback.end),
  ).read(0);
}

/** Parses operands and operators by precedence climbing. */
class OperatorReader {
  private operandIndex = 0;
  private prefixIndex = 0;

  constructor(
    private readonly operands: readonly cst.OperandCstNode[],
    private readonly operators: readonly IToken[],
    private readonly context: TreeContext,
    private readonly whole: Span,
  ) {}

  /** An expression of operators with at least the precedence `least`. */
  read(least: number): Expression {
    let left = this.prefixed(least);
    for (;;) {
      const operator = this.operators[this.operandIndex - 1];
      const level = operator && levels.get(operator.image);
      if (operator === undefined || level === undefined || level < least) return left;
      if (level === chainLevel) {
        left = this.chain(left);
        continue;
      }
      const right = this.right(operator, level);
      left = {
        kind: 'binary',
        operator: operator.image as BinaryOperator,
        left,
        right,
        span: coverSpans(left.span, right.span),
      };
      if (level === comparisonLevel) this.refuseSecondComparison(operator);
    }
  }

  private right(operator: IToken, level: number): Expression {
    if (level !== powerLevel) return this.read(level + 1);
    const span = this.context.tokenSpan(operator);
    return this.context.nested(1, span, () => this.read(level), undefined) ?? this.abandon(span);
  }

  private chain(start: Expression): Expression {
    const stages = [start];
    let end = start.span;
    while (this.operators[this.operandIndex - 1]?.image === '->') {
      const stage = this.read(chainLevel + 1);
      stages.push(stage);
      end = stage.span;
    }
    return { kind: 'chain', stages, span: coverSpans(start.span, end) };
  }

  private prefixed(least: number): Expression {
    const operand = this.operands[this.operandIndex];
    if (!operand) {
      this.operandIndex += 1;
      return this.context.hole(this.whole);
    }
    const prefix = operand.children.PrefixOperator?.[this.prefixIndex];
    if (!prefix) {
      this.operandIndex += 1;
      this.prefixIndex = 0;
      return buildPrimary(operand, this.context, this.whole);
    }
    this.prefixIndex += 1;
    const span = this.context.tokenSpan(prefix);
    const isNot = prefix.image === 'not';
    if (isNot && least > notLevel) this.context.diagnostics.push(diagnostic('syntax.not-operand', span, {}));
    const value = this.context.nested(1, span, () => this.read(isNot ? notLevel : powerLevel), undefined);
    if (!value) return this.abandon(span);
    return {
      kind: 'unary',
      operator: isNot ? 'not' : '-',
      operand: value,
      span: coverSpans(span, value.span),
    };
  }

  private refuseSecondComparison(earlier: IToken): void {
    const next = this.operators[this.operandIndex - 1];
    if (!next || levels.get(next.image) !== comparisonLevel) return;
    this.context.diagnostics.push(
      diagnostic(
        'syntax.comparison',
        this.context.tokenSpan(next),
        { operator: next.image },
        {
          related: [{ span: this.context.tokenSpan(earlier), message: 'the first comparison' }],
        },
      ),
    );
  }

  /** Skips the rest of an expression that is nested too deeply. */
  private abandon(span: Span): Expression {
    this.operandIndex = this.operands.length + this.operators.length + 1;
    return this.context.hole(span);
  }
}

type Postfix = IToken | cst.MemberCstNode | cst.CallArgumentsCstNode;

const isNode = (postfix: Postfix): postfix is cst.MemberCstNode | cst.CallArgumentsCstNode =>
  'children' in postfix;
const startOf = (postfix: Postfix): number =>
  (isNode(postfix) ? postfix.location?.startOffset : postfix.startOffset) ?? 0;

function buildPrimary(node: cst.OperandCstNode, context: TreeContext, fallback: Span): Expression {
  const quotes: readonly Postfix[] = node.children.Transpose ?? [];
  const nodes: readonly Postfix[] = [...(node.children.member ?? []), ...(node.children.callArguments ?? [])];
  if (quotes.length + nodes.length === 0) return buildAtom(node, context, fallback);
  const postfixes = [...quotes, ...nodes].sort((left, right) => startOf(left) - startOf(right));
  const span = context.nodeSpan(node, fallback.end);
  // Each postfix encloses everything on its left, so the first call is nested deepest.
  const atom = context.nested(postfixes.length, span, () => buildAtom(node, context, fallback), undefined);
  if (!atom) return context.hole(span);
  let value = atom;
  for (const [index, postfix] of postfixes.entries()) {
    if (!isNode(postfix)) {
      value = { kind: 'transpose', operand: value, span: coverSpans(value.span, context.tokenSpan(postfix)) };
      continue;
    }
    const own = context.nodeSpan(postfix, value.span.end);
    if (postfix.name === 'member') {
      const token = first(postfix.children.Name);
      const name = token ? context.name(token) : { text: '', span: own };
      value = { kind: 'member', owner: value, name, span: coverSpans(value.span, own) };
      continue;
    }
    const called: CallExpression = {
      kind: 'call',
      callee: value,
      arguments: [],
      span: coverSpans(value.span, own),
    };
    const built = context.nested(
      postfixes.length - index,
      own,
      () => buildArguments(postfix, context, own),
      [],
    );
    value = { ...called, arguments: built };
  }
  return value;
}

function buildArguments(node: cst.CallArgumentsCstNode, context: TreeContext, fallback: Span): Argument[] {
  return (node.children.argument ?? []).map((argument) => {
    const span = context.nodeSpan(argument, fallback.end);
    const name = first(argument.children.Word);
    const value = buildExpression(first(argument.children.expression), context, span);
    return { ...(name && { name: context.name(name) }), value, span };
  });
}

function buildAtom(node: cst.OperandCstNode, context: TreeContext, fallback: Span): Expression {
  const { children } = node;
  const name = first(children.Name);
  if (name) return { kind: 'name', text: name.image, span: context.tokenSpan(name) };
  const number = first(children.Number);
  if (number) return readNumber(number, context);
  const text = first(children.String);
  if (text) return readString(text, context);
  const truth = first(children.True) ?? first(children.False);
  if (truth) return { kind: 'boolean', value: truth.image === 'true', span: context.tokenSpan(truth) };
  const none = first(children.None);
  if (none) return { kind: 'none', span: context.tokenSpan(none) };
  const list = first(children.list);
  if (list) return buildList(list, context, fallback);
  const parenthesised = first(children.parenthesised);
  if (!parenthesised) return context.hole(context.nodeSpan(node, fallback.end));
  // The span includes the parentheses, so that enclosing expressions start at them.
  const span = context.nodeSpan(parenthesised, fallback.end);
  const inner = first(parenthesised.children.expression);
  return {
    ...context.nested(1, span, () => buildExpression(inner, context, span), context.hole(span)),
    span,
  };
}

function buildList(node: cst.ListCstNode, context: TreeContext, fallback: Span): Expression {
  const span = context.nodeSpan(node, fallback.end);
  const items = node.children.expression ?? [];
  const build = () => items.map((item) => buildExpression(item, context, span));
  return { kind: 'list', items: context.nested(1, span, build, []), span };
}

export function buildType(node: cst.TypeCstNode, context: TreeContext): TypeExpression {
  const shape = first(node.children.shape);
  if (shape) return buildShape(shape, context);
  const named = first(node.children.namedType);
  const span = context.nodeSpan(node);
  return named ? buildNamedType(named, context, span) : { kind: 'shape', dimensions: [], span };
}

function buildNamedType(node: cst.NamedTypeCstNode, context: TreeContext, fallback: Span): NamedType {
  const span = context.nodeSpan(node, fallback.end);
  const name = first(node.children.Name);
  const shape = first(node.children.shape);
  const items = node.children.expression ?? [];
  const build = () => items.map((item) => buildExpression(item, context, span));
  return {
    kind: 'named',
    name: name ? presentName(context.name(name)) : { text: '', span },
    arguments: context.nested(1, span, build, []),
    ...(shape && { shape: buildShape(shape, context) }),
    span,
  };
}

function presentName(name: Name): Name {
  return { ...name, text: presentSpelling(name.text) };
}

export function buildShape(node: cst.ShapeCstNode, context: TreeContext): ShapeType {
  const span = context.nodeSpan(node);
  const build = () =>
    (node.children.dimension ?? []).map((dimension) => buildDimension(dimension, context, span));
  return { kind: 'shape', dimensions: context.nested(1, span, build, []), span };
}

function buildDimension(node: cst.DimensionCstNode, context: TreeContext, fallback: Span): Dimension {
  const ellipsis = first(node.children.Ellipsis);
  if (ellipsis) return { kind: 'ellipsis', span: context.tokenSpan(ellipsis) };
  return buildExpression(first(node.children.expression), context, fallback);
}

export function buildText(token: IToken | undefined, context: TreeContext, fallback: Span): StringLiteral {
  return token
    ? readString(token, context)
    : { kind: 'string', value: '', span: context.hole(fallback).span };
}
