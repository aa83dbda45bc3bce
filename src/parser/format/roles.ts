// The layout role of each token, from the concrete tree: its rule, what starts at it, and which blocks are written on several lines.
import type { CstNode, IToken } from 'chevrotain';
import type * as cst from '../cst.ts';
import { first } from '../tree-context.ts';

/** The construct that a token starts; an `expression` is a statement that may share its line with the previous one. */
export type Beginning = 'declaration' | 'item' | 'statement' | 'expression' | 'setting' | 'part';

export interface Role {
  /** The innermost rule that contains the token, and the rule's label for it. */
  readonly rule: string;
  readonly key: string;
}

export interface Roles {
  readonly roles: ReadonlyMap<IToken, Role>;
  readonly beginnings: ReadonlyMap<number, Beginning>;
  /** The offsets of hyper-parameter lists, which follow the name without a space. */
  readonly hyperParameters: ReadonlySet<number>;
  /** The powers that are written without spaces. */
  readonly tightPowers: ReadonlySet<IToken>;
}

export function findRoles(program: cst.ProgramCstNode): Roles {
  const found = {
    roles: new Map<IToken, Role>(),
    beginnings: new Map<number, Beginning>(),
    hyperParameters: new Set<number>(),
    tightPowers: new Set<IToken>(),
  };
  const pending: CstNode[] = [program];
  for (let node = pending.pop(); node; node = pending.pop()) {
    visit(node, found);
    for (const [key, children] of Object.entries(node.children))
      for (const child of children)
        if ('children' in child) pending.push(child);
        else found.roles.set(child, { rule: node.name, key });
  }
  return found;
}

interface Found {
  readonly beginnings: Map<number, Beginning>;
  readonly hyperParameters: Set<number>;
  readonly tightPowers: Set<IToken>;
}

const declarations = ['importDeclaration', 'constDeclaration', 'definition', 'model'];

function visit(node: CstNode, found: Found): void {
  const begin = (kind: Beginning, child: CstNode | undefined) => {
    const offset = child?.location?.startOffset;
    if (offset !== undefined) found.beginnings.set(offset, kind);
  };
  if (node.name === 'program')
    for (const name of declarations)
      for (const child of node.children[name] ?? []) begin('declaration', asNode(child));
  if (node.name === 'modelItem') begin('item', node);
  if (node.name === 'statement') begin(node.children['expression'] ? 'expression' : 'statement', node);
  if (node.name === 'setting') begin('setting', node);
  if (node.name === 'inverse' || node.name === 'overall') begin('part', node);
  if (isDefinition(node)) findHyperParameters(node, found);
  if (isExpression(node)) findTightPowers(node, found);
}

const asNode = (child: CstNode | IToken): CstNode | undefined => ('children' in child ? child : undefined);
const isDefinition = (node: CstNode): node is cst.DefinitionCstNode => node.name === 'definition';
const isExpression = (node: CstNode): node is cst.ExpressionCstNode => node.name === 'expression';

function findHyperParameters(node: cst.DefinitionCstNode, found: Found): void {
  const lists = node.children.parameters ?? [];
  const [only] = lists;
  const start = only?.location?.startOffset;
  if (start === undefined) return;
  const plain = (parameter: cst.ParameterCstNode) =>
    parameter.children.expression !== undefined || isBare(parameter);
  // A single list contains the inputs, unless every entry is a hyper-parameter: the same rule as in the tree.
  if (lists.length > 1 || (only?.children.parameter ?? []).every(plain)) found.hyperParameters.add(start);
}

function isBare(parameter: cst.ParameterCstNode): boolean {
  const named = first(first(parameter.children.type)?.children.namedType)?.children;
  if (!named || named.shape) return false;
  return !named.expression || !['class', 'int'].includes(first(named.Name)?.image ?? '');
}

/** `x^2` and `beta^step`, but `a ^ (b + c)`, `a ^ -b` and `a ^ f(b)`. */
function findTightPowers(node: cst.ExpressionCstNode, found: Found): void {
  for (const [index, operator] of (node.children.BinaryOperator ?? []).entries()) {
    const right = node.children.operand?.[index + 1]?.children;
    if (operator.image !== '^' || !right) continue;
    const plain = (right.Name ?? right.Number) !== undefined;
    if (plain && !right.PrefixOperator && !right.callArguments && !right.member && !right.Transpose)
      found.tightPowers.add(operator);
  }
}
