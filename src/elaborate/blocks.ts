// Statements. A block threads a current value through its stages (a chain), binds names, and may return.
import { showShape } from '../runtime/tensor.ts';
import type {
  AssertStatement,
  Binding,
  Block,
  Expression,
  IfStatement,
  ParallelStatement,
  RepeatStatement,
  Statement,
} from '../parser/ast.ts';
import type { Span } from '../diagnostics/source.ts';
import type { BlockResult, Context, Environment } from './context.ts';
import { callValue } from './expressions.ts';
import { declare, update } from './declarations.ts';
import { scan } from './scan.ts';
import { Scope } from './scope.ts';
import { refuseKind } from './look-up.ts';
import { originsOf } from './values/places.ts';
import { sourceText, checkedInteger } from './values/types.ts';
import { describe, exampleShape, poison, type DefinitionValue, type Value } from './values/values.ts';

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
  const result = runStatements(context, block, inner, start);
  return block.statements.length === 0 ? { returned: false, value: start } : result;
}

const nothing: BlockResult = { returned: false, value: undefined };

function staged(value: Value): BlockResult {
  return { returned: false, value };
}

/** Runs statements in order; each stage takes the previous stage's value. Without a stage there is no value. */
function runStatements(
  context: Context,
  block: Block,
  environment: Environment,
  start: Value | undefined,
  stageBefore?: Span,
): BlockResult {
  let current = start;
  let before = stageBefore;
  let any = false;
  for (const statement of block.statements) {
    const result = runStatement(context, statement, environment, current, before);
    if (result.returned) return result;
    if (result.value === undefined) continue;
    current = result.value;
    before = statement.span;
    any = true;
  }
  return any && current ? staged(current) : nothing;
}

/** Runs one statement; it binds in the environment's own scope. `before` is the stage that computed the current value. */
export function runStatement(
  context: Context,
  statement: Statement,
  environment: Environment,
  current: Value | undefined,
  before?: Span,
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
      const held = context.attempt(statement.span, () => {
        const condition = context.evaluate(statement.condition, environment);
        if (condition.kind === 'poison' || (condition.kind === 'boolean' && condition.value))
          return condition;
        if (condition.kind !== 'boolean') {
          return context.fail('value.condition', statement.condition.span, { found: describe(condition) });
        }
        return failAssertion(context, statement, environment);
      });
      return held.kind === 'poison' ? { returned: true, value: poison } : nothing;
    }
    case 'return': {
      const values = statement.values.map((value) =>
        context.attempt(value.span, () => context.evaluate(value, environment)),
      );
      const [only] = values;
      return { returned: true, value: values.length === 1 && only ? only : { kind: 'tuple', items: values } };
    }
    case 'if':
      return runIf(context, statement, environment, current, before);
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
    case 'scan':
      return staged(context.attempt(statement.span, () => scan(context, statement, environment)));
    case 'expression':
      return staged(stage(context, statement.value, environment, current, before));
  }
}

/** A stage of a chain: a layer takes the current value; a tensor becomes it. */
function stage(
  context: Context,
  expression: Expression,
  environment: Environment,
  current: Value | undefined,
  before: Span | undefined,
): Value {
  const value = context.attempt(expression.span, () => context.evaluate(expression, environment));
  if (value.kind === 'poison') return value;
  if (value.kind === 'tensor' || value.kind === 'tuple') {
    if (!before) return value;
    const related = [{ span: before, message: 'the value of this stage is lost' }];
    context.report(context.error('chain.value-ignored', expression.span, {}, { related }));
    return poison;
  }
  if (current === undefined) return value;
  if (current.kind === 'poison') return poison;
  if (value.kind !== 'definition' && value.kind !== 'chain' && value.kind !== 'builtin') {
    context.report(context.error('chain.stage', expression.span, { found: describe(value) }));
    return poison;
  }
  if (value.kind === 'definition' && !isStage(value)) {
    return context.attempt(expression.span, () =>
      refuseKind(context, value, environment, expression.span, 'layer'),
    );
  }
  return context.attempt(expression.span, () =>
    context.apply(value, [current], { environment, span: expression.span }),
  );
}

/** Whether a definition can be a stage of a chain: a loss can, if it lacks one input. */
function isStage({ definition, tensors }: DefinitionValue): boolean {
  const { kind, inputs } = definition;
  const compares = kind === 'loss' || kind === 'metric';
  return kind === 'layer' || kind === 'function' || (compares && tensors.length + 1 === inputs.length);
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
    const callee = context.evaluate(expression.callee, environment);
    const site = { environment, span: expression.span, name: single.text };
    return callValue(context, callee, expression, site);
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
      return { ...item, instance: item.instance ?? owner.named(name) };
    if (item.kind === 'chain') return { ...item, instance: item.instance ?? owner.named(name) };
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
  before: Span | undefined,
): BlockResult {
  const condition = context.attempt(statement.condition.span, () => {
    const value = context.evaluate(statement.condition, environment);
    if (value.kind === 'boolean' || value.kind === 'poison') return value;
    return context.fail('value.condition', statement.condition.span, { found: describe(value) });
  });
  if (condition.kind !== 'boolean') return staged(poison);
  const chosen = condition.value ? statement.then : statement.otherwise;
  if (!chosen) return nothing;
  // A branch's declarations are visible in the rest of the block.
  return runStatements(context, chosen, environment, current, before);
}

/** A higher count is taken for a mistake. */
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
    const times = checkedInteger(context, value, statement.count.span, 0, 'the count of `repeat`');
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

function addResidual(
  context: Context,
  input: Value,
  output: Value,
  span: Span,
  code: 'residual.shape' | 'parallel.shape' = 'residual.shape',
): Value {
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
    const args = { before: showShape(before), after: showShape(after) };
    return context.fail(code, span, args, { related: originsOf([input, output]) });
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
  if (branches.length === 0 || branches.some((value) => value.kind === 'poison')) return poison;
  const { join } = statement;
  if (join.kind === 'name' && join.text === 'sum') {
    return branches.reduce((total, value) => addResidual(context, total, value, join.span, 'parallel.shape'));
  }
  const callee = context.evaluate(join.kind === 'call' ? join.callee : join, environment);
  const span = join.span;
  const given = join.kind === 'call' ? join.arguments : [];
  const scope = new Scope(environment.scope.module, environment.scope);
  const values = branches.map((value, i) => {
    const name = `branch ${i + 1}`;
    scope.bind(name, { value, span });
    return { span, value: { kind: 'name' as const, text: name, span } };
  });
  const call = { kind: 'call', callee: join, arguments: [...values, ...given], span } as const;
  return callValue(context, callee, call, { environment: { scope, frame: environment.frame }, span });
}

/** Reports a failed assertion at the call whose arguments violate it, with the assertion's message. */
function failAssertion(context: Context, statement: AssertStatement, environment: Environment): never {
  const { condition, message } = statement;
  const text = message
    ? fillMessage(message.value, environment)
    : `\`${sourceText(condition)}\` does not hold`;
  const { call } = context;
  if (!call || condition.span.source.library) return context.fail('assert.failed', condition.span, { text });
  const related = [{ span: condition.span, message: 'this must hold' }];
  return context.fail('assert.failed', call.span, { text }, { related });
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
