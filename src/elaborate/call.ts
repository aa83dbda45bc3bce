// Calls: arguments are bound to a definition's parameters, and a definition with all of its inputs is applied. Arguments that are tensors
// fill the inputs, others the hyper-parameters; a chain's value is the first input.
import type { Span } from '../diagnostics/source.ts';
import type { Argument, Definition, Expression, Name, Parameter } from '../parser/ast.ts';
import type { CallSite, Context, Environment } from './context.ts';
import { Frame, type Instance } from './instance.ts';
import { asTensor } from './values/as-tensor.ts';
import { elaborateInverse } from './inverse.ts';
import { elaborateOverall } from './model/overall.ts';
import { Scope } from './scope.ts';
import { enumerate } from '../diagnostics/enumerate.ts';
import { refuseForeign, refuseInputSize } from './foreign-arguments.ts';
import { checkHyper, describeOptions, fitsHyper, standsForValue, symbolOptions, wordsOf } from './hyper.ts';
import { meantInstead } from '../names/meant.ts';
import { checkDivisions, checkResult, translate } from './values/results.ts';
import { bindInput, sourceText, type LabelTranslation, type Unification } from './values/types.ts';
import {
  describe,
  poison,
  type BoundArgument,
  type DefinitionValue,
  type TensorValue,
  type Value,
} from './values/values.ts';

/** The maximum call depth. Definitions are not recursive, so that only a very long chain of definitions reaches it. */
const maximumDepth = 100;

/** A bare word where the parameter's type lists it, else the expression's value. */
export function evaluateArgument(
  context: Context,
  expression: Expression,
  parameter: Parameter | undefined,
  environment: Environment,
): Value {
  const options = symbolOptions(parameter?.type);
  if (expression.kind === 'name' && options?.includes(expression.text))
    return { kind: 'symbol', text: expression.text };
  if (
    expression.kind === 'name' &&
    options &&
    parameter &&
    !standsForValue(context, expression.text, options, environment)
  ) {
    const name = parameter.name.text;
    const { help, options: edit } = meantInstead(expression.text, expression.span, wordsOf(options));
    context.fail(
      'argument.option',
      expression.span,
      { name, options: describeOptions(options), found: expression.text, help },
      { related: [{ span: parameter.span, message: `\`${name}\` is declared here` }], ...edit },
    );
  }
  return context.evaluate(expression, environment);
}

/** The value of a hyper-parameter's argument, checked against its declared type. */
export function checkedHyper(
  context: Context,
  owner: string,
  parameter: Parameter,
  expression: Expression,
  environment: Environment,
): Value {
  const value = evaluateArgument(context, expression, parameter, environment);
  checkHyper(context, owner, parameter, value, expression.span);
  return value;
}

/** The arguments of a call so far. */
interface Arguments {
  readonly definition: Definition;
  readonly hyper: Map<string, BoundArgument>;
  readonly tensors: Value[];
}

/** Adds arguments to a definition, and applies it once it has all of its inputs. */
export function callDefinition(
  context: Context,
  callee: DefinitionValue,
  given: readonly Argument[],
  site: CallSite,
): Value {
  const { definition } = callee;
  const { environment, span } = site;
  const bound = { definition, hyper: new Map(callee.hyper), tensors: [...callee.tensors] };
  let poisoned = false;
  checkOrder(context, given);
  for (const argument of given) {
    // After an argument with an error, the positions of the others are ambiguous.
    const bind = () =>
      poisoned && !argument.name
        ? context.evaluate(argument.value, environment)
        : bindArgument(context, bound, argument, site);
    if (context.attempt(argument.span, bind).kind === 'poison') poisoned = true;
  }
  if (poisoned) return poison;
  const { hyper, tensors } = bound;
  const called: DefinitionValue = { ...callee, hyper, tensors, span };
  const positional = given.filter((argument) => !argument.name).map(({ value }) => value);
  requireHyperParameters(context, called, positional);
  const complete =
    definition.inputs.length === 0
      ? definition.kind === 'function'
      : tensors.length === definition.inputs.length;
  return complete ? applyDefinition(context, called, [], site) : called;
}

