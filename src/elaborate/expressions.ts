// Evaluates expressions: compile-time values are computed, tensor operations become nodes.
import type { BinaryExpression, CallExpression, ChainExpression, Expression } from '../parser/ast.ts';
import { callBuiltin } from './builtins/table.ts';
import { argumentsOf, callDefinition } from './call.ts';
import type { CallSite, Context, Environment } from './context.ts';
import { isKnown, lookUp } from './look-up.ts';
import { memberOf } from './member.ts';
import { binary, unary } from './values/operators.ts';
import { sourceText } from './values/types.ts';
import { booleanValue, describe, none, numberValue, poison, type Value } from './values/values.ts';

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
      // A sum of thousands of terms is a left-deep tree: iterated over, not recursed into.
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
    case 'member':
      return memberOf(context, expression, environment);
    case 'chain':
      return chain(context, expression, environment);
  }
}

/** `Sequential(Linear(10), ReLU)`: its arguments are a chain. */
function sequence(context: Context, expression: CallExpression, environment: Environment): Value | undefined {
  const { callee, span } = expression;
  const names = ['Sequential', 'Chain', 'sequential'];
  if (callee.kind !== 'name' || !names.includes(callee.text) || isKnown(callee.text, environment))
    return undefined;
  const [only] = expression.arguments;
  const given = expression.arguments.map(({ value }) => value);
  const stages = given.length === 1 && only?.value.kind === 'list' ? only.value.items : given;
  if (stages.length === 0) return undefined;
  const replacement = stages.map(sourceText).join(' -> ');
  const example = `\`${replacement}\``;
  const args = { name: callee.text, example };
  const edit = { span, replacement };
  context.report(context.error('habit.sequence', callee.span, args, { edit }));
  return context.evaluate({ kind: 'chain', stages, span }, environment);
}

function call(context: Context, expression: CallExpression, environment: Environment): Value {
  const chained = sequence(context, expression, environment);
  if (chained) return chained;
  const callee = context.evaluate(expression.callee, environment);
  return callValue(context, callee, expression, { environment, span: expression.span });
}

/** A call of an evaluated callee. */
export function callValue(
  context: Context,
  callee: Value,
  expression: CallExpression,
  site: CallSite,
): Value {
  const { environment } = site;
  switch (callee.kind) {
    case 'poison':
      for (const argument of expression.arguments) {
        if (argument.value.kind !== 'name')
          context.attempt(argument.span, () => context.evaluate(argument.value, environment));
      }
      return poison;
    case 'definition':
      return callDefinition(context, callee, expression.arguments, site);
    case 'builtin':
      return callBuiltin(context, callee, expression.arguments, site);
    case 'chain': {
      const named = expression.arguments.find((argument) => argument.name)?.name;
      const owner = sourceText(expression.callee);
      if (named) {
        const help = argumentsOf(owner, []);
        context.fail('argument.unknown', named.span, { owner, name: named.text, help });
      }
      const found = expression.arguments.length;
      if (found !== 1)
        context.fail('call.inputs', expression.span, { owner, expected: '1 input', found, help: '' });
      const inputs = expression.arguments.map((argument) => context.evaluate(argument.value, environment));
      return context.apply(callee, inputs, site);
    }
    default:
      return context.fail('call.not-callable', expression.callee.span, {
        found:
          expression.callee.kind === 'name'
            ? `\`${expression.callee.text}\`, which is ${describe(callee)},`
            : describe(callee),
      });
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
    current = context.attempt(stage.span, () =>
      context.apply(value, [input], { environment, span: stage.span }),
    );
  }
  return current ?? { kind: 'chain', stages, span: expression.span };
}

function isTensorLike(value: Value): boolean {
  return (
    value.kind === 'tensor' || value.kind === 'tuple' || value.kind === 'poison' || value.kind === 'number'
  );
}
