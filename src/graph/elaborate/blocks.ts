// Statements. A block threads a current value through its stages (a chain), binds names, and may return.
import type {
  Binding,
  Block,
  Expression,
  IfStatement,
  ParallelStatement,
  RepeatStatement,
  StateDeclaration,
  StateEntry,
  Statement,
  UpdateStatement,
} from '../../parser/ast.ts';
import type { Span } from '../../diagnostics/source.ts';
import type { BlockResult, Context, Environment } from './context.ts';
import { callValue } from './expressions.ts';
import { initialise } from './initial.ts';
import { Scope } from './scope.ts';
import { dimensionSize, wholeNumber } from './types.ts';
import {
  describe,
  describeShape,
  exampleShape,
  poison,
  type Label,
  type TensorValue,
  type Value,
} from './values.ts';

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

function declare(context: Context, declaration: StateDeclaration, environment: Environment): void {
  for (const entry of declaration.entries) {
    const value = context.attempt(entry.span, () =>
      declareTensor(context, declaration.storage, entry, environment),
    );
    environment.scope.bind(entry.name.text, { value, span: entry.span });
  }
}

const storages = { param: 'parameter', buffer: 'buffer', const: 'constant', state: 'state' } as const;

function declareTensor(
  context: Context,
  storage: StateDeclaration['storage'],
  entry: StateEntry,
  environment: Environment,
): Value {
  const { instance } = environment.frame;
  const name = entry.name.text;
  if (!entry.shape && storage === 'const') return context.evaluate(entry.initial, environment);
  const { shape, labels } = declaredShape(context, storage, entry, environment);
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements > 2 ** 31)
    context.fail('shape.too-large', entry.span, { name, shape: describeShape(shape), elements });
  const known = instance.tensors.get(name);
  if (known) {
    const before = exampleShape(known.value);
    if (before.length === shape.length && before.every((size, i) => size === shape[i])) return known.value;
    return context.fail(
      'instance.shape',
      context.userSpan(entry.span),
      { path: instance.pathOf(name), before: describeShape(before), now: describeShape(shape) },
      { related: [{ span: known.span, message: `${describeShape(before)} in the first use, here` }] },
    );
  }
  context.locate(entry.span);
  const path = instance.pathOf(name);
  const initial = initialise(context, entry.initial, shape, labels, environment);
  const leaf = context.tensors.builder.stored(path, storages[storage], shape, initial);
  const node = context.tensors.builder.rename(leaf, path);
  const value: TensorValue = { kind: 'tensor', node, batched: false, labels };
  instance.tensors.set(name, { value, span: context.userSpan(entry.span) });
  context.stored.push({ node, span: entry.span });
  return value;
}

/** The shape that is written out, or, for an optimizer's state, the weight's. */
function declaredShape(
  context: Context,
  storage: StateDeclaration['storage'],
  entry: StateEntry,
  environment: Environment,
): { readonly shape: readonly number[]; readonly labels: readonly Label[] } {
  const name = entry.name.text;
  if (!entry.shape) {
    const [weight] = environment.frame.instance.tensors.values();
    if (storage !== 'state' || !weight) return context.fail('declare.shape', entry.span, { name, storage });
    return { shape: exampleShape(weight.value), labels: weight.value.labels };
  }
  const labels: Label[] = [];
  const shape = entry.shape.dimensions.map((dimension) => {
    if (dimension.kind === 'ellipsis') return context.fail('declare.ellipsis', dimension.span, { name });
    labels.push(dimension.kind === 'name' ? dimension.text : undefined);
    return dimensionSize(context, dimension, environment);
  });
  return { shape, labels };
}

function update(context: Context, statement: UpdateStatement, environment: Environment): void {
  const name = statement.target.text;
  const known = environment.scope.find(name)?.value;
  const stored = environment.frame.instance.tensors.get(name)?.value;
  if (known?.kind === 'poison') return;
  const { builder } = context.tensors;
  const { phase } = builder;
  builder.phase = 'update';
  const value = context.attempt(statement.span, () => {
    const storage = stored?.node.attributes['storage'];
    if (
      known?.kind !== 'tensor' ||
      !stored ||
      storage === 'constant' ||
      (storage === 'parameter' && context.mode.training)
    ) {
      return context.fail('update.target', statement.target.span, { name });
    }
    const next = context.evaluate(statement.value, environment);
    if (next.kind === 'poison') return next;
    const shape = exampleShape(stored);
    const numeric =
      next.kind === 'number' ? context.tensors.of(builder.constant(next.value, []), false) : next;
    if (numeric.kind !== 'tensor' || numeric.batched) {
      return context.fail('update.value', statement.value.span, {
        name,
        shape: describeShape(shape),
        found: describe(next),
      });
    }
    context.locate(statement.span);
    const fitted = context.tensors.broadcastTo(numeric, shape, stored.labels, false);
    const named = builder.rename(fitted.node, `${stored.node.origin.name ?? name}.next`);
    if (context.mode.updates.some((updated) => updated === storage))
      context.updates.set(stored.node.id, named.id);
    return { ...fitted, node: named };
  });
  builder.phase = phase;
  if (context.mode.training || context.mode.updates.length > 0) environment.scope.rebind(name, value);
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
