// Declares stored tensors, shares them between uses of an instance, and updates them.
import { showShape } from '../runtime/tensor.ts';
import type { AttributeValue, Shape } from '../ir/graph/type.ts';
import type { StateDeclaration, StateEntry, UpdateStatement } from '../parser/ast.ts';
import type { Context, Environment } from './context.ts';
import { generatorOf } from './values/generators.ts';
import { initialize } from './initial.ts';
import { meantInstead } from '../names/meant.ts';
import { originOf } from './values/places.ts';
import { tooLarge } from './values/size-limit.ts';
import { dimensionSize } from './values/types.ts';
import { describe, exampleShape, type Label, type TensorValue, type Value } from './values/values.ts';

/** Makes the tensors of a `param`, `buffer`, `const` or `state`, or looks up those of the instance's first use. */
export function declare(context: Context, declaration: StateDeclaration, environment: Environment): void {
  for (const entry of declaration.entries) {
    const before = environment.scope.own(entry.name.text);
    if (before) {
      const related = [{ span: before.span, message: 'first named here' }];
      context.report(context.error('name.twice', entry.name.span, { name: entry.name.text }, { related }));
      continue;
    }
    const value = context.attempt(entry.span, () =>
      declareTensor(context, declaration.storage, entry, environment),
    );
    environment.scope.bind(entry.name.text, { value, span: entry.name.span });
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
  if (storage === 'state' && environment.scope.states)
    return carriedState(context, entry, { shape, labels }, environment);
  const excess = tooLarge(`\`${name}\``, shape);
  if (excess) context.fail('shape.too-large', entry.span, excess);
  const first = environment.frame.declared.get(name);
  if (first) {
    const repeated = first === entry.span;
    const related = repeated ? [] : [{ span: first, message: 'first declared here' }];
    const how = repeated ? 'anew in each repetition' : 'twice';
    const help = repeated
      ? 'Declare it in front of the `repeat`, once for all, or in a layer of its own, anew for each use of the layer.'
      : 'Give one of the two another name.';
    return context.fail('declare.again', entry.span, { name, how, help }, { related });
  }
  environment.frame.declared.set(name, entry.span);
  const known = instance.tensors.get(name);
  if (known) {
    const before = known.node.shape;
    if (before.length === shape.length && before.every((size, i) => size === shape[i]))
      return { kind: 'tensor', node: known.node, batched: false, labels };
    return context.fail(
      'instance.shape',
      context.userSpan(entry.span),
      { path: instance.pathOf(name), before: showShape(before), now: showShape(shape) },
      { related: [{ span: known.span, message: `${showShape(before)} in the first use, here` }] },
    );
  }
  const path = instance.pathOf(name);
  const initial = initialize(context, entry.initial, shape, labels, environment);
  context.locate(entry.span);
  const leaf = context.tensors.builder.stored(path, storages[storage], shape, initial);
  const node = context.tensors.builder.rename(leaf, path);
  const value: TensorValue = { kind: 'tensor', node, batched: false, labels };
  instance.tensors.set(name, { node, labels, span: context.userSpan(entry.span) });
  context.stored.declared.push({ node, span: entry.span });
  return value;
}

interface LabeledShape {
  readonly shape: Shape;
  readonly labels: readonly Label[];
}

/** A scan's state: its value after the previous position, or its initial value at the first. */
function carriedState(
  context: Context,
  entry: StateEntry,
  { shape, labels }: LabeledShape,
  environment: Environment,
): Value {
  const name = entry.name.text;
  const { states } = environment.scope;
  const known = states?.get(name);
  if (known) return known;
  context.locate(entry.span);
  const value = context.evaluate(entry.initial, environment);
  const generator = generatorOf(value);
  const start = generator?.kind === 'fill' ? context.tensors.generate(generator) : value;
  if (start.kind === 'poison') return start;
  if (start.kind !== 'tensor' || !context.tensors.linesUp(start, shape, labels))
    return context.fail('scan.state', entry.span, {
      name,
      before: showShape(shape),
      after: describe(value),
    });
  const state = context.firstState(name, context.tensors.broadcastTo(start, shape, labels, start.batched));
  states?.set(name, state);
  return state;
}

/** `state <- value` in a scan: the next position sees the value. */
function carry(
  context: Context,
  states: Map<string, Value>,
  statement: UpdateStatement,
  environment: Environment,
): void {
  const name = statement.target.text;
  const before = states.get(name);
  const value = context.attempt(statement.span, () => {
    const next = context.evaluate(statement.value, environment);
    if (next.kind === 'poison' || before?.kind !== 'tensor') return next;
    const shape = showShape(exampleShape(before));
    if (next.kind !== 'tensor' || showShape(exampleShape(next)) !== shape)
      return context.fail('scan.state', statement.span, { name, before: shape, after: describe(next) });
    return next;
  });
  states.set(name, value);
  environment.scope.rebind(name, value);
}

/** The declared shape, or, for an optimizer's state, the weight's. */
function declaredShape(
  context: Context,
  storage: StateDeclaration['storage'],
  entry: StateEntry,
  environment: Environment,
): LabeledShape {
  const name = entry.name.text;
  if (!entry.shape) {
    const [weight] = environment.frame.instance.tensors.values();
    if (storage !== 'state' || !weight) return context.fail('declare.shape', entry.span, { name, storage });
    return { shape: weight.node.shape, labels: weight.labels };
  }
  const labels: Label[] = [];
  const shape = entry.shape.dimensions.map((dimension) => {
    if (dimension.kind === 'ellipsis') return context.fail('declare.ellipsis', dimension.span, { name });
    labels.push(dimension.kind === 'name' ? dimension.text : undefined);
    return dimensionSize(context, dimension, environment);
  });
  return { shape, labels };
}

/** `target <- value`: the name denotes the new value from here on; the tensor is stored after the run. */
export function update(context: Context, statement: UpdateStatement, environment: Environment): void {
  const name = statement.target.text;
  const { states } = environment.scope;
  if (states?.has(name)) {
    carry(context, states, statement, environment);
    return;
  }
  const known = environment.scope.find(name)?.value;
  const stored = environment.frame.instance.tensors.get(name);
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
      return refuseTarget(context, statement, environment, storage);
    }
    const next = context.evaluate(statement.value, environment);
    if (next.kind === 'poison') return next;
    const { shape } = stored.node;
    const generator = generatorOf(next);
    const numeric = generator ? context.tensors.generate(generator) : next;
    const { span } = statement.value;
    if (numeric.kind !== 'tensor') context.fail('update.value', span, { name, found: describe(next) });
    if (numeric.batched) context.fail('update.batch', span, { name });
    if (!context.tensors.linesUp(numeric, shape, stored.labels)) {
      const args = { name, shape: showShape(shape), found: showShape(exampleShape(numeric)) };
      context.fail('update.shape', span, args, { related: originOf(numeric) });
    }
    context.locate(statement.span);
    const fitted = context.tensors.broadcastTo(numeric, shape, stored.labels, false);
    const named = builder.rename(fitted.node, `${stored.node.origin.name ?? name}.next`);
    if (context.mode.updates.some((updated) => updated === storage))
      context.stored.updates.set(stored.node.id, named.id);
    return { ...fitted, node: named };
  });
  builder.phase = phase;
  if (context.mode.training || context.mode.updates.length > 0) environment.scope.rebind(name, value);
}

/** Reports why `<-` cannot change a name. */
function refuseTarget(
  context: Context,
  { target }: UpdateStatement,
  environment: Environment,
  storage: AttributeValue,
): never {
  const name = target.text;
  const inOptimizer = context.mode.updates.includes('state');
  const known = environment.scope.find(name);
  if (!known) {
    const { help, options } = meantInstead(name, target.span, environment.scope.names());
    return context.fail('name.unknown', target.span, { name, help }, options);
  }
  const related = [{ span: known.span, message: `\`${name}\` is declared here` }];
  if (storage === 'parameter' || storage === 'constant') {
    const reason =
      storage === 'parameter' ? 'a `param` is changed by the optimizer alone' : 'a `const` stays as it is';
    const help = `What training updates by a formula is declared as \`buffer ${name}: …\`.`;
    return context.fail('update.target', target.span, { name, reason, help }, { related });
  }
  const reason = inOptimizer
    ? 'an optimizer updates its weight and its `state`s, and nothing else'
    : 'a layer updates its `buffer`s, and nothing else';
  const help = 'Give the new value a name of its own with `let`.';
  return context.fail('update.target', target.span, { name, reason, help }, { related });
}
