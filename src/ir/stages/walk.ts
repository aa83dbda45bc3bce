// Walks over kernels and expressions: operands, scopes, the buffers read, and structural keys.
import type { Axis, Buffer, BufferId, Condition, Expression, Index, Kernel, KernelProgram } from './type.ts';
import { elementCount } from '../../runtime/tensor.ts';

/** The operands of an expression, in order. */
export function operandsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'number':
    case 'position':
    case 'random':
      return [];
    case 'read':
      return expression.index.filter((index): index is Expression => 'kind' in index);
    case 'apply':
      return expression.operands;
    case 'guard':
    case 'reduce':
      return [expression.value];
    default:
      return expression satisfies never;
  }
}

/** The scope of an expression: the enclosing loop axes, and the conditions that hold where it is evaluated. */
export interface Scope {
  readonly axes: readonly Axis[];
  readonly conditions: readonly Condition[];
  /** How many of the axes, counted from the end, belong to reductions. */
  readonly reductions: number;
}

/** The scope of an operand. */
export function innerScope(expression: Expression, scope: Scope): Scope {
  if (expression.kind === 'guard')
    return { ...scope, conditions: [...scope.conditions, ...expression.conditions] };
  if (expression.kind !== 'reduce') return scope;
  return {
    ...scope,
    axes: [...scope.axes, ...expression.axes],
    reductions: scope.reductions + expression.axes.length,
  };
}

/** Visits every expression of a body in pre-order, with its scope. */
export function visitExpressions(
  expression: Expression,
  scope: Scope,
  visit: (expression: Expression, scope: Scope) => void,
): void {
  visit(expression, scope);
  const inner = innerScope(expression, scope);
  for (const operand of operandsOf(expression)) visitExpressions(operand, inner, visit);
}

export function outerScope(axes: readonly Axis[]): Scope {
  return { axes, conditions: [], reductions: 0 };
}

const buffersById = new WeakMap<KernelProgram, ReadonlyMap<BufferId, Buffer>>();

/** A program's buffers by their ids; made once. */
export function buffersOf(program: KernelProgram): ReadonlyMap<BufferId, Buffer> {
  const known = buffersById.get(program);
  if (known) return known;
  const made = new Map(program.buffers.map((buffer) => [buffer.id, buffer]));
  buffersById.set(program, made);
  return made;
}

/** Every buffer that a kernel reads, without repetition. */
export function buffersRead(kernel: Kernel): readonly BufferId[] {
  if (kernel.kind === 'scatter_add') return [...new Set([kernel.ids, kernel.values])];
  const found = new Set<BufferId>();
  visitExpressions(kernel.body, outerScope(kernel.axes), (expression) => {
    if (expression.kind === 'read') found.add(expression.buffer);
    if (expression.kind === 'random') found.add(expression.key);
  });
  return [...found];
}

/**
 * Equal for equal expressions.
 * @param keyOf of an operand; one that numbers operands makes the keys of all subexpressions linear in the body's size
 */
export function expressionKey(
  expression: Expression,
  keyOf: (operand: Expression) => string = (operand) => expressionKey(operand),
): string {
  switch (expression.kind) {
    case 'number':
      return `#${numberKey(expression.value)}`;
    case 'position':
      return `@${indexKey(expression.index)}`;
    case 'random':
      return `?${expression.key}.${expression.site}${indexKey(expression.index)}`;
    case 'read': {
      const index = expression.index.map((each) => ('kind' in each ? keyOf(each) : indexKey(each)));
      return `b${expression.buffer}[${index.join(',')}]`;
    }
    case 'apply':
      return `${expression.function}(${expression.operands.map(keyOf).join(',')})`;
    case 'guard': {
      const conditions = expression.conditions.map(conditionKey).join('&');
      return `if(${conditions}:${keyOf(expression.value)}:${numberKey(expression.otherwise)})`;
    }
    case 'reduce': {
      const axes = expression.axes.map((axis) => `${axis.id}<${axis.size}`).join(',');
      return `${expression.reducer}{${axes}}(${keyOf(expression.value)})`;
    }
    default:
      return expression satisfies never;
  }
}

export function indexKey(index: Index): string {
  const terms = index.terms.map((term) => `+${term.factor}${term.axis}`).join('');
  return `(${index.constant}${terms}/${index.divisor})`;
}

export function conditionKey(condition: Condition): string {
  return condition.kind === 'inside'
    ? `${indexKey(condition.index)}<${condition.limit}`
    : `${condition.modulus}|${indexKey(condition.index)}`;
}

function numberKey(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** A copy with each operand, and each of its own indices, replaced. */
export function mapOperands(
  expression: Expression,
  operand: (operand: Expression) => Expression,
  index: (index: Index) => Index,
): Expression {
  switch (expression.kind) {
    case 'number':
      return expression;
    case 'position':
    case 'random':
      return { ...expression, index: index(expression.index) };
    case 'read':
      return {
        ...expression,
        index: expression.index.map((each) => ('kind' in each ? operand(each) : index(each))),
      };
    case 'apply':
      return { ...expression, operands: expression.operands.map(operand) };
    case 'guard': {
      const conditions = expression.conditions.map((condition) => ({
        ...condition,
        index: index(condition.index),
      }));
      return { ...expression, conditions, value: operand(expression.value) };
    }
    case 'reduce':
      return { ...expression, value: operand(expression.value) };
    default:
      return expression satisfies never;
  }
}

/** The number of elements: the product of the sizes. */
export function elementsOf(axes: readonly Pick<Axis, 'size'>[]): number {
  return elementCount(axes.map((axis) => axis.size));
}
