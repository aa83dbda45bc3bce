// A model's inputs and targets: a leaf of the graph for each, with its specification for the runtime.
import type { ModelInput } from '../../parser/ast.ts';
import { clockNames } from '../../runtime/clock.ts';
import type { Port } from '../../runtime/specification.ts';
import type { Context, Environment } from '../context.ts';
import { inputTypes } from '../../names/signatures.ts';
import { tooLarge } from '../values/size-limit.ts';
import { checkedInteger } from '../values/types.ts';
import type { Label, TensorValue } from '../values/values.ts';

export interface PortValue {
  readonly port: Port;
  readonly value: TensorValue;
}

/** The leaf of an input or target, bound to its name. */
export function elaboratePort(context: Context, environment: Environment, item: ModelInput): PortValue {
  const { builder } = context.tensors;
  const { type } = item;
  const name = item.name.text;
  const known = environment.scope.own(name);
  if (known) {
    const related = [{ span: known.span, message: 'first named here' }];
    context.report(context.error('name.twice', item.name.span, { name }, { related }));
  }
  if (clockNames.includes(name)) context.report(context.error('name.reserved', item.name.span, { name }));
  const labels: Label[] = [];
  const sizes = (type.kind === 'shape' ? type : type.shape)?.dimensions.map((dimension) => {
    if (dimension.kind === 'ellipsis') return context.fail('declare.ellipsis', dimension.span, { name });
    labels.push(dimension.kind === 'name' ? dimension.text : undefined);
    const size = context.evaluate(dimension, environment);
    return checkedInteger(context, size, dimension.span, 1, `a size of \`${name}\``);
  });
  const shape = sizes ?? [];
  let limit: number | undefined;
  if (type.kind === 'named') {
    const [argument] = type.arguments;
    const kind = type.name.text;
    if (!inputTypes.includes(kind)) context.fail('type.unknown', type.span, { name: kind });
    if (!argument) return context.fail('model.input-type', type.span, { name: kind });
    const value = context.evaluate(argument, environment);
    limit = checkedInteger(context, value, argument.span, 1, `the limit of \`${name}\``);
  }
  const excess = tooLarge(`a batch of \`${name}\``, [context.tensors.batch, ...shape]);
  if (excess) context.fail('shape.too-large', type.span, excess);
  context.locate(item.span);
  const leaf = builder.input(name, item.kind, [context.tensors.batch, ...shape]);
  const value = context.tensors.of(builder.rename(leaf, name), true, labels, limit);
  const kind = type.kind === 'shape' ? 'real' : type.name.text === 'class' ? 'class' : 'int';
  const port: Port = { name, shape, kind, ...(limit !== undefined && { limit }) };
  environment.scope.bind(name, { value, span: item.name.span });
  return { port, value };
}
