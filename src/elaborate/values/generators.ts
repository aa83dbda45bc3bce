// Values that denote a generator: a number, `zeros`, `ones`, `eye`, or an expression of them.
import type { Generator, Value } from './values.ts';

/** The generator that a value is or converts to. */
export function generatorOf(value: Value): Generator | undefined {
  if (value.kind === 'generator') return value.generator;
  if (value.kind === 'number') return { kind: 'fill', value: value.value };
  if (value.kind !== 'builtin') return undefined;
  if (value.name === 'zeros') return { kind: 'fill', value: 0 };
  if (value.name === 'ones') return { kind: 'fill', value: 1 };
  return value.name === 'eye' ? { kind: 'eye' } : undefined;
}