/** Refuses a call that lacks a hyper-parameter without a default. `given` are its positional arguments, for the example. */
export function requireHyperParameters(
  context: Context,
  { definition, hyper, span, tensors }: DefinitionValue,
  given: readonly Expression[],
): void {
  const missing = definition.hyperParameters.filter(
    (parameter) => !parameter.default && !hyper.has(parameter.name.text),
  );
  const [first] = missing;
  if (!first) return;
  const owner = definition.name.text;
  const values = missing.map((parameter) => `${parameter.name.text} = …`).join(', ');
  const inputs = tensors.length > 0 ? `(${given.slice(-tensors.length).map(sourceText).join(', ')})` : '';
  context.fail(
    'argument.required',
    span,
    {
      owner,
      names: enumerate(
        missing.map((parameter) => `\`${parameter.name.text}\``),
        'and',
      ),
      was: missing.length === 1 ? 'was' : 'were',
      example: `${owner}(${values})${inputs}`,
    },
    {
      related: [{ span: first.span, message: `\`${first.name.text}\` is declared here, without a default` }],
    },
  );
}

/** Positional arguments may not follow named ones: `0,05` is no number. */
export function checkOrder(context: Context, given: readonly Argument[]): void {
  given.forEach((argument, i) => {
    const before = given[i - 1];
    if (argument.name || !before?.name) return;
    const { span } = argument;
    const { text } = span.source;
    const between = text.slice(before.span.end, span.start);
    const decimal =
      between === ',' && before.value.kind === 'number' && argument.value.kind === 'number'
        ? `${text.slice(before.value.span.start, before.value.span.end)}.${text.slice(span.start, span.end)}`
        : undefined;
    const help =
      decimal === undefined
        ? 'Arguments by position come first.'
        : `A number is written with a point: \`${decimal}\`.`;
    const whole = { source: span.source, start: before.value.span.start, end: span.end };
    context.fail(
      'argument.order',
      decimal === undefined ? span : whole,
      { help },
      decimal === undefined ? {} : { edit: { span: whole, replacement: decimal } },
    );
  });
}

function bindArgument(context: Context, bound: Arguments, argument: Argument, site: CallSite): Value {
  const { name } = argument;
  return name
    ? bindNamed(context, bound, { ...argument, name }, site)
    : bindPositional(context, bound, argument, site.environment);
}

function bindNamed(
  context: Context,
  { definition, hyper }: Arguments,
  argument: Argument & { readonly name: Name },
  site: CallSite,
): Value {
  const owner = definition.name.text;
  const { text, span } = argument.name;
  const parameter = definition.hyperParameters.find((candidate) => candidate.name.text === text);
  if (!parameter) {
    const names = definition.hyperParameters.map((candidate) => candidate.name.text);
    if (definition.kind === 'layer') refuseForeign(context, definition, argument, site);
    const { help, options } = meantInstead(text, span, names, argumentsOf(owner, names));
    return context.fail('argument.unknown', span, { owner, name: text, help }, options);
  }
  const before = hyper.get(text);
  if (before) {
    const related = [{ span: before.span, message: 'the first is here' }];
    context.fail('argument.twice', argument.span, { owner, name: text }, { related });
  }
  const value = checkedHyper(context, owner, parameter, argument.value, site.environment);
  hyper.set(text, { value, span: argument.span });
  return value;
}

