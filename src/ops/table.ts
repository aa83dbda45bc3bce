// Every primitive, by name. To add one: write its file, add its line.
import type { Attributes } from '../ir/graph.ts';
import { contraction } from './contraction.ts';
import { exp } from './exp.ts';
import { constant, input, stored } from './leaves.ts';
import { multiply } from './multiply.ts';
import type { Operation } from './operation.ts';

export const operations = {
  input,
  stored,
  constant,
  contraction,
  exp,
  multiply,
};

export type OperationName = keyof typeof operations;
export type AttributesOf<K extends OperationName> = (typeof operations)[K] extends Operation<infer A> ? A : never;

/** The primitive of a node; throws on a name that is not in the table (a fault of the compiler's own). */
export function operationOf(name: string): Operation {
  const found = new Map<string, unknown>(Object.entries(operations)).get(name);
  if (!found) throw new Error(`no primitive is called ${name}`);
  return found as Operation<Attributes>;
}
