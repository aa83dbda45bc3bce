// Statements. A block threads a current value through its stages (a chain), binds names, and may return.
import type {
  Binding,
  Block,
  Expression,
  IfStatement,
  ParallelStatement,
  RepeatStatement,
  Statement,
} from '../../parser/ast.ts';
import type { Span } from '../../diagnostics/source.ts';
import type { BlockResult, Context, Environment } from './context.ts';
import { callValue } from './expressions.ts';
import { declare, update } from './declarations.ts';
import { Scope } from './scope.ts';
import { wholeNumber } from './types.ts';
import { describe, describeShape, exampleShape, poison, type Value } from './values.ts';

/** Runs a block's statements in a scope of its own. */
export function runBlock(
  context: Context,
  block: Block,
  environment: Environment,
  start: Value | undefined,
): BlockResult {
  const inner: Environment = {
    scope: new Scope(environment.scope.module, environment.scope),
    frame: environment.frame,
  };
  let current = start;
  let staged = false;
  for (const statement of block.statements) {
    const result = runStatement(context, statement, inner, current);
    if (result.returned) return result;
    if (result.value !== undefined) {
      current = result.value;
      staged = true;
    }
  }
  return { returned: false, value: staged || block.statements.length === 0 ? current : undefined };
}

const nothing: BlockResult = { returned: false, value: undefined };

function staged(value: Value): BlockResult {
  return { returned: false, value };
}

/** Runs one statement; what it binds goes into the environment's own scope. */
export function runStatement(
  context: Context,
  statement: Statement,
  environment: Environment,
  current: Value | undefined,
): BlockResult {
  switch (statement.kind) {
    case 'let':
      for (const binding of statement.bindings) bindNames(context, binding, environment);
      return nothing;
    case 'declare':
      declare(context, statement, environment);
      return nothing;
    case 'update':
      update(context, statement, environment);
      return nothing;
    case 'assert': {
      context.attempt(statement.span, () => {
        const condition = context.evaluate(statement.condition, environment);
        if (condition.kind === 'poison' || (condition.kind === 'boolean' && condition.value))
          return condition;
        if (condition.kind !== 'boolean') {
          return context.fail('value.condition', statement.condition.span, { found: describe(condition) });
        }
        const text = statement.message
          ? fillMessage(statement.message.value, environment)
          : 'this condition does not hold';
        return context.fail('assert.failed', statement.span, { text });
      });
      return nothing;
    }
    case 'return': {
      const values = statement.values.map((value) =>
        context.attempt(value.span, () => context.evaluate(value, environment)),
      );
      const [only] = values;
      return { returned: true, value: values.length === 1 && only ? only : { kind: 'tuple', items: values } };
    }
    case 'if':
      return runIf(context, statement, environment, current);
    case 'repeat':
      return repeat(context, statement, environment, current);
    case 'residual': {
      const { value } = context.run(statement.body, environment, current);
      if (!current || !value) return staged(poison);
      return staged(
        context.attempt(statement.span, () => addResidual(context, current, value, statement.span)),
      );
    }
    case 'parallel':
      return staged(
        context.attempt(statement.span, () => parallel(context, statement, environment, current)),
      );
    case 'expression':
      return staged(stage(context, statement.value, environment, current));
  }
}

/** A stage of a chain: a layer takes the current value; a tensor becomes it. */
function stage(
  context: Context,
  expression: Expression,
  environment: Environment,
  current: Value | undefined,
): Value {
  const value = context.attempt(expression.span, () => context.evaluate(expression, environment));
  if (value.kind === 'poison' || value.kind === 'tensor' || value.kind === 'tuple') return value;
  if (current === undefined) return value;
  if (current.kind === 'poison') return poison;
  return context.attempt(expression.span, () =>
    context.apply(value, [current], environment, expression.span),
  );
}

function bindNames(context: Context, binding: Binding, environment: Environment): void {
  const { scope, frame } = environment;
  const [first] = binding.names;
  for (const name of binding.names) {
    const known = scope.own(name.text);
    if (!known) continue;
    context.report(
      context.error(
        'name.twice',
        name.span,
        { name: name.text },
        { related: [{ span: known.span, message: 'first bound here' }] },
      ),
    );
  }
  const single = binding.names.length === 1 ? first : undefined;
  const value = context.attempt(binding.value.span, () => {
    const { value: expression } = binding;
    if (expression.kind !== 'call' || !single) return context.evaluate(expression, environment);
    return callValue(
      context,
      context.evaluate(expression.callee, environment),
      expression,
      environment,
      single.text,
    );
  });
  if (single) {
    scope.bind(single.text, { value: named(context, value, single.text, environment), span: single.span });
    return;
  }
  if (value.kind !== 'poison' && (value.kind !== 'tuple' || value.items.length !== binding.names.length)) {
    context.report(
      context.error('value.tuple', binding.span, { expected: binding.names.length, found: describe(value) }),
    );
  }
  binding.names.forEach((name, i) => {
    const item = value.kind === 'tuple' ? (value.items[i] ?? poison) : poison;
    scope.bind(name.text, { value: named(context, item, name.text, environment), span: name.span });
  });

  function named(within: Context, item: Value, name: string, { frame: owner }: typeof environment): Value {
    if (item.kind === 'definition' && item.definition.kind === 'layer')
      return { ...item, instance: item.instance ?? owner.instance.child(name) };
    if (item.kind === 'chain') return { ...item, instance: item.instance ?? frame.instance.child(name) };
    if (item.kind === 'tensor' && item.node.origin.name === undefined && item.node.operation !== 'stored') {
      return { ...item, node: within.tensors.builder.rename(item.node, frame.instance.pathOf(name)) };
    }
    return item;
  }
}

