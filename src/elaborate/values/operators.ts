// Operators: numbers are computed, words compared, generators joined, and tensors become nodes.
import { showShape } from '../../runtime/tensor.ts';
import type { Shape } from '../../ir/graph/type.ts';
import type { BinaryExpression, Expression, UnaryExpression } from '../../parser/ast.ts';
import type { Context, Environment } from '../context.ts';
import { generatorOf } from './generators.ts';
import { describeOptions, standsForValue, wordsOf } from '../hyper.ts';
import { meantInstead } from '../../names/meant.ts';
import { productMisfit } from './misfits.ts';
import { originsOf } from './places.ts';
import { sourceText } from './types.ts';
import {
  booleanValue,
  describe,
  exampleShape,
  numberValue,
  poison,
  type Generator,
  type TensorValue,
  type Value,
} from './values.ts';

/** `-x` and `not x` of a value. */
export function unary(
  context: Context,
  operator: '-' | 'not',
  operand: Value,
  expression: UnaryExpression,
): Value {
  if (operand.kind === 'poison') return operand;
  if (operator === 'not') {
    if (operand.kind === 'boolean') return booleanValue(!operand.value);
    if (operand.kind === 'tensor') {
      context.locate(expression.span);
      return context.tensors.elementwise('subtract', [1, operand], 'not');
    }
  } else {
    if (operand.kind === 'number') return numberValue(-operand.value);
    if (operand.kind === 'generator')
      return generated({ kind: 'unary', function: 'negate', operand: operand.generator });
    if (operand.kind === 'tensor') {
      context.locate(expression.span);
      return context.tensors.unary('negate', operand);
    }
  }
  return refuse(context, operator, operand, expression.operand);
}

const primitives = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '^': 'power',
  '==': 'equal',
  '<': 'less',
  '<=': 'less_equal',
} as const;

/** A binary operator; `known` is the left operand's value, if it was evaluated before. */
export function binary(
  context: Context,
  expression: BinaryExpression,
  environment: Environment,
  known: Value | undefined,
): Value {
  const { operator } = expression;
  if (!known && (operator === '==' || operator === '!=')) {
    const words = compareWords(context, expression, environment);
    if (words !== undefined) return booleanValue(operator === '==' ? words : !words);
  }
  const evaluated = (operand: Expression) =>
    context.attempt(operand.span, () => context.evaluate(operand, environment));
  const left = known ?? evaluated(expression.left);
  if (operator === 'and' && left.kind === 'boolean' && !left.value) return left;
  if (operator === 'or' && left.kind === 'boolean' && left.value) return left;
  const right = evaluated(expression.right);
  if (left.kind === 'poison' || right.kind === 'poison') return poison;
  refuseHabit(context, expression, left, right);
  if (left.kind === 'number' && right.kind === 'number')
    return arithmetic(context, expression, left.value, right.value);
  if (operator === '==' || operator === '!=') {
    const numeric = (value: Value) => value.kind === 'tensor' || value.kind === 'generator';
    if (!numeric(left) && !numeric(right)) {
      return booleanValue(sameValue(left, right) === (operator === '=='));
    }
  }
  if ((operator === 'and' || operator === 'or') && left.kind === 'boolean' && right.kind === 'boolean')
    return right;
  const generatorOperator =
    operator === '+' || operator === '-' || operator === '*' || operator === '/' || operator === '^';
  if (generatorOperator && left.kind !== 'tensor' && right.kind !== 'tensor') {
    const [a, b] = [generatorOf(left), generatorOf(right)];
    if (a && b) return generated({ kind: 'binary', operator, left: a, right: b });
  }
  const a = operandOf(context, left);
  const b = operandOf(context, right);
  if (a === undefined || b === undefined || (typeof a === 'number' && typeof b === 'number')) {
    const [wrong, operand] = a === undefined ? [left, expression.left] : [right, expression.right];
    return refuse(context, operator, wrong, operand);
  }
  context.locate(expression.span);
  if (operator !== '@') return elementwise(context, operator, a, b);
  if (typeof a === 'number') return refuse(context, operator, left, expression.left);
  if (typeof b === 'number') return refuse(context, operator, right, expression.right);
  checkProduct(context, expression, a, b);
  return context.tensors.matmul(a, b);
}

/** `3 * Linear(10)` and `"a" + "b"`, which other languages know. */
function refuseHabit(context: Context, expression: BinaryExpression, left: Value, right: Value): void {
  const { operator, span } = expression;
  const isLayer = (value: Value) =>
    value.kind === 'chain' || (value.kind === 'definition' && value.definition.kind === 'layer');
  const [count, layer] = left.kind === 'number' ? [left, right] : [right, left];
  if (operator === '*' && count.kind === 'number' && isLayer(layer)) {
    const repeated = sourceText(layer === right ? expression.right : expression.left);
    const replacement = `repeat ${count.value} { ${repeated} }`;
    const args = { found: `\`${sourceText(expression)}\``, example: `\`${replacement}\`` };
    context.fail('habit.repeated', span, args, { edit: { span, replacement } });
  }
  if (operator !== '+' || left.kind !== 'string' || right.kind !== 'string') return;
  const replacement = JSON.stringify(left.value + right.value);
  const args = { found: `\`${sourceText(expression)}\``, example: `\`${replacement}\`` };
  context.fail('habit.joined', span, args, { edit: { span, replacement } });
}

