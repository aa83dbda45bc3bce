// Calls: arguments are bound to a definition's parameters, and a definition that has all of its inputs is applied.
// Arguments that are tensors fill the inputs, others the hyper-parameters; a chain's value is the first input.
import type { Span } from '../../diagnostics/source.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import type { Argument, Definition, Expression, Parameter } from '../../parser/ast.ts';
import type { Context, Environment } from './context.ts';
import { Frame, type Instance } from './instance.ts';
import { Scope } from './scope.ts';
import {
  bindInput,
  checkHyper,
  matchDimensions,
  sourceText,
  symbolOptions,
  type LabelTranslation,
} from './types.ts';
import {
  describe,
  describeShape,
  exampleShape,
  poison,
  type BoundArgument,
  type DefinitionValue,
  type TensorValue,
  type Value,
} from './values.ts';

/** Calls nested deeper than this are refused: a definition cannot call itself, so only a very long chain of files gets here. */
const maximumDepth = 100;

/** A word where the parameter's type lists it, else the expression's value. */
export function evaluateArgument(
  context: Context,
  expression: Expression,
  parameter: Parameter | undefined,
  environment: Environment,
): Value {
  const options = symbolOptions(parameter?.type);
  if (expression.kind === 'name' && options?.includes(expression.text))
    return { kind: 'symbol', text: expression.text };
  if (expression.kind === 'name' && options && !environment.scope.find(expression.text) && parameter) {
    const owner = sourceText(parameter);
    context.fail(
      'argument.option',
      expression.span,
      { name: parameter.name.text, options: options.join(', '), found: expression.text },
      {
        related: [{ span: parameter.span, message: `declared as \`${owner}\`` }],
        ...editFor(expression.span, suggest(expression.text, options)),
      },
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

/** A definition with further arguments, applied at once where it has all of its inputs. */
export function callDefinition(
  context: Context,
  callee: DefinitionValue,
  given: readonly Argument[],
  environment: Environment,
  span: Span,
  instanceName?: string,
): Value {
  const { definition } = callee;
  const owner = definition.name.text;
  const hyper = new Map<string, BoundArgument>(callee.hyper);
  const tensors: Value[] = [...callee.tensors];
  let poisoned = false;
  for (const argument of given) {
    const bind = () => bindArgument(context, definition, argument, hyper, tensors, environment);
    if (context.attempt(argument.span, bind).kind === 'poison') poisoned = true;
  }
  for (const parameter of definition.hyperParameters) {
    if (parameter.default || hyper.has(parameter.name.text) || poisoned) continue;
    context.fail(
      'argument.required',
      span,
      { owner, name: parameter.name.text, example: exampleCall(definition) },
      {
        related: [
          { span: parameter.span, message: `\`${parameter.name.text}\` is declared here, without a default` },
        ],
      },
    );
  }
  if (poisoned) return poison;
  const bound: DefinitionValue = { ...callee, hyper, tensors, span };
  const complete =
    definition.inputs.length === 0
      ? definition.kind === 'function'
      : tensors.length === definition.inputs.length;
  if (!complete) return bound;
  return applyDefinition(context, bound, [], environment, span, instanceName);
}

function bindArgument(
  context: Context,
  definition: Definition,
  argument: Argument,
  hyper: Map<string, BoundArgument>,
  tensors: Value[],
  environment: Environment,
): Value {
  const owner = definition.name.text;
  const { name } = argument;
  if (name) {
    const parameter = definition.hyperParameters.find((candidate) => candidate.name.text === name.text);
    if (!parameter) {
      const names = definition.hyperParameters.map((candidate) => candidate.name.text);
      const similar = suggest(name.text, names);
      return context.fail(
        'argument.unknown',
        name.span,
        { owner, name: name.text, known: names.length > 0 ? names.join(', ') : 'none' },
        editFor(name.span, similar),
      );
    }
    if (hyper.has(name.text)) context.fail('argument.twice', argument.span, { owner, name: name.text });
    const value = checkedHyper(context, owner, parameter, argument.value, environment);
    hyper.set(name.text, { value, span: argument.span });
    return value;
  }
  const next = definition.hyperParameters.find((candidate) => !hyper.has(candidate.name.text));
  const value = evaluateArgument(context, argument.value, next, environment);
  if (value.kind === 'poison') return value;
  if (value.kind === 'tensor' || (!next && tensors.length < definition.inputs.length)) {
    if (tensors.length >= definition.inputs.length) {
      context.fail('argument.inputs', argument.span, {
        owner,
        expected: definition.inputs.length,
        signature: signature(definition),
      });
    }
    tensors.push(value);
    return value;
  }
  if (!next) {
    return context.fail('argument.too-many', argument.span, {
      owner,
      expected: definition.hyperParameters.length,
      signature: signature(definition),
    });
  }
  checkHyper(context, owner, next, value, argument.value.span);
  hyper.set(next.name.text, { value, span: argument.span });
  return value;
}

/** Applies a definition to tensors: `inputs` first, then those it was given before. */
export function applyDefinition(
  context: Context,
  callee: DefinitionValue,
  inputs: readonly Value[],
  environment: Environment,
  span: Span,
  instanceName?: string,
): Value {
  const { definition } = callee;
  const owner = definition.name.text;
  const all = [...inputs, ...callee.tensors];
  if (all.some((value) => value.kind === 'poison')) return poison;
  if (all.length !== definition.inputs.length) {
    context.fail(
      'call.inputs',
      span,
      { owner, expected: definition.inputs.length, found: all.length, signature: signature(definition) },
      { related: [{ span: definition.name.span, message: `\`${owner}\` is declared here` }] },
    );
  }
  if (context.depth >= maximumDepth) context.fail('call.depth', span, { owner, limit: maximumDepth });

  const instance = instanceOf(callee, environment, instanceName);
  const scope = new Scope(callee.module);
  const inner: Environment = { scope, frame: new Frame(instance) };
  const translation: LabelTranslation = new Map();
  const first = context.tensors.builder.size;
  const result = context.within({ name: owner, span, path: instance.path }, () => {
    bindHyperParameters(context, callee, inner);
    all.forEach((value, i) => {
      const parameter = definition.inputs[i];
      if (!parameter) return;
      const tensor = asTensor(context, value, span, owner, parameter.name.text);
      scope.bind(parameter.name.text, {
        value: bindInput(context, owner, parameter, tensor, inner, span, translation),
        span: parameter.span,
      });
    });
    const [firstInput] = definition.inputs;
    const current = firstInput && scope.own(firstInput.name.text)?.value;
    const { value } = context.run(definition.body, inner, current);
    if (value?.kind !== 'poison') checkResult(context, callee, value, inner, span);
    return value ?? poison;
  });
  const outward = translate(result, translation);
  if (definition.kind === 'layer' && outward.kind === 'tensor') {
    const output = nameAfter(context, outward, instance.path);
    context.layers.push({
      path: instance.path,
      layer: owner,
      depth: context.depth,
      span: context.userSpan(span),
      output,
      first,
      end: context.tensors.builder.size,
    });
    return output;
  }
  return outward;
}

/** Hyper-parameters that were given, and the defaults of the others, in the definition's own scope. */
export function bindHyperParameters(context: Context, callee: DefinitionValue, inner: Environment): void {
  for (const parameter of callee.definition.hyperParameters) {
    const name = parameter.name.text;
    const given = callee.hyper.get(name);
    const value =
      given?.value ??
      (parameter.default ? evaluateArgument(context, parameter.default, parameter, inner) : poison);
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
    : environment.frame.instance.child(name);
}

/** A tensor as it is; a number or a generator with dimensions as a constant one. */
export function asTensor(
  context: Context,
  value: Value,
  span: Span,
  owner: string,
  name: string,
): TensorValue {
  if (value.kind === 'tensor') return value;
  if (value.kind === 'number')
    return context.tensors.of(context.tensors.builder.constant(value.value, []), false);
  if (value.kind === 'generator') return context.tensors.generate(value.generator);
  return context.fail('value.tensor', span, { owner, name, found: describe(value) });
}

function checkResult(
  context: Context,
  callee: DefinitionValue,
  value: Value | undefined,
  inner: Environment,
  span: Span,
): void {
  const { definition } = callee;
  const owner = definition.name.text;
  if (!value) context.fail('call.no-result', definition.name.span, { owner });
  const { result } = definition;
  if (result?.kind !== 'shape' || value.kind !== 'tensor') return;
  const shape = exampleShape(value);
  const matched = matchDimensions(result.dimensions, shape.length);
  const fits = matched?.every((dimension, axis) => {
    if (dimension.kind === 'ellipsis') return true;
    const expected = context.evaluate(dimension, inner);
    return expected.kind === 'poison' || (expected.kind === 'number' && expected.value === shape[axis]);
  });
  if (fits) return;
  context.fail(
    'shape.result',
    result.span,
    { owner, declared: sourceText(result), found: describeShape(shape) },
    { related: [{ span, message: 'in this call' }] },
  );
}

/** Axis names of the definition's text become the caller's own, or none. */
function translate(value: Value, translation: LabelTranslation): Value {
  if (value.kind === 'tuple')
    return { ...value, items: value.items.map((item) => translate(item, translation)) };
  if (value.kind !== 'tensor' || translation.size === 0) return value;
  const labels = value.labels.map((label) =>
    label === undefined ? undefined : translation.has(label) ? translation.get(label) : label,
  );
  return { ...value, labels };
}

/** Gives a layer's output the layer's path as its name, unless the value has a name already. */
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

function exampleCall(definition: Definition): string {
  const required = definition.hyperParameters.filter((parameter) => !parameter.default);
  return `${definition.name.text}(${required.map((parameter) => `${parameter.name.text} = …`).join(', ')})`;
}

/** The options of a diagnostic that offers a replacement, where there is one. */
export function editFor(
  span: Span,
  replacement: string | undefined,
): { edit?: { span: Span; replacement: string } } {
  return replacement === undefined ? {} : { edit: { span, replacement } };
}
