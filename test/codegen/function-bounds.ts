// The functions on vectors, in units of the last place on 400,000 inputs each: half of them spread evenly over the interval in
// which the function is alive, half over all magnitudes. And the random numbers, bit for bit. Every target with a schedule is
// tested on them.
import { expect, test } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { unaryNames } from '../../src/ir/scalar.ts';
import { randomKey, uniform } from '../../src/runtime/random.ts';
import { unaryFunctions, type UnaryFunction } from '../../src/runtime/unary-functions.ts';
import { numbersFrom } from '../ops/tensors.ts';
import { close, kernelsOf, type WasmPrograms } from './wasm/run-wasm.ts';

export const count = 400_000;

interface Bound {
  /** The interval in which the function is alive. */
  readonly low: number;
  readonly high: number;
  readonly ulps: number;
}

/** What is one instruction, or moves no digit, is exact. */
const exact: Bound = { low: -100, high: 100, ulps: 0 };

const boundOf: { readonly [F in UnaryFunction]: Bound } = {
  negate: exact,
  exp: { low: -105, high: 90, ulps: 3 },
  log: { low: 0, high: 10, ulps: 3 },
  sqrt: { low: 0, high: 100, ulps: 0.5 },
  tanh: { low: -10, high: 10, ulps: 3 },
  sigmoid: { low: -105, high: 20, ulps: 4 },
  softplus: { low: -105, high: 20, ulps: 5 },
  erf: { low: -4.5, high: 4.5, ulps: 3 },
  sin: { low: -100, high: 100, ulps: 1 },
  cos: { low: -100, high: 100, ulps: 1 },
  abs: exact,
  sign: exact,
  floor: exact,
  atan: { low: -10, high: 10, ulps: 3 },
  sinh: { low: -90, high: 90, ulps: 5 },
  cosh: { low: -90, high: 90, ulps: 5 },
  log1p: { low: -1, high: 10, ulps: 5 },
  expm1: { low: -105, high: 90, ulps: 4 },
  round: exact,
};

const functions = unaryNames.map((name) => {
  const builder = new GraphBuilder(name);
  builder.output('y', builder.apply(name, [builder.input('x', 'input', [count])]));
  return kernelsOf(builder.finish());
});

const drawn = (() => {
  const builder = new GraphBuilder('drawn');
  builder.output('y', builder.apply('random', [], { site: 5, shape: [1001] }));
  builder.output('z', builder.apply('random', [], { site: 6, shape: [3, 5, 7] }));
  return kernelsOf(builder.finish());
})();

/** One program for each function, and one that draws. */
export const programs = [...functions, drawn];

/** What `programs` must give, once they are compiled. */
export function testFunctions(compiled: () => Pick<WasmPrograms, 'run'>): void {
  test.each(unaryNames)('%s', (name) => {
    const { low, high, ulps } = boundOf[name];
    const random = numbersFrom(13);
    const x = Float32Array.from({ length: count }, (_, i) => {
      if (i % 2 === 0) return low + (high - low) * ((i + random()) / count);
      const magnitude = 2 ** (-149 + 277 * random());
      return low < 0 && random() < 0.5 ? -magnitude : magnitude;
    });
    const y = compiled().run(name, { x }).get('y') ?? new Float32Array();
    let worst = { error: 0, x: 0 };
    for (let i = 0; i < count; i++) {
      const [at = 0, found = NaN] = [x[i], y[i]];
      const expected = unaryFunctions[name](at);
      // Past the largest float32 both must be infinite.
      const same = Math.fround(expected) === found || (Number.isNaN(expected) && Number.isNaN(found));
      const error = same ? 0 : Math.abs(found - expected) / unitAt(expected) / ulps;
      if (!(error <= worst.error)) worst = { error, x: at };
    }
    expect(worst.error, `${name}(${worst.x}) is ${worst.error} times too far off`).toBeLessThanOrEqual(1);
  });

  test('NaN stays NaN, infinities go where they should', () => {
    const x = Float32Array.from({ length: count }, () => 0);
    x.set([NaN, Infinity, -Infinity, -0]);
    for (const name of unaryNames) {
      const y = compiled().run(name, { x }).get('y') ?? new Float32Array();
      [NaN, Infinity, -Infinity, -0].forEach((at, k) =>
        expect(close(y[k] ?? 0, unaryFunctions[name](at), 1e-6, 1e-6), `${name}(${at}) is ${y[k]}`).toBe(
          true,
        ),
      );
    }
  });

  test('random numbers are those of the definition, bit for bit', () => {
    const key = randomKey(42, 7);
    const results = compiled().run('drawn', { random_key: key });
    expect(results.get('y')).toEqual(Float32Array.from({ length: 1001 }, (_, i) => uniform(key, 5, i)));
    expect(results.get('z')).toEqual(Float32Array.from({ length: 105 }, (_, i) => uniform(key, 6, i)));
  });
}

/** The distance between float32 numbers at a value. */
function unitAt(value: number): number {
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  return 2 ** (Math.max(-126, Math.min(127, exponent)) - 23);
}
