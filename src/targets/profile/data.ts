// A batch of random data for timing.
import { uniform } from '../../runtime/random.ts';
import type { ModelArrays } from '../../runtime/model.ts';
import type { ModelSpecification } from '../../runtime/specification.ts';
import { elementCount, namedRecord } from '../../runtime/tensor.ts';

/** Uniform noise with mean 0 and standard deviation 1, and labels. */
export function drawBatch({ inputs, targets, batch }: ModelSpecification): ModelArrays {
  const key = new Float32Array(6);
  return namedRecord(
    [...inputs, ...targets].map(({ name, shape, limit }, site) => {
      const draw = (_: unknown, i: number) => {
        const number = uniform(key, site, i);
        return limit === undefined ? Math.sqrt(12) * (number - 0.5) : Math.floor(limit * number);
      };
      return [name, Float32Array.from({ length: batch * elementCount(shape) }, draw)] as const;
    }),
  );
}
