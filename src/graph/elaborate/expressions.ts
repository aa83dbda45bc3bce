// Expressions: compile-time values are computed, tensor operations become nodes.
import { suggest } from '../../diagnostics/suggest.ts';
import type {
  BinaryExpression,
  CallExpression,
  ChainExpression,
  Expression,
  NameExpression,
} from '../../parser/ast.ts';
import { builtins, callBuiltin } from './builtins.ts';
import { callDefinition, editFor } from './call.ts';
import type { Context, Environment } from './context.ts';
import { generatorOf } from './generators.ts';
import { definingModule, visibleNames, type Module } from './module.ts';
import { Scope } from './scope.ts';
import { Frame, Instance } from './instance.ts';
import {
  booleanValue,
  describe,
  none,
  numberValue,
  poison,
  type Generator,
  type TensorValue,
  type Value,
} from './values.ts';

/** The value of an expression. Throws a DiagnosticError, which `Context.attempt` turns into a report. */
export function evaluateExpression(
  context: Context,
  expression: Expression,
  environment: Environment,
): Value {
  switch (expression.kind) {
    case 'number':
      return numberValue(expression.value);
    case 'string':
      return { kind: 'string', value: expression.value };
    case 'boolean':
      return booleanValue(expression.value);
    case 'none':
      return none;
    case 'name':
      return lookUp(context, expression, environment);
    case 'list': {
      const items = expression.items.map((item) => context.evaluate(item, environment));
      return items.some((item) => item.kind === 'poison') ? poison : { kind: 'list', items };
    }
    case 'call':
      return call(context, expression, environment);
    case 'unary':
      return unary(
        context,
        expression.operator,
        context.evaluate(expression.operand, environment),
        expression,
      );
    case 'binary': {
      // A sum of thousands of terms leans to the left: its spine is walked, not recursed into.
      const spine: BinaryExpression[] = [];
      let leaf: Expression = expression;
      while (leaf.kind === 'binary') {
        spine.push(leaf);
        leaf = leaf.left;
      }
      let value: Value | undefined;
      for (const node of spine.reverse()) value = binary(context, node, environment, value);
      return value ?? poison;
    }
    case 'transpose': {
      const operand = context.evaluate(expression.operand, environment);
      if (operand.kind === 'poison') return operand;
      if (operand.kind !== 'tensor' || operand.labels.length < 2) {
        return context.fail('value.matrix', expression.span, { found: describe(operand) });
      }
      context.locate(expression.span);
      const rank = operand.labels.length;
      const axes = Array.from({ length: rank }, (_, i) =>
        i < rank - 2 ? i : i === rank - 2 ? rank - 1 : rank - 2,
      );
      return context.tensors.transpose(operand, axes);
    }
    case 'chain':
      return chain(context, expression, environment);
  }
}

function lookUp(context: Context, expression: NameExpression, environment: Environment): Value {
  const { text, span } = expression;
  const found = environment.scope.find(text)?.value;
  if (found) return found;
  if (text === 'training') return booleanValue(context.mode.training);
  if (text === 'pi') return numberValue(Math.PI);
  if (text === 'infinity') return numberValue(Infinity);
  if (text === 'batch') return { kind: 'symbol', text };
  const module = definingModule(environment.scope.module, text);
  if (module) return definedIn(context, module, text, expression);
  if (text in builtins) return { kind: 'builtin', name: text };
  const known = [
    ...environment.scope.names(),
    ...visibleNames(environment.scope.module),
    ...Object.keys(builtins),
  ];
  return context.fail('name.unknown', span, { name: text }, editFor(span, suggest(text, known)));
}

function definedIn(context: Context, module: Module, name: string, expression: NameExpression): Value {
  const definition = module.definitions.get(name);
  if (definition)
    return { kind: 'definition', definition, module, hyper: new Map(), tensors: [], span: expression.span };
  const constant = module.constants.get(name);
  if (!constant) return definedIn(context, definingModule(module, name) ?? module, name, expression);
  const environment = { scope: new Scope(module), frame: new Frame(new Instance('')) };
  const value = context.evaluate(constant.value, environment);
  return value.kind === 'number' ? { ...value, label: name } : value;
}

function call(context: Context, expression: CallExpression, environment: Environment): Value {
  const callee = context.evaluate(expression.callee, environment);
  return callValue(context, callee, expression, environment);
}

/** A call whose callee is known; `name` is the `let` name that its instance takes. */
export function callValue(
  context: Context,
  callee: Value,
  expression: CallExpression,
  environment: Environment,
  name?: string,
): Value {
  switch (callee.kind) {
    case 'poison':
      for (const argument of expression.arguments) {
        if (argument.value.kind !== 'name')
          context.attempt(argument.span, () => context.evaluate(argument.value, environment));
      }
      return poison;
    case 'definition':
      return callDefinition(context, callee, expression.arguments, environment, expression.span, name);
    case 'builtin':
      return callBuiltin(context, callee, expression.arguments, environment, expression.span);
    case 'chain': {
      const inputs = expression.arguments.map((argument) => context.evaluate(argument.value, environment));
      return context.apply(callee, inputs, environment, expression.span, name);
    }
    default:
      return context.fail('call.not-callable', expression.callee.span, { found: describe(callee) });
  }
}

function chain(context: Context, expression: ChainExpression, environment: Environment): Value {
  const stages: Value[] = [];
  let current: Value | undefined;
  for (const stage of expression.stages) {
    const value = context.attempt(stage.span, () => context.evaluate(stage, environment));
    if (stages.length === 0 && current === undefined && isTensorLike(value)) {
      current = value;
      continue;
    }
    if (current === undefined) {
      stages.push(value);
      continue;
    }
    const input: Value = current;
    current = context.attempt(stage.span, () => context.apply(value, [input], environment, stage.span));
  }
  return current ?? { kind: 'chain', stages, span: expression.span };
}

function isTensorLike(value: Value): boolean {
  return (
    value.kind === 'tensor' || value.kind === 'tuple' || value.kind === 'poison' || value.kind === 'number'
  );
}

function unary(context: Context, operator: '-' | 'not', operand: Value, expression: Expression): Value {
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
  return context.fail('value.operand', expression.span, { operator, found: describe(operand) });
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

function binary(
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
  const left = known ?? context.evaluate(expression.left, environment);
  if (operator === 'and' && left.kind === 'boolean' && !left.value) return left;
  if (operator === 'or' && left.kind === 'boolean' && left.value) return left;
  const right = context.evaluate(expression.right, environment);
  if (left.kind === 'poison' || right.kind === 'poison') return poison;
  if (left.kind === 'number' && right.kind === 'number')
    return arithmetic(context, expression, left.value, right.value);
  if (operator === '==' || operator === '!=') {
    if (left.kind !== 'tensor' && right.kind !== 'tensor') {
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
    return context.fail('value.operand', expression.span, {
      operator,
      found: describe(a === undefined ? left : right),
    });
  }
  context.locate(expression.span);
  const { tensors } = context;
  switch (operator) {
    case '@':
      if (typeof a === 'number' || typeof b === 'number') {
        return context.fail('value.operand', expression.span, {
          operator,
          found: describe(typeof a === 'number' ? left : right),
        });
      }
      return tensors.matmul(a, b);
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

/** `padding == same`: a name with options against a bare word. */
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
    if (environment.scope.find(word)) return undefined;
    context.fail(
      'argument.option',
      right.span,
      { name: left.text, options: binding.options.join(', '), found: word },
      editFor(right.span, suggest(word, binding.options)),
    );
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
      return context.fail('value.operand', expression.span, {
        operator: expression.operator,
        found: `the number ${a}`,
      });
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
