// A model's inputs and targets: a leaf of the graph for each, with its specification for the runtime.
import type { Edit } from '../../diagnostics/diagnostic.ts';
import { foreignName } from '../../diagnostics/foreign-names.ts';
import { definingModule } from '../../names/module.ts';
import type { ModelInput, NamedType, ShapeType } from '../../parser/ast.ts';
import { clockNames } from '../../runtime/clock.ts';
import type { Port } from '../../runtime/specification.ts';
import type { Context, Environment } from '../context.ts';
import { inputTypes } from '../../names/signatures.ts';
import { tooLarge } from '../values/size-limit.ts';
import { checkedInteger, sourceText } from '../values/types.ts';
import type { Label, TensorValue } from '../values/values.ts';

export interface PortValue {
  readonly port: Port;
  readonly value: TensorValue;
}

/** What stands for the batch in the shapes of other frameworks. */
const batchNames = ['batch', 'batch_size', 'N', 'B', 'None', '?'];

/** Refuses a first size that is the batch: `[None, 784]`, `[-1, 784]`. */
function refuseBatch(
  context: Context,
  name: string,
  { dimensions, span }: ShapeType,
  environment: Environment,
): void {
  const [first, second] = dimensions;
  if (!first || first.kind === 'ellipsis') return;
  const isName =
    first.kind === 'name' && batchNames.includes(first.text) && !environment.scope.find(first.text);
  const isConstant =
    first.kind === 'name' && definingModule(environment.scope.module, first.text) !== undefined;
  const isNegative = first.kind === 'unary' && first.operator === '-' && first.operand.kind === 'number';
  if ((!isName || isConstant) && !isNegative && first.kind !== 'none') return;
  const { source } = span;
  const edit = {
    span: { source, start: first.span.start, end: second?.span.start ?? first.span.end },
    replacement: '',
  };
  const rest = source.text.slice(edit.span.end, span.end);
  const args = { name, found: `\`${sourceText(first)}\``, example: `\`[${rest}\`` };
  context.fail('habit.batch', first.span, args, { edit });
}

/** `float32[784]` is `[784]`, `categorical(10)` is `class(10)`. */
function portEdit({ name, arguments: given, shape, span }: NamedType): { readonly edit?: Edit } {
  const other = foreignName(name.text, ['float', 'class', 'int']);
  if (other === 'class' && given.length > 0) return { edit: { span: name.span, replacement: 'class' } };
  if ((other === 'float' || name.text === 'Tensor') && shape && given.length === 0)
    return { edit: { span, replacement: sourceText(shape) } };
  return {};
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
  const shape = type.kind === 'shape' ? type : type.shape;
  if (shape) refuseBatch(context, name, shape, environment);
  const sizes = shape?.dimensions.map((dimension) => {
    if (dimension.kind === 'ellipsis') return context.fail('declare.ellipsis', dimension.span, { name });
    labels.push(dimension.kind === 'name' ? dimension.text : undefined);
    const size = context.evaluate(dimension, environment);
    return checkedInteger(context, size, dimension.span, 1, `a size of \`${name}\``);
  });
  const exampleSizes = sizes ?? [];
  let limit: number | undefined;
  if (type.kind === 'named') {
    const [argument] = type.arguments;
    const kind = type.name.text;
    if (!inputTypes.includes(kind)) context.fail('type.unknown', type.span, { name: kind }, portEdit(type));
    if (!argument) return context.fail('model.input-type', type.span, { name: kind });
    const value = context.evaluate(argument, environment);
    limit = checkedInteger(context, value, argument.span, 1, `the limit of \`${name}\``);
  }
  const excess = tooLarge(`a batch of \`${name}\``, [context.tensors.batch, ...exampleSizes]);
  if (excess) context.fail('shape.too-large', type.span, excess);
  context.locate(item.span);
  const leaf = builder.input(name, item.kind, [context.tensors.batch, ...exampleSizes]);
  const value = context.tensors.of(builder.rename(leaf, name), true, labels, limit);
  const kind = type.kind === 'shape' ? 'real' : type.name.text === 'class' ? 'class' : 'int';
  const port: Port = { name, shape: exampleSizes, kind, ...(limit !== undefined && { limit }) };
  environment.scope.bind(name, { value, span: item.name.span });
  return { port, value };
}
