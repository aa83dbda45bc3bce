// How large a tensor may be: sizes, and products of sizes, stay where 32-bit addresses can count them.
import type { Shape } from '../../ir/graph/type.ts';
import { describeShape } from './values.ts';

export const maximumElements = 2 ** 31;

/** What to say of a tensor that is too large; nothing of others. */
export function tooLarge(
  name: string,
  shape: Shape,
):
  | { readonly name: string; readonly shape: string; readonly elements: string; readonly limit: string }
  | undefined {
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements <= maximumElements) return undefined;
  const grouped = (count: number) => count.toLocaleString('en-US');
  return { name, shape: describeShape(shape), elements: grouped(elements), limit: grouped(maximumElements) };
}