function runIf(
  context: Context,
  statement: IfStatement,
  environment: Environment,
  current: Value | undefined,
): BlockResult {
  const condition = context.attempt(statement.condition.span, () => {
    const value = context.evaluate(statement.condition, environment);
    if (value.kind === 'boolean' || value.kind === 'poison') return value;
    return context.fail('value.condition', statement.condition.span, { found: describe(value) });
  });
  if (condition.kind !== 'boolean') return staged(poison);
  const chosen = condition.value ? statement.then : statement.otherwise;
  if (!chosen) return nothing;
  return runInline(context, chosen, environment, current);
}

/** A branch of an `if`: what it declares is seen by what follows in the block. */
function runInline(
  context: Context,
  block: Block,
  environment: Environment,
  start: Value | undefined,
): BlockResult {
  let current = start;
  let any = false;
  for (const statement of block.statements) {
    const result = runStatement(context, statement, environment, current);
    if (result.returned) return result;
    if (result.value === undefined) continue;
    current = result.value;
    any = true;
  }
  return any && current ? staged(current) : nothing;
}

/** More repetitions than this are taken for a mistake. */
const maximumRepeat = 100_000;

function repeat(
  context: Context,
  statement: RepeatStatement,
  environment: Environment,
  start: Value | undefined,
): BlockResult {
  const count = context.attempt(statement.count.span, () => {
    const value = context.evaluate(statement.count, environment);
    if (value.kind === 'poison') return value;
    const times = wholeNumber(context, value, statement.count.span, 0);
    if (times > maximumRepeat)
      context.fail('repeat.too-many', statement.count.span, { times, limit: maximumRepeat });
    return value;
  });
  if (count.kind !== 'number') return staged(poison);
  let current = start;
  for (let i = 0; i < count.value; i++) {
    const scope = new Scope(environment.scope.module, environment.scope);
    if (statement.index) {
      scope.bind(statement.index.text, { value: { kind: 'number', value: i }, span: statement.index.span });
    }
    const result = context.run(statement.body, { scope, frame: environment.frame }, current);
    if (result.returned) return result;
    current = result.value ?? current;
    if (current?.kind === 'poison') break;
  }
  return current ? staged(current) : nothing;
}

function addResidual(context: Context, input: Value, output: Value, span: Span): Value {
  if (input.kind === 'poison' || output.kind === 'poison') return poison;
  if (input.kind !== 'tensor' || output.kind !== 'tensor') {
    return context.fail('value.tensor', span, {
      owner: 'residual',
      name: 'the block',
      found: describe(output),
    });
  }
  const [before, after] = [exampleShape(input), exampleShape(output)];
  if (before.length !== after.length || before.some((size, i) => size !== after[i])) {
    return context.fail(
      'residual.shape',
      span,
      { before: describeShape(before), after: describeShape(after) },
      {
        related: [input, output].flatMap((value) =>
          value.node.origin.span
            ? [
                {
                  span: value.node.origin.span,
                  message: `${describeShape(exampleShape(value))} comes from here`,
                },
              ]
            : [],
        ),
      },
    );
  }
  context.locate(span);
  return context.tensors.elementwise('add', [input, output], '+');
}

function parallel(
  context: Context,
  statement: ParallelStatement,
  environment: Environment,
  current: Value | undefined,
): Value {
  const branches = statement.branches.map(
    (branch) => context.run(branch, environment, current).value ?? poison,
  );
  if (branches.some((value) => value.kind === 'poison')) return poison;
  if (statement.join.kind === 'name' && statement.join.text === 'sum') {
    return branches.reduce((total, value) => addResidual(context, total, value, statement.span));
  }
  const { join } = statement;
  const callee = context.evaluate(join.kind === 'call' ? join.callee : join, environment);
  const span = join.span;
  const given = join.kind === 'call' ? join.arguments : [];
  const scope = new Scope(environment.scope.module, environment.scope);
  const values = branches.map((value, i) => {
    const name = `branch ${i + 1}`;
    scope.bind(name, { value, span });
    return { span, value: { kind: 'name' as const, text: name, span } };
  });
  return callValue(
    context,
    callee,
    { kind: 'call', callee: join, arguments: [...values, ...given], span },
    { scope, frame: environment.frame },
  );
}

/** `needs an even width, not {W}` with the values in force. */
function fillMessage(message: string, environment: Environment): string {
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = environment.scope.find(name)?.value;
    if (value?.kind === 'number') return String(value.value);
    if (value?.kind === 'symbol') return value.text;
    return value ? describe(value) : whole;
  });
}
