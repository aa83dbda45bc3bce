// Draws a point to check a model at from a seed: values for all inputs of a program. Parameters have their initial values, slightly
// perturbed, since zeros and ones hide errors.
import type { ModelSpecification, Port } from '../runtime/specification.ts';
import type { Bindings } from '../ir/stages/interpret.ts';
import { clockInputs, firstUpdate } from '../runtime/clock.ts';
import { initialize } from '../runtime/initialize.ts';
import { hashNumbers, hashText } from '../runtime/random.ts';
import { elementCount } from '../runtime/tensor.ts';

/** Uniform in [0, 1). */
function draw(seed: number, index: number): number {
  return hashNumbers(seed, index) / 2 ** 32;
}

/** Values exact in float32, so that a target gets the same ones. */
function fill(count: number, value: (index: number) => number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => Math.fround(value(i)));
}

/** Real values uniform in [-1.5, 1.5); integers below the port's limit. */
export function drawPort(port: Port, batch: number, seed: number): Float64Array {
  const own = hashNumbers(seed, hashText(port.name));
  const { limit = 1 } = port;
  return fill(batch * elementCount(port.shape), (i) =>
    port.kind === 'real' ? 3 * draw(own, i) - 1.5 : Math.floor(limit * draw(own, i)),
  );
}

export function drawPoint(specification: ModelSpecification, seed: number): Bindings {
  const { batch, inputs, targets, stored } = specification;
  const ports = [...inputs, ...targets].map((port) => [port.name, drawPort(port, batch, seed)] as const);
  const tensors = stored.map((tensor) => {
    const initial = initialize(tensor, seed);
    const own = hashNumbers(seed, hashText(tensor.path));
    const moved = tensor.storage === 'parameter' ? 0.2 : 0;
    return [
      tensor.path,
      fill(initial.length, (i) => (initial[i] ?? 0) + moved * (draw(own, i) - 0.5)),
    ] as const;
  });
  return {
    inputs: new Map<string, ArrayLike<number>>([...ports, ...clockInputs(firstUpdate, seed, 1)]),
    stored: new Map(tensors),
  };
}