/** Binds a tensor to the next input, any other value to the next hyper-parameter. */
function bindPositional(
  context: Context,
  { definition, hyper, tensors }: Arguments,
  argument: Argument,
  environment: Environment,
): Value {
  const owner = definition.name.text;
  const next = definition.hyperParameters.find((candidate) => !hyper.has(candidate.name.text));
  const value = evaluateArgument(context, argument.value, next, environment);
  if (value.kind === 'poison') return value;
  const computes = definition.kind === 'function' || definition.kind === 'initializer';
  if (value.kind === 'tensor' || (!next && computes && tensors.length < definition.inputs.length)) {
    if (tensors.length >= definition.inputs.length) {
      const expected = counted(definition.inputs.length, 'input');
      context.fail('argument.inputs', argument.span, { owner, expected, signature: signature(definition) });
    }
    tensors.push(value);
    return value;
  }
  if (!next) {
    refuseInputSize(context, definition, hyper, { value, span: argument.span });
    const names = definition.hyperParameters.map((candidate) => candidate.name.text);
    const help = argumentsOf(owner, names);
    return context.fail('argument.too-many', argument.span, { owner, found: describe(value), help });
  }
  if (!fitsHyper(next, value)) refuseInputSize(context, definition, hyper, { value, span: argument.span });
  checkHyper(context, owner, next, value, argument.value.span);
  hyper.set(next.name.text, { value, span: argument.span });
  return value;
}

/** Applies a definition to tensors: `inputs` first, then those of the callee. */
export function applyDefinition(
  context: Context,
  callee: DefinitionValue,
  inputs: readonly Value[],
  site: CallSite,
): Value {
  const { definition } = callee;
  const { environment, span, name } = site;
  const owner = definition.name.text;
  const all = [...inputs, ...callee.tensors];
  if (all.some((value) => value.kind === 'poison')) return poison;
  checkInputCount(context, definition, all.length, span);
  requireHyperParameters(context, { ...callee, span }, []);
  if (context.depth >= maximumDepth) context.fail('call.depth', span, { owner, limit: maximumDepth });

  const instance = instanceOf(callee, environment, name);
  const first = context.tensors.builder.size;
  const tensors = all.flatMap((value) => (value.kind === 'tensor' ? [value] : []));
  const result = context.within({ name: owner, span, path: instance.path, inputs: tensors }, () =>
    runDefinition(context, callee, all, { instance, site }),
  );
  if (definition.kind === 'loss') recordLoss(context, definition, all, span);
  if (definition.kind !== 'layer' || result.kind !== 'tensor') return result;
  const output = nameAfter(context, result, instance.path);
  context.trace.layers.push({
    path: instance.path,
    layer: owner,
    depth: context.depth,
    span: context.userSpan(span),
    output,
    first,
    end: context.tensors.builder.size,
    ...(definition.documentation !== undefined && { documentation: definition.documentation }),
  });
  return output;
}

function recordLoss(
  context: Context,
  { name, inputs }: Definition,
  given: readonly Value[],
  span: Span,
): void {
  context.trace.losses.push({
    name: name.text,
    span: context.userSpan(span),
    inputs: given.flatMap((value, i) =>
      value.kind === 'tensor' ? [{ name: inputs[i]?.name.text ?? '', value }] : [],
    ),
  });
}

function checkInputCount(context: Context, definition: Definition, found: number, span: Span): void {
  if (found === definition.inputs.length) return;
  const owner = definition.name.text;
  const expected = counted(definition.inputs.length, 'input');
  const related = [{ span: definition.name.span, message: `\`${owner}\` is declared here` }];
  const help = missingInputs(definition, found);
  context.fail('call.inputs', span, { owner, expected, found, help }, { related });
}

