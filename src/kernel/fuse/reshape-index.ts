// Index arithmetic of reshapes: where an element is under another shape of as many elements.
import type { Condition, Expression, Index } from '../../ir/stages/type.ts';
import type { Sizes } from '../../ir/stages/index-range.ts';
import { flatIndex, splitAt } from '../index-algebra.ts';
import { elementCount } from '../../runtime/tensor.ts';

/** A split of an axis, with the size of its inner part, that would make an index expressible. */
export interface AxisSplit {
  readonly axis: string;
  readonly inner: number;
}

type Position = Index | Expression;

/**
 * The position `index` in a tensor of shape `from` as a position in shape `to`; where splitting an axis would help, that split; undefined
 * where the IR has no form for it.
 */
export function reshapeIndex(
  index: readonly Position[],
  from: readonly number[],
  to: readonly number[],
  sizes: Sizes,
  conditions: readonly Condition[],
): readonly Position[] | AxisSplit | undefined {
  const result: Position[] = [];
  for (const group of shapeGroups(from, to)) {
    const positions = group.from.flatMap((i) => index[i] ?? []);
    const [only] = positions;
    if (positions.length === 1 && group.to.length === 1 && only) {
      result.push(only);
      continue;
    }
    const affine = positions.filter((each): each is Index => !('kind' in each) && each.divisor === 1);
    if (affine.length < positions.length) return undefined;
    const [groupFrom, groupTo] = [group.from.map((i) => from[i] ?? 1), group.to.map((i) => to[i] ?? 1)];
    const digits = mixedRadix(flatIndex(affine, groupFrom), groupTo, sizes, conditions);
    if (!digits || 'axis' in digits) return digits;
    result.push(...digits);
  }
  return result;
}

/** The digits of a flat position in the mixed radix of the shape. */
function mixedRadix(
  flat: Index,
  shape: readonly number[],
  sizes: Sizes,
  conditions: readonly Condition[],
): readonly Index[] | AxisSplit | undefined {
  let rest = flat;
  const digits: Index[] = [];
  for (let i = 0; i < shape.length; i++) {
    const stride = elementCount(shape.slice(i + 1));
    const split = splitAt(rest, stride, sizes, conditions);
    if (!split) return axisAcross(rest, stride, sizes);
    digits.push(split.outer);
    rest = split.inner;
  }
  return digits;
}

/** The axis whose steps are smaller than the stride but which spans more than it, where it can be split there. */
function axisAcross({ terms }: Index, stride: number, sizes: Sizes): AxisSplit | undefined {
  for (const { axis, factor } of terms) {
    const size = sizes.get(axis) ?? 1;
    const inner = stride / factor;
    if (inner > 1 && inner < size && Number.isInteger(inner) && size % inner === 0) return { axis, inner };
  }
  return undefined;
}

interface ShapeGroup {
  /** Positions of the axes in `from` and in `to`. */
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/**
 * The shortest runs of axes of both shapes with equal numbers of elements.
 * @throws Error where the shapes' numbers of elements differ
 */
function shapeGroups(from: readonly number[], to: readonly number[]): readonly ShapeGroup[] {
  const groups: ShapeGroup[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    const group = { from: [] as number[], to: [] as number[] };
    let [left, right] = [1, 1];
    const takeFrom = () => {
      left *= from[i] ?? 1;
      group.from.push(i++);
    };
    const takeTo = () => {
      right *= to[j] ?? 1;
      group.to.push(j++);
    };
    if (i < from.length) takeFrom();
    if (j < to.length) takeTo();
    while (left !== right) {
      if (left < right && i < from.length) takeFrom();
      else if (right < left && j < to.length) takeTo();
      else throw new Error(`[${from.join(', ')}] and [${to.join(', ')}] hold different numbers of elements`);
    }
    groups.push(group);
  }
  return groups;
}
