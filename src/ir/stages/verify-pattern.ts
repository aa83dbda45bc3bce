// Throws where a kernel's pattern does not match its body: a pass rewrote the body and kept the pattern, or recognition was wrong.
import {
  accumulator,
  type Axis,
  type Contraction,
  type ContractionOperand,
  type Convolution,
  type Expression,
  type MapKernel,
  type Pattern,
} from './type.ts';
import { expressionKey, mapOperands } from './walk.ts';

export function verifyPattern(kernel: MapKernel, pattern: Pattern): void {
  const check = (condition: boolean, otherwise: string) => {
    if (!condition) throw new Error(`kernel ${kernel.name} has a pattern ${otherwise}`);
  };
  const { contraction } = pattern;
  check(
    expressionKey(merged(bodyOf(contraction))) === expressionKey(merged(kernel.body)),
    'of another body than its own',
  );
  const { batch, m, n, k, left, right } = contraction;
  const sorted = [...batch, ...m, ...n].map(({ id }) => id).sort();
  const own = kernel.axes.map(({ id }) => id).sort();
  check(sorted.join(' ') === own.join(' '), 'that does not sort its output axes');
  check(m.every(isIn(left)) && !m.some(isIn(right)), 'whose rows are not axes of the left operand alone');
  check(n.every(isIn(right)) && !n.some(isIn(left)), 'whose columns are not axes of the right operand alone');
  check(
    contraction.sum.axes.map(({ id }) => id).join(' ') === k.map(({ id }) => id).join(' '),
    'with another depth than its sum',
  );
  if (pattern.kind !== 'convolution') return;
  check(pattern.forms.length > 0, 'of a convolution that has no form');
  for (const form of pattern.forms)
    check(
      isConvolution(form, contraction, kernel.axes),
      `of a convolution whose windows do not move as it says`,
    );
}

/** The epilogue with the sum of products substituted. */
function bodyOf({ epilogue, left, right, k }: Contraction): Expression {
  const operands = [left, right].map(({ buffer, index, conditions }): Expression => {
    const value: Expression = { kind: 'read', buffer, index };
    return conditions.length === 0 ? value : { kind: 'guard', conditions, value, otherwise: 0 };
  });
  const value: Expression = { kind: 'apply', function: 'multiply', operands };
  const sum: Expression = { kind: 'reduce', reducer: 'sum', axes: k, value };
  const replace = (expression: Expression): Expression =>
    expression.kind === 'read' && expression.buffer === accumulator
      ? sum
      : mapOperands(expression, replace, (index) => index);
  return replace(epilogue);
}

/** Nested guards that give zero are merged into one. */
function merged(expression: Expression): Expression {
  const inner = mapOperands(expression, merged, (index) => index);
  if (inner.kind !== 'guard' || inner.value.kind !== 'guard') return inner;
  if (inner.otherwise !== 0 || inner.value.otherwise !== 0) return inner;
  return { ...inner.value, conditions: [...inner.conditions, ...inner.value.conditions] };
}

const indicesOf = ({ index, conditions }: ContractionOperand) => [
  ...index,
  ...conditions.map((condition) => condition.index),
];

const isIn =
  (operand: ContractionOperand) =>
  ({ id }: Pick<Axis, 'id'>): boolean =>
    indicesOf(operand).some(({ terms }) => terms.some(({ axis }) => axis === id));

/** Whether the image's indices depend on place and window only by their sum (or difference), and the other operand lacks one of them. */
function isConvolution(
  { kind, image, windows }: Convolution,
  contraction: Contraction,
  axes: readonly Axis[],
): boolean {
  const other = contraction[image === 'left' ? 'right' : 'left'];
  const has = (list: readonly Axis[], id: string) => list.some((axis) => axis.id === id);
  const [windowAxes, placeAxes] = kind === 'outputs' ? [contraction.k, axes] : [axes, contraction.k];
  return windows.every(({ window, place, backwards }) => {
    const together = indicesOf(contraction[image]).every(({ terms }) => {
      const factor = (id: string) =>
        terms.reduce((total, term) => total + (term.axis === id ? term.factor : 0), 0);
      return factor(window) === (backwards ? -factor(place) : factor(place));
    });
    const absent = !isIn(other)({ id: kind === 'outputs' ? place : window });
    return together && absent && has(windowAxes, window) && has(placeAxes, place);
  });
}
