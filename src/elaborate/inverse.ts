// A layer's `inverse (y) { … }` is elaborated where the layer is applied, if the mode asks for it: on a placeholder of the result's
// shape, with the layer's parameters and the names bound in its body. The records say which nodes invert which.
import { showShape } from '../runtime/tensor.ts';
import type { Block, Definition, Statement } from '../parser/ast.ts';
import type { Context, Environment } from './context.ts';
import { Frame } from './instance.ts';
import { describe, exampleShape, type TensorValue, type Value } from './values/values.ts';

/** The name of a placeholder: with a space, so that no user's name equals it. */
export const placeholderName = (index: number): string => `inverse ${index}`;

/** @param environment the layer's own scope, with its inputs and hyper-parameters */
export function elaborateInverse(
  context: Context,
  definition: Definition,
  environment: Environment,
  { input, output }: { readonly input: TensorValue | undefined; readonly output: Value },
): void {
  const { inverse } = definition;
  context.trace.statesInverse ||= inverse !== undefined;
  if (!inverse || !context.mode.inverses || output.kind === 'poison') return;
  const owner = definition.name.text;
  const [parameter] = inverse.inputs;
  if (
    !input ||
    definition.inputs.length !== 1 ||
    inverse.inputs.length !== 1 ||
    !parameter ||
    output.kind !== 'tensor'
  ) {
    const found = `${definition.inputs.length} and gives ${describe(output)}`;
    context.report(context.error('inverse.inputs', inverse.span, { owner, found }));
    return;
  }
  const { tensors } = context;
  const { path } = environment.frame.instance;
  context.locate(inverse.span);
  const name = placeholderName(context.trace.inverses.length);
  const leaf = tensors.builder.input(name, 'input', output.node.shape);
  const placeholder: TensorValue = { ...output, node: leaf };
  // A new frame numbers unnamed layers as the body did, so that they are the same instances.
  const inner: Environment = { scope: environment.scope, frame: new Frame(environment.frame.instance) };
  inner.scope.bind(parameter.name.text, { value: placeholder, span: parameter.span });
  const once: Statement = {
    kind: 'repeat',
    count: { kind: 'number', value: 1, integer: true, span: inverse.span },
    body: inverse.body,
    span: inverse.span,
  };
  const body: Block = { ...inverse.body, statements: [...bindingsOf(definition.body), once] };
  const { value } = context.run(body, inner, placeholder);
  if (!value || value.kind === 'poison') return;
  const [wanted, found] = [exampleShape(input), value.kind === 'tensor' ? exampleShape(value) : []];
  if (value.kind !== 'tensor' || showShape(wanted) !== showShape(found)) {
    const args = { owner, wanted: showShape(wanted), found: describe(value) };
    context.report(context.error('inverse.shape', inverse.span, args));
    return;
  }
  context.trace.inverses.push({
    path,
    layer: owner,
    span: inverse.span,
    input: input.node.id,
    output: output.node.id,
    placeholder: leaf.id,
    result: value.node.id,
  });
}

/** A body's bindings: names, parameters, and the conditionals that contain them. */
function bindingsOf(block: Block): readonly Statement[] {
  return block.statements.flatMap((statement): Statement[] => {
    if (statement.kind === 'let' || statement.kind === 'declare') return [statement];
    if (statement.kind !== 'if') return [];
    const then = { ...statement.then, statements: bindingsOf(statement.then) };
    const otherwise = statement.otherwise && {
      ...statement.otherwise,
      statements: bindingsOf(statement.otherwise),
    };
    return [{ ...statement, then, ...(otherwise && { otherwise }) }];
  });
}
