// The names of primitives in a diagram, and those without a box, because they only show the same numbers differently.
import type { Node } from '../ir/graph/type.ts';

const words: ReadonlyMap<string, string> = new Map([
  ['add', '+'],
  ['subtract', '−'],
  ['multiply', '×'],
  ['divide', '÷'],
  ['negate', '−'],
  ['power', '^'],
  ['contraction', '@'],
  ['less', '<'],
  ['less_equal', '≤'],
  ['equal', '='],
  ['sum', 'Σ'],
]);

const unseen: ReadonlySet<string> = new Set(['reshape', 'broadcast', 'transpose', 'stop_gradient']);

export function operationWord(node: Node): string {
  return words.get(node.operation) ?? node.operation.replaceAll('_', ' ');
}

/** Views of a value, and constant multiples (a mean's division). */
export function isUnseen(node: Node, inputs: readonly (Node | undefined)[]): boolean {
  if (unseen.has(node.operation)) return true;
  const scaled = node.operation === 'divide' || node.operation === 'multiply';
  return scaled && inputs.some((input) => input?.operation === 'constant');
}
