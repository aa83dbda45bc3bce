// Initial values of a stored tensor: its initializer's tree is evaluated per element in float64, and rounded once at the end. A random
// leaf draws from a hash of seed, path, its position in the tree and the element's index, so that tensors, and leaves of one tensor, are
// independent, and the result does not depend on evaluation order.
import { orthogonalMatrix } from './orthogonal.ts';
import { absorb, hashNumbers, hashText } from './random.ts';
import type { Initializer, StoredTensor } from './specification.ts';
import { elementCount } from './tensor.ts';
import { unaryFunctions } from './unary-functions.ts';

type Element = (index: number) => number;

const binary = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
  '^': (a: number, b: number) => a ** b,
};

/** The tensor's initial values, row-major; deterministic in seed, path and initializer. */
export function initialize(tensor: StoredTensor, seed: number): Float32Array {
  const steps = initializing(tensor, seed);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Elements evaluated between two yields: a few milliseconds. */
const elementsAtATime = 2 ** 14;

/** The same as a generator that yields every few milliseconds: large tensors, orthogonal ones above all, take seconds. */
export function* initializing(tensor: StoredTensor, seed: number): Generator<undefined, Float32Array> {
  const { shape } = tensor;
  const site = hashText(tensor.path);
  let leaves = 0;

  function* compile(initial: Initializer): Generator<undefined, Element> {
    switch (initial.kind) {
      case 'fill': {
        const { value } = initial;
        return () => value;
      }
      case 'normal': {
        const draw = normalFrom(hashNumbers(seed, site, leaves++));
        const { mean, deviation } = initial;
        return (index) => mean + deviation * draw(index);
      }
      case 'uniform': {
        const state = hashNumbers(seed, site, leaves++);
        const { low, high } = initial;
        return (index) => low + ((high - low) * absorb(state, index)) / 2 ** 32;
      }
      case 'orthogonal': {
        const rows = shape[0] ?? 1;
        const draw = normalFrom(hashNumbers(seed, site, leaves++));
        const matrix = yield* orthogonalMatrix(rows, elementCount(shape) / rows, draw);
        const { gain } = initial;
        return (index) => gain * (matrix[index] ?? NaN);
      }
      case 'eye': {
        const [first, second] = initial.axes.map((axis) => positionAlong(shape, axis));
        return (index) => (first?.(index) === second?.(index) ? 1 : 0);
      }
      case 'iota':
        return positionAlong(shape, initial.axis);
      case 'unary': {
        const apply = unaryFunctions[initial.function];
        const operand = yield* compile(initial.operand);
        return (index) => apply(operand(index));
      }
      case 'binary': {
        const apply = binary[initial.operator];
        const left = yield* compile(initial.left);
        const right = yield* compile(initial.right);
        return (index) => apply(left(index), right(index));
      }
    }
  }

  const element = yield* compile(tensor.initial);
  const values = new Float32Array(elementCount(shape));
  for (let index = 0; index < values.length; index++) {
    values[index] = element(index);
    if (index % elementsAtATime === elementsAtATime - 1) yield;
  }
  return values;
}

/** Standard normal numbers by the Box-Muller transform (1958), two words per element; at most 6.8 in size. */
function normalFrom(state: number): Element {
  return (index) => {
    const radius = Math.sqrt(-2 * Math.log((absorb(state, 2 * index) + 0.5) / 2 ** 32));
    return radius * Math.cos((2 * Math.PI * absorb(state, 2 * index + 1)) / 2 ** 32);
  };
}

/** The index along an axis of the element with a flat index. */
function positionAlong(shape: readonly number[], axis: number): Element {
  const stride = elementCount(shape.slice(axis + 1));
  const size = shape[axis] ?? 1;
  return (index) => Math.floor(index / stride) % size;
}
