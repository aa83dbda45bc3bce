// The names of the types of hyper-parameters, in the order in which messages list them. Which values each holds is elaborate/hyper.ts.
import type { TypeExpression } from '../parser/ast.ts';

/** Types whose values are of one kind. */
export const plainHyperTypes = [
  'int',
  'float',
  'bool',
  'string',
  'list',
  'none',
  'layer',
  'initializer',
] as const;
export type PlainHyperType = (typeof plainHyperTypes)[number];

/** The names of all types of hyper-parameters. */
export const hyperTypes: readonly string[] = [...plainHyperTypes, 'one_of', 'symbol'];

/** Whether a hyper-parameter's declared type is known to the language. */
export function isHyperType(type: TypeExpression): boolean {
  return type.kind === 'named' && hyperTypes.includes(type.name.text);
}
