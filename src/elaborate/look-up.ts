// Name resolution: a name in scope, a word of the language, a module's definition, or a builtin.
import type { Span } from '../diagnostics/source.ts';
import type { DefinitionKind, Expression, NameExpression } from '../parser/ast.ts';
import { builtins } from './builtins/table.ts';
import type { Context, Environment } from './context.ts';
import { enumerate } from '../diagnostics/enumerate.ts';
import { foreignName } from '../diagnostics/foreign-names.ts';
import { meantInstead } from '../names/meant.ts';
import { definingModule, visibleDefinitions, visibleNames, type Module } from '../names/module.ts';
import { booleanValue, describe, none, numberValue, poison, type Value } from './values/values.ts';
import { sourceText } from './values/types.ts';
import { constantOf } from './model/constants.ts';

/** The value of a name. Throws a DiagnosticError if the name is unknown. */
export function lookUp(context: Context, expression: NameExpression, environment: Environment): Value {
  const { text, span } = expression;
  const { module } = environment.scope;
  const found = environment.scope.find(text)?.value;
  if (found) return found;
  if (text === 'training') return booleanValue(context.mode.training);
  if (text === 'pi') return numberValue(Math.PI);
  if (text === 'infinity') return numberValue(Infinity);
  if (text === 'batch') return { kind: 'symbol', text };
  if (text === 'none') return none;
  if (text === 'true' || text === 'false') return booleanValue(text === 'true');
  const owner = definingModule(module, text);
  if (owner) return definedIn(context, owner, text, expression);
  if (builtins.has(text)) return { kind: 'builtin', name: text };
  if (isReported(module, text)) return poison;
  const known = [...environment.scope.names(), ...visibleNames(module), ...builtins.keys(), ...words];
  const { help, options } = meantInstead(text, span, known);
  const other = foreignName(text, known);
  const args = { name: asWritten(expression), help };
  if (other === undefined) return context.fail('name.unknown', span, args, options);
  // What another framework calls it is certain, so that further errors are found as if it were mended.
  context.report(context.error('name.unknown', span, args, options));
  return lookUp(context, { ...expression, text: other }, environment);
}

/** A name with the quotes or the path that it was written with. */
function asWritten({ text, span }: NameExpression): string {
  const written = sourceText({ span });
  return written.replace(/['"]$/, '').endsWith(text) ? written : text;
}

/** Words that stand for values. */
const words = ['true', 'false', 'none', 'training', 'pi', 'infinity', 'batch'];

/** Evaluates an expression for a loss, metric, optimizer or schedule: an unknown name is reported as a misspelt one of that kind. */
export function evaluateKind(
  context: Context,
  expression: Expression,
  environment: Environment,
  kind: DefinitionKind,
): Value {
  const name = leadingName(expression);
  const { module } = environment.scope;
  if (name && !isKnown(name.text, environment)) {
    const known = visibleDefinitions(module, [kind]);
    const listed = `${nouns[kind].plural} are ${enumerate(known, 'and')}.`;
    const { help, options } = meantInstead(name.text, name.span, known, listed);
    const other = foreignName(name.text, known);
    const meant = other === undefined ? undefined : renamed(expression, other);
    if (meant) {
      context.report(context.error('name.unknown', name.span, { name: asWritten(name), help }, options));
      return context.evaluate(meant, environment);
    }
    return context.fail('name.unknown', name.span, { name: asWritten(name), help }, options);
  }
  return context.evaluate(expression, environment);
}

/** The same with another leading name. */
function renamed(expression: Expression, text: string): Expression | undefined {
  if (expression.kind === 'name') return { ...expression, text };
  if (expression.kind !== 'call') return undefined;
  const callee = renamed(expression.callee, text);
  return callee && { ...expression, callee };
}

/** The kinds of definitions, for messages. */
export const nouns: { readonly [K in DefinitionKind]: { readonly one: string; readonly plural: string } } = {
  layer: { one: 'a layer', plural: 'Layers' },
  loss: { one: 'a loss', plural: 'Losses' },
  optimizer: { one: 'an optimizer', plural: 'Optimizers' },
  schedule: { one: 'a schedule', plural: 'Schedules' },
  clip: { one: 'a way to clip gradients', plural: 'Ways to clip gradients' },
  initializer: { one: 'an initializer', plural: 'Initializers' },
  metric: { one: 'a metric', plural: 'Metrics' },
  function: { one: 'a function', plural: 'Functions' },
};

/** Reports a value of the wrong kind. */
export function refuseKind(
  context: Context,
  value: Value,
  environment: Environment,
  span: Span,
  wanted: DefinitionKind,
): never {
  const found =
    value.kind === 'definition'
      ? `\`${value.definition.name.text}\` is ${nouns[value.definition.kind].one}`
      : `this is ${describe(value)}`;
  const known = wanted === 'layer' ? [] : visibleDefinitions(environment.scope.module, [wanted]);
  const apart =
    value.kind === 'definition' && wanted === 'layer' && itemKinds.includes(value.definition.kind)
      ? `It stands outside of the net, as \`${value.definition.kind} ${value.definition.name.text}\`.`
      : '';
  const help = known.length > 0 ? `${nouns[wanted].plural} are ${enumerate(known, 'and')}.` : apart;
  return context.fail('call.kind', span, { found, expected: nouns[wanted].one, help });
}

/** Kinds that a model names in an item of its own. */
const itemKinds: readonly DefinitionKind[] = ['loss', 'optimizer', 'schedule', 'clip'];

function leadingName(expression: Expression): NameExpression | undefined {
  if (expression.kind === 'call') return leadingName(expression.callee);
  return expression.kind === 'name' ? expression : undefined;
}

/** Whether a name stands for something, even for a mistake that was reported: then its uses report nothing. */
export function isKnown(name: string, { scope }: Environment): boolean {
  return (
    scope.find(name) !== undefined ||
    words.includes(name) ||
    definingModule(scope.module, name) !== undefined ||
    builtins.has(name) ||
    isReported(scope.module, name)
  );
}

function isReported(module: Module, name: string): boolean {
  return module.incomplete || module.reported.has(name);
}

function definedIn(context: Context, module: Module, name: string, expression: NameExpression): Value {
  if (module.reported.has(name)) return poison;
  const definition = module.definitions.get(name);
  if (definition)
    return { kind: 'definition', definition, module, hyper: new Map(), tensors: [], span: expression.span };
  if (!module.constants.has(name))
    return definedIn(context, definingModule(module, name) ?? module, name, expression);
  return constantOf(context, module, name);
}
