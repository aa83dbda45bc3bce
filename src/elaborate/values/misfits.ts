// Describes shape mismatches. Shapes are per example.
import { showShape } from '../../runtime/tensor.ts';
import type { Shape } from '../../ir/graph/type.ts';

/** Why `left @ right` is invalid; undefined if it is valid. */
export function productMisfit(left: Shape, right: Shape): string | undefined {
  if (left.length === 0 || right.length === 0)
    return `the ${left.length === 0 ? 'left' : 'right'} side is one number, and \`*\` multiplies by numbers`;
  const inner = left.at(-1) ?? 0;
  const other = (right.length === 1 ? right[0] : right.at(-2)) ?? 0;
  if (inner !== other) {
    const last = left.length === 1 ? 'only' : 'last';
    const which = right.length === 1 ? 'only' : right.length === 2 ? 'first' : 'second-to-last';
    return `the ${last} axis of the left side has size ${inner}, but the ${which} axis of the right side has size ${other}`;
  }
  const [outer, otherOuter] = [left.slice(0, -2), right.slice(0, -2)];
  const shared = Math.min(outer.length, otherOuter.length);
  const [ends, otherEnds] = [
    outer.slice(outer.length - shared),
    otherOuter.slice(otherOuter.length - shared),
  ];
  if (ends.every((size, i) => size === otherEnds[i])) return undefined;
  return `the axes in front, ${showShape(ends)} and ${showShape(otherEnds)}, differ`;
}

/** Why two shapes cannot be concatenated along an axis; undefined if they can. */
export function joinMisfit(first: Shape, other: Shape, axis: number): string | undefined {
  if (first.length !== other.length) return `one has ${first.length} axes and the other ${other.length}`;
  const at = first.findIndex((size, i) => i !== axis && size !== other[i]);
  return at < 0
    ? undefined
    : `axis ${at} has size ${first[at] ?? 0} in one and ${other[at] ?? 0} in the other`;
}
