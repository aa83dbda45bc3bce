// Arithmetic on shapes and lists of axes, and checks that several primitives share.
import type { Shape } from '../ir/graph/type.ts';
import { ShapeError } from './operation.ts';

export function equalShapes(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** `[3, 4]` */
export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Throws ShapeError unless the axes are distinct positions in the shape. */
export function checkAxes(shape: Shape, axes: readonly number[]): void {
  axes.forEach((axis, i) => {
    if (!Number.isInteger(axis) || axis < 0 || axis >= shape.length) {
      throw new ShapeError(`${showShape(shape)} has no axis ${axis}`);
    }
    if (axes.indexOf(axis) !== i) throw new ShapeError(`axis ${axis} is named twice`);
  });
}

/** Throws ShapeError unless the attribute has one integer, at least `least`, for each of `count` axes. */
export function checkSettings(name: string, settings: readonly number[], count: number, least: number): void {
  if (settings.length !== count)
    throw new ShapeError(`${name} has ${settings.length} numbers for ${count} axes`);
  const wrong = settings.find((setting) => !Number.isInteger(setting) || setting < least);
  if (wrong !== undefined) throw new ShapeError(`${name} must be at least ${least}, but is ${wrong}`);
}

/** Throws ShapeError where a size is not a positive integer. */
export function checkSizes(shape: Shape): Shape {
  if (shape.some((size) => !Number.isInteger(size) || size < 1))
    throw new ShapeError(`${showShape(shape)} has an empty axis`);
  return shape;
}

/** The positions in a shape that are not among the axes, in order. */
export function otherAxes(rank: number, axes: readonly number[]): readonly number[] {
  return Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !axes.includes(axis));
}

/** The sizes at the given positions. */
export function sizesAt(shape: Shape, axes: readonly number[]): Shape {
  return axes.map((axis) => shape[axis] ?? 1);
}

/** The shape without the given axes. */
export function withoutAxes(shape: Shape, axes: readonly number[]): Shape {
  return sizesAt(shape, otherAxes(shape.length, axes));
}

/** The inverse permutation: at each i, the position of i in the permutation. */
export function invertPermutation(permutation: readonly number[]): readonly number[] {
  return permutation.map((_, i) => permutation.indexOf(i));
}
