// The language's builtin functions: thin names for primitives, and queries of shapes. Whatever can be written as a formula of these is
// library text (src/std), not a row in builtins/.
import type { Span } from '../../diagnostics/source.ts';
import type { Argument } from '../../parser/ast.ts';
import { Call, type Builtin, type Given } from './call.ts';
import { elementwiseBuiltins } from './elementwise.ts';
import { generatorBuiltins } from './generators.ts';
import { reductionBuiltins } from './reductions.ts';
import { statisticBuiltins } from './statistics.ts';
import { shapeBuiltins } from './shapes.ts';
import { evaluateAxes } from '../axes.ts';
import { argumentsOf, checkOrder } from '../call.ts';
import type { CallSite, Context } from '../context.ts';
import { meantInstead } from '../../names/meant.ts';
import { poison, type BuiltinValue, type Value } from '../values/values.ts';

export const builtins: ReadonlyMap<string, Builtin> = new Map(
  Object.entries({
    ...elementwiseBuiltins,
    ...reductionBuiltins,
    ...shapeBuiltins,
    ...generatorBuiltins,
    ...statisticBuiltins,
  }),
);

/** Calls a builtin, or keeps its arguments until a chain provides the first. */
export function callBuiltin(
  context: Context,
  callee: BuiltinValue,
  given: readonly Argument[],
  { environment, span }: CallSite,
): Value {
  const row = builtins.get(callee.name);
  const named = new Map<string, Given>(callee.named ?? []);
  const positional: Given[] = [...(callee.positional ?? [])];
  checkOrder(context, given);
  for (const argument of given) {
    if (!argument.name) {
      positional.push({ value: context.evaluate(argument.value, environment), span: argument.value.span });
      continue;
    }
    const known = row?.names ?? [];
    const name = argument.name.text;
    if (!known.includes(name)) {
      const otherwise = argumentsOf(callee.name, known);
      const { help, options } = meantInstead(name, argument.name.span, known, otherwise);
      context.fail('argument.unknown', argument.name.span, { owner: callee.name, name, help }, options);
    }
    const value =
      name === 'axis' || name === 'except'
        ? evaluateAxes(context, argument.value, environment)
        : context.evaluate(argument.value, environment);
    const entry = { value, span: argument.value.span };
    named.set(name, entry);
  }
  return runBuiltin(context, { ...callee, positional, named }, span);
}

/** Runs a builtin that has its arguments; one that lacks tensors is returned, to wait for a chain's value. */
export function runBuiltin(context: Context, callee: BuiltinValue, span: Span): Value {
  const row = builtins.get(callee.name);
  const positional = callee.positional ?? [];
  const named = callee.named ?? new Map<string, Given>();
  if (!row) throw new Error(`no builtin ${callee.name}`);
  if ([...positional, ...named.values()].some(({ value }) => value.kind === 'poison')) return poison;
  const startsWithTensor = positional[0] !== undefined && isOperand(positional[0].value);
  if (
    positional.length < row.needs ||
    (row.needs > 0 && !startsWithTensor && callee.name !== 'einsum' && row.names)
  )
    return callee;
  context.locate(span);
  return row.run(new Call(context, { name: callee.name, usage: row.usage, span }, positional, named));
}

function isOperand(value: Value): boolean {
  return (
    value.kind === 'tensor' ||
    value.kind === 'generator' ||
    value.kind === 'number' ||
    value.kind === 'builtin'
  );
}
