// The names of hyper-parameter types, in the order of messages. Their values are checked in elaborate/hyper.ts.
import type { TypeExpression } from '../parser/ast.ts';

/** Types whose values are of a single kind. */
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

/** Whether a hyper-parameter's declared type exists. */
export function isHyperType(type: TypeExpression): boolean {
  return type.kind === 'named' && hyperTypes.includes(type.name.text);
}
