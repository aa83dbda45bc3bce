// The maximum size of a tensor: sizes, and products of sizes, must be countable in 32-bit addresses.
import { elementCount, showShape } from '../../runtime/tensor.ts';
import type { Shape } from '../../ir/graph/type.ts';

export const maximumElements = 2 ** 31;

/** The error for a tensor that is too large, or undefined. */
export function tooLarge(
  name: string,
  shape: Shape,
):
  | { readonly name: string; readonly shape: string; readonly elements: string; readonly limit: string }
  | undefined {
  const elements = elementCount(shape);
  if (elements <= maximumElements) return undefined;
  const grouped = (count: number) => count.toLocaleString('en-US');
  return { name, shape: showShape(shape), elements: grouped(elements), limit: grouped(maximumElements) };
}