/** Runs a definition's body on its inputs, with its inverse and its `overall`, in a new scope. */
function runDefinition(
  context: Context,
  callee: DefinitionValue,
  inputs: readonly Value[],
  { instance, site }: { readonly instance: Instance; readonly site: CallSite },
): Value {
  const { definition } = callee;
  const owner = definition.name.text;
  const scope = new Scope(callee.module);
  const inner: Environment = { scope, frame: new Frame(instance) };
  const translation: LabelTranslation = new Map();
  const unification: Unification = { context, definition, environment: inner, call: site.span, translation };
  bindHyperParameters(context, callee, inner);
  inputs.forEach((input, i) => {
    const parameter = definition.inputs[i];
    if (!parameter) return;
    const tensor = asTensor(context, input, site.span, owner, parameter.name.text);
    const value = bindInput(unification, parameter, tensor);
    scope.bind(parameter.name.text, { value, span: parameter.span });
  });
  checkDivisions(unification);
  const [firstInput] = definition.inputs;
  const current = firstInput && scope.own(firstInput.name.text)?.value;
  const { value: body } = context.run(definition.body, inner, current);
  if (body?.kind !== 'poison') checkResult(unification, body);
  if (!body) return poison;
  if (definition.inverse)
    elaborateInverse(context, definition, inner, {
      input: current?.kind === 'tensor' ? current : undefined,
      output: body,
    });
  const result = definition.overall ? elaborateOverall(context, definition, inner, { body, site }) : body;
  return translate(result, translation);
}

/** Binds hyper-parameters to their arguments or defaults, in the definition's own scope. */
export function bindHyperParameters(context: Context, callee: DefinitionValue, inner: Environment): void {
  const { definition } = callee;
  for (const parameter of definition.hyperParameters) {
    const name = parameter.name.text;
    const given = callee.hyper.get(name);
    const initial = parameter.default;
    const owner = definition.name.text;
    const value =
      given?.value ??
      (initial
        ? context.attempt(initial.span, () => checkedHyper(context, owner, parameter, initial, inner))
        : poison);
    const options = symbolOptions(parameter.type);
    inner.scope.bind(name, {
      value:
        value.kind === 'number' ? { ...value, label: value.dimension ? (value.label ?? name) : name } : value,
      span: given?.span ?? parameter.span,
      ...(options && { options }),
    });
  }
}

function instanceOf(callee: DefinitionValue, environment: Environment, name: string | undefined): Instance {
  if (callee.instance) return callee.instance;
  if (callee.definition.kind !== 'layer') return environment.frame.instance;
  return name === undefined
    ? environment.frame.next(callee.definition.name.text)
    : environment.frame.named(name);
}

/** Names a layer's output after the layer's path, unless the value has a name already. */
function nameAfter(context: Context, value: TensorValue, path: string): TensorValue {
  const { node } = value;
  if (node.origin.name !== undefined || path === '' || node.operation === 'stored') return value;
  return { ...value, node: context.tensors.builder.rename(node, path) };
}

/** `Linear(out, bias = true)(x)` for messages. */
export function signature(definition: Definition): string {
  const hyper = definition.hyperParameters.map(sourceText).join(', ');
  const inputs = definition.inputs.map(sourceText).join(', ');
  return `${definition.name.text}${hyper ? `(${hyper})` : ''} (${inputs})`;
}

/** Help for a definition that lacks inputs: `found` of them were bound. */
function missingInputs(definition: Definition, found: number): string {
  const names = definition.inputs.map((input) => input.name.text);
  const name = definition.name.text;
  if (found === 0 || found > names.length) return `It is declared as \`${signature(definition)}\`.`;
  const hyper = definition.hyperParameters.some((parameter) => !parameter.default) ? '(…)' : '';
  const rest = names.slice(found).join(', ');
  const before = found === 1 ? 'the value before it' : 'the values before it';
  return `It takes ${before} as \`${names.slice(0, found).join(', ')}\`; give the rest as \`${name}${hyper}(${rest})\`.`;
}

/** `1 input`, `2 inputs` */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/** Lists the arguments, as a sentence. */
export function argumentsOf(owner: string, names: readonly string[]): string {
  return names.length > 0
    ? `Its arguments are ${enumerate(names, 'and')}.`
    : `\`${owner}\` has no arguments.`;
}
