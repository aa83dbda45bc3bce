// Between the gradients of one batch and the optimizer: gradient accumulation and clipping. A model that uses neither gets no nodes from
// here.
import { showShape } from '../../runtime/tensor.ts';
import type { Node, NodeId } from '../../ir/graph/type.ts';
import type { ExpressionItem } from '../../parser/ast.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import { asTensor } from '../values/as-tensor.ts';
import { requireHyperParameters } from '../call.ts';
import type { Context, Environment } from '../context.ts';
import { evaluateKind, refuseKind } from '../look-up.ts';
import { exampleShape, poison, type DefinitionValue, type Value } from '../values/values.ts';

export type Gradients = ReadonlyMap<NodeId, NodeId>;

export interface Accumulated {
  /** The mean over the accumulated batches; valid only at the last of them. */
  readonly gradients: Gradients;
  /** `next` on the last accumulated batch, `before` otherwise. */
  readonly atLast: (before: Node, next: Node) => Node;
}

/** The path of the state that counts the batches accumulated so far. No parameter's path starts with `#`. */
const countPath = '#accumulated';

/** @param batches how many are accumulated for one update, but for the last of an epoch, which may have fewer: see runtime/clock.ts */
export function accumulateGradients(
  builder: GraphBuilder,
  gradients: Gradients,
  batches: number,
): Accumulated {
  if (batches === 1) return { gradients, atLast: (_, next) => next };
  builder.origin = { path: '' };
  const zero = { kind: 'fill', value: 0 } as const;
  const keep = (path: string, shape: readonly number[]) =>
    builder.rename(builder.stored(path, 'state', shape, zero), path);
  const count = keep(countPath, []);
  const seen = builder.add(count, 1);
  const wanted = builder.input('update_batches', 'update_batches', []);
  // A state of an earlier version may have accumulated more than the update wants: they count too.
  const last = builder.rename(builder.lessEqual(wanted, seen), 'is_last_batch');
  const isLast = (shape: readonly number[]) => builder.broadcast(last, shape, []);
  builder.update(count, builder.select(last, 0, seen));
  const means = [...gradients].map(([leaf, gradient]): [NodeId, NodeId] => {
    const { attributes, shape } = builder.node(leaf);
    const path = String(attributes['path']);
    builder.origin = { path };
    const sum = keep(`${path}${countPath}`, shape);
    const total = builder.add(sum, builder.node(gradient));
    const rest = builder.select(isLast(shape), 0, total);
    builder.update(sum, builder.rename(rest, `${path}${countPath}.next`));
    const mean = builder.divide(total, builder.broadcast(seen, shape, []));
    return [leaf, builder.rename(mean, `d_${path}.mean`).id];
  });
  return {
    gradients: new Map(means),
    atLast: (before, next) => builder.select(isLast(before.shape), next, before),
  };
}

/** The gradients after the model's `clip`. */
export function clipGradients(
  context: Context,
  item: ExpressionItem,
  environment: Environment,
  gradients: Gradients,
  override: (callee: DefinitionValue) => DefinitionValue,
): Gradients {
  const { builder } = context.tensors;
  const { span } = item.value;
  const clipped = new Map(gradients);
  context.attempt(item.span, () => {
    const value = evaluateKind(context, item.value, environment, 'clip');
    if (value.kind === 'poison') return value;
    if (value.kind !== 'definition' || value.definition.kind !== 'clip')
      return refuseKind(context, value, environment, span, 'clip');
    requireHyperParameters(context, value, []);
    const { inputs, name } = value.definition;
    const owner = name.text;
    if (inputs.length !== 1 && inputs.length !== 2) return context.fail('clip.inputs', span, { name: owner });
    const callee = override(value);
    context.locate(span);
    const norm: Value[] =
      inputs.length === 2 ? [context.tensors.of(globalNorm(builder, gradients), false)] : [];
    for (const [leaf, gradient] of gradients) {
      const path = String(builder.node(leaf).attributes['path']);
      const given = context.tensors.of(builder.node(gradient), false);
      const found = context.apply(callee, [given, ...norm], { environment, span });
      if (found.kind === 'poison') return poison;
      const tensor = asTensor(context, found, span, owner, 'the value');
      if (!context.tensors.linesUp(tensor, given.node.shape, given.labels)) {
        const args = { name: owner, path, shape: showShape(given.node.shape) };
        return context.fail('clip.shape', span, { ...args, found: showShape(exampleShape(tensor)) });
      }
      const fitted = context.tensors.broadcastTo(tensor, given.node.shape, given.labels, false);
      clipped.set(leaf, builder.rename(fitted.node, `d_${path}.clipped`).id);
    }
    return value;
  });
  return clipped;
}

/** √Σ g², over all elements of all gradients. */
function globalNorm(builder: GraphBuilder, gradients: Gradients): Node {
  const squares = [...gradients.values()].map((id) => {
    const gradient = builder.node(id);
    return builder.sum(builder.multiply(gradient, gradient), [...gradient.shape.keys()]);
  });
  const [first = builder.constant(0, []), ...others] = squares;
  return builder.rename(
    builder.sqrt(others.reduce((total, each) => builder.add(total, each), first)),
    'gradient_norm',
  );
}