function elementwise(
  { tensors }: Context,
  operator: Exclude<BinaryExpression['operator'], '@'>,
  a: TensorValue | number,
  b: TensorValue | number,
): Value {
  switch (operator) {
    case '>':
      return tensors.elementwise('less', [b, a], operator);
    case '>=':
      return tensors.elementwise('less_equal', [b, a], operator);
    case '!=':
      return tensors.elementwise('subtract', [1, tensors.elementwise('equal', [a, b], operator)], operator);
    case 'and':
      return tensors.elementwise('multiply', [a, b], operator);
    case 'or':
      return tensors.elementwise('maximum', [a, b], operator);
    default:
      return tensors.elementwise(primitives[operator], [a, b], operator);
  }
}

/** Reports an operand of a type that the operator does not accept. */
function refuse(context: Context, operator: string, value: Value, operand: Expression): never {
  const text = sourceText(operand);
  const applies = value.kind === 'definition' || value.kind === 'chain' || value.kind === 'builtin';
  const initial = value.kind === 'definition' && value.definition.kind === 'initializer';
  if (initial) {
    const help = 'It starts a `param`, `buffer` or `const`; fresh random numbers are `random(x)`.';
    return context.fail('value.operand', operand.span, { operator, found: describe(value), help });
  }
  const help = applies ? `Apply it to a value, such as \`${text}(x)\`.` : '';
  return context.fail('value.operand', operand.span, { operator, found: describe(value), help });
}

/** The contracted sizes of a matrix product must be equal. */
function checkProduct(context: Context, expression: BinaryExpression, a: TensorValue, b: TensorValue): void {
  const [left, right] = [exampleShape(a), exampleShape(b)];
  const reason = productMisfit(left, right);
  if (reason === undefined) return;
  const help = transposeHelp(left, right, expression);
  const args = { left: showShape(left), right: showShape(right), reason, help };
  context.fail('shape.product', expression.span, args, { related: originsOf([a, b]) });
}

/** The operand that would fit if it were transposed; the right one first, where weights [out, in] usually are. */
function transposeHelp(left: Shape, right: Shape, { left: first, right: second }: BinaryExpression): string {
  const transposed = (shape: Shape) => [...shape.slice(0, -2), shape.at(-1) ?? 1, shape.at(-2) ?? 1];
  const written = (operand: Expression, turned: boolean) => {
    const text = sourceText(operand);
    return turned ? `${operand.kind === 'name' || operand.kind === 'call' ? text : `(${text})`}'` : text;
  };
  const fits = (side: string, turned: readonly boolean[]) =>
    `With the ${side} side transposed it fits: \`${written(first, turned[0] === true)} @ ${written(second, turned[1] === true)}\`.`;
  if (right.length > 1 && productMisfit(left, transposed(right)) === undefined)
    return fits('right', [false, true]);
  if (left.length > 1 && productMisfit(transposed(left), right) === undefined)
    return fits('left', [true, false]);
  return '';
}

/** `padding == same`: compares a parameter that has options with a bare word. */
function compareWords(
  context: Context,
  expression: BinaryExpression,
  environment: Environment,
): boolean | undefined {
  const { left, right } = expression;
  if (left.kind !== 'name' || (right.kind !== 'name' && right.kind !== 'none')) return undefined;
  const binding = environment.scope.find(left.text);
  const word = right.kind === 'none' ? 'none' : right.text;
  if (!binding?.options) return undefined;
  if (!binding.options.includes(word)) {
    if (standsForValue(context, word, binding.options, environment)) return undefined;
    const { help, options } = meantInstead(word, right.span, wordsOf(binding.options));
    const args = { name: left.text, options: describeOptions(binding.options), found: word, help };
    context.fail('argument.option', right.span, args, options);
  }
  const { value } = binding;
  return word === 'none' ? value.kind === 'none' : value.kind === 'symbol' && value.text === word;
}

function sameValue(left: Value, right: Value): boolean {
  if (left.kind !== right.kind) return false;
  switch (left.kind) {
    case 'number':
    case 'boolean':
    case 'string':
      return 'value' in right && left.value === right.value;
    case 'symbol':
      return right.kind === 'symbol' && left.text === right.text;
    case 'none':
      return true;
    default:
      return false;
  }
}

function arithmetic(context: Context, expression: BinaryExpression, a: number, b: number): Value {
  switch (expression.operator) {
    case '+':
      return numberValue(a + b);
    case '-':
      return numberValue(a - b);
    case '*':
      return numberValue(a * b);
    case '/': {
      if (b === 0) context.fail('value.division', expression.span, { dividend: a });
      const exact = Number.isInteger(a / b) || !Number.isInteger(a) || !Number.isInteger(b);
      return exact ? numberValue(a / b) : { kind: 'number', value: a / b, quotient: [a, b] };
    }
    case '^':
      return numberValue(a ** b);
    case '==':
      return booleanValue(a === b);
    case '!=':
      return booleanValue(a !== b);
    case '<':
      return booleanValue(a < b);
    case '<=':
      return booleanValue(a <= b);
    case '>':
      return booleanValue(a > b);
    case '>=':
      return booleanValue(a >= b);
    case '@':
    case 'and':
    case 'or':
      return refuse(context, expression.operator, numberValue(a), expression.left);
  }
}

function operandOf(context: Context, value: Value): TensorValue | number | undefined {
  if (value.kind === 'tensor') return value;
  if (value.kind === 'number') return value.value;
  const generator = generatorOf(value);
  return generator && context.tensors.generate(generator);
}

function generated(generator: Generator): Value {
  return { kind: 'generator', generator };
}
