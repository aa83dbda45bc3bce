// Plain tensors for tests: row-major numbers with a shape, drawn from a seed or computed element by element.
import type { Shape } from '../../src/ir/graph/type.ts';
import type { Sample } from '../../src/ops/operation.ts';

export interface Tensor {
  readonly shape: Shape;
  readonly data: readonly number[];
}

/** The tensor whose element at an index is given by a function. */
export function tensorOf(shape: Shape, element: (index: readonly number[]) => number): Tensor {
  return { shape, data: indices(shape).map(element) };
}

/** Every index of a shape, in row-major order. */
export function indices(shape: Shape): readonly (readonly number[])[] {
  return shape.reduce<readonly (readonly number[])[]>(
    (all, size) => all.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
}

/** The element at an index, or `otherwise` outside the tensor. */
export function elementAt({ shape, data }: Tensor, index: readonly number[], otherwise = NaN): number {
  if (index.some((i, axis) => i < 0 || i >= (shape[axis] ?? 0) || !Number.isInteger(i))) return otherwise;
  return data[index.reduce((flat, i, axis) => flat * (shape[axis] ?? 1) + i, 0)] ?? NaN;
}

/** Numbers in [0, 1), the same from run to run (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Inputs as the sample wants them: in range, whole, distinct, away from kinks. */
export function drawInputs(sample: Sample, random: () => number): readonly Tensor[] {
  const taken: number[] = [];
  const acceptable = (value: number) =>
    (sample.kinks ?? []).every((kink) => Math.abs(value - kink) > 0.01) &&
    (!sample.distinct || taken.every((other) => Math.abs(value - other) > 0.01));
  return sample.shapes.map((shape, input) => {
    const limit = sample.integers?.[input];
    const [low, high] = rangeOf(sample, input);
    return tensorOf(shape, () => {
      if (limit !== undefined) return Math.floor(random() * limit);
      for (;;) {
        const value = low + (high - low) * random();
        if (!acceptable(value)) continue;
        taken.push(value);
        return value;
      }
    });
  });
}

function rangeOf({ range }: Sample, input: number): readonly [number, number] {
  const [first, second] = range ?? [-2, 2];
  if (typeof first === 'number' && typeof second === 'number') return [first, second];
  const own = range?.[input];
  if (own === undefined || typeof own === 'number')
    throw new Error(`the sample gives input ${input} no range`);
  return own;
}
