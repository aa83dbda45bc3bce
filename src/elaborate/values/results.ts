// Checks a definition's results against its declared types.
import { showShape } from '../../runtime/tensor.ts';
import type { Value } from './values.ts';
import { originOf } from './places.ts';
import { sourceText, type LabelTranslation, type Unification } from './types.ts';
import { describe, exampleShape } from './values.ts';

/** A result declared as `[C, H / k]` requires that k divides H: otherwise the call is at fault. */
export function checkDivisions({ context, definition, environment, call }: Unification): void {
  if (definition.result?.kind !== 'shape') return;
  for (const dimension of definition.result.dimensions) {
    if (dimension.kind === 'ellipsis') continue;
    const value = context.evaluate(dimension, environment);
    if (value.kind !== 'number' || !value.quotient) continue;
    const [numerator, denominator] = value.quotient;
    const text = sourceText(dimension);
    const related = [{ span: dimension.span, message: `\`${text}\` is a size of its result` }];
    context.fail(
      'dimension.not-divisible',
      call,
      { what: `\`${text}\` of \`${definition.name.text}\``, numerator, denominator },
      { related },
    );
  }
}

/** Checks a result, after the body has run, against the declared type. */
export function checkResult(unification: Unification, value: Value | undefined): void {
  const { context, definition, environment, leading, call } = unification;
  const owner = definition.name.text;
  if (!value) return context.fail('call.no-result', definition.name.span, { owner });
  const compares = definition.kind === 'loss' || definition.kind === 'metric';
  if ((definition.kind === 'layer' || compares) && !isResult(value)) {
    const related = [{ span: call, message: 'in this call' }];
    context.fail('call.result', definition.name.span, { owner, found: describe(value) }, { related });
  }
  const { result } = definition;
  if (result?.kind !== 'shape' || value.kind !== 'tensor') return;
  const shape = exampleShape(value);
  const declared = result.dimensions.flatMap((dimension): (number | string)[] => {
    if (dimension.kind === 'ellipsis') return leading ? [...leading.shape] : ['...'];
    const expected = context.evaluate(dimension, environment);
    return expected.kind === 'number' ? [expected.value] : ['?'];
  });
  const open = declared.indexOf('...');
  const sizes =
    open < 0
      ? declared
      : [
          ...declared.slice(0, open),
          ...Array.from({ length: shape.length - declared.length + 1 }, () => '?'),
          ...declared.slice(open + 1),
        ];
  const fits =
    sizes.length === shape.length && sizes.every((size, axis) => size === '?' || size === shape[axis]);
  if (fits) return;
  const values = `[${declared.join(', ')}]`;
  const text = sourceText(result);
  context.fail(
    'shape.result',
    result.span,
    { owner, declared: text === values ? text : `${text}, here ${values},`, found: showShape(shape) },
    { related: originOf(value) },
  );
}

/** Whether a value is, or converts to, tensors. */
function isResult(value: Value): boolean {
  return ['tensor', 'tuple', 'number', 'generator', 'poison'].includes(value.kind);
}

/** Translates the definition's axis names to the caller's, if it has any. */
export function translate(value: Value, translation: LabelTranslation): Value {
  if (value.kind === 'tuple')
    return { ...value, items: value.items.map((item) => translate(item, translation)) };
  if (value.kind !== 'tensor' || translation.size === 0) return value;
  const labels = value.labels.map((label) =>
    label === undefined ? undefined : translation.has(label) ? translation.get(label) : label,
  );
  return { ...value, labels };
}
