// `emb.W`: a tensor by its path. The path begins with a layer named by `let`, or with the name that an unnamed call has by its number
// (`linear_1.W`), and goes on through the layers inside. A layer has its tensors from its first use on.
import type { MemberExpression } from '../parser/ast.ts';
import type { Context, Environment } from './context.ts';
import { enumerate } from '../diagnostics/enumerate.ts';
import { meantInstead } from '../names/meant.ts';
import type { Instance } from './instance.ts';
import { sourceText } from './values/types.ts';
import { describe, poison, type Value } from './values/values.ts';

export function memberOf(context: Context, expression: MemberExpression, environment: Environment): Value {
  const owner = ownerOf(context, expression, environment);
  if (!owner) return poison;
  const { text, span } = expression.name;
  const tensor = owner.tensors.get(text);
  if (tensor) return { kind: 'tensor', node: tensor.node, batched: false, labels: tensor.labels };
  const path = owner.pathOf(text);
  if (owner.known(text)) {
    const help = `Name a tensor in it, such as \`${path}.W\`.`;
    return context.fail('member.layer', expression.span, { name: path, help });
  }
  const names = [...owner.tensors.keys(), ...owner.layers];
  const listed =
    names.length > 0
      ? `It has ${enumerate(names, 'and')}.`
      : 'A layer has its tensors from its first use on: write this below.';
  const { help, options } = meantInstead(text, span, names, listed);
  return context.fail('member.unknown', span, { owner: owner.path, name: text, help }, options);
}

/** The layer that the expression names a part of; undefined where an error in it was reported. */
function ownerOf(
  context: Context,
  { owner, name }: MemberExpression,
  environment: Environment,
): Instance | undefined {
  if (owner.kind === 'member') {
    const outer = ownerOf(context, owner, environment);
    const found = outer?.known(owner.name.text);
    if (found || !outer) return found;
    const { help, options } = meantInstead(owner.name.text, owner.name.span, outer.layers);
    return context.fail(
      'member.unknown',
      owner.name.span,
      { owner: outer.path, name: owner.name.text, help },
      options,
    );
  }
  const { scope, frame } = environment;
  const bound = owner.kind === 'name' ? scope.find(owner.text)?.value : undefined;
  const named = bound?.kind === 'definition' || bound?.kind === 'chain' ? bound.instance : undefined;
  const called = named ?? (owner.kind === 'name' ? frame.instance.known(owner.text) : undefined);
  if (called) return called;
  const value = context.evaluate(owner, environment);
  if (value.kind === 'poison') return undefined;
  const text = sourceText(owner);
  if (value.kind === 'tensor' && (name.text === 'T' || name.text === 'mT')) {
    const span = { ...owner.span, end: name.span.end };
    const replacement = `${text}'`;
    const args = { found: `\`${sourceText({ span })}\``, example: `\`${replacement}\`` };
    context.fail('habit.method', span, args, { edit: { span, replacement } });
  }
  const layer = value.kind === 'definition' || value.kind === 'chain';
  const help = layer
    ? `Name the layer that is meant: \`let layer = ${text}\`, then \`layer.${name.text}\`.`
    : 'Only a layer has parts: `let emb = Embedding(30, 16)`, then `emb.W`.';
  return context.fail('member.owner', owner.span, { found: describe(value), name: name.text, help });
}
