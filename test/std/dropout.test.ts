// What dropout makes of each element: nothing, or the element times what keeps its expectation.
import { describe, expect, it } from 'vitest';
import { build, kernelsOf, run } from './run-program.ts';

const batch = 4;
const size = 50;
const x = Array.from({ length: batch * size }, (_, i) => 1 + Math.sin(i) ** 2);

function outputs(layer: string, training: boolean): readonly number[] {
  const source = `model Case {
  input x: [${size}]
  target t: [${size}]
  net { ${layer} }
  loss MSE
  optimizer SGD
}`;
  const kernels = kernelsOf(build(source, { program: 'gradient', training, batch }).graph);
  const inputs = { x, t: x.map(() => 0) };
  return Array.from(run(kernels, inputs, {}).outputs.get('output.output') ?? []);
}

describe.each([0.1, 0.25, 0.5, 0.8])('dropout with p = %d', (p) => {
  it.each([
    ['inverted', 1 / (1 - p), 1],
    ['classic', 1, 1 - p],
  ])('%s: kept elements times %d in training, all times %d after it', (kind, kept, after) => {
    const layer = `Dropout(${p}, kind = ${kind})`;
    const trained = outputs(layer, true);
    const shares = trained.map((y, i) => y / (x[i] ?? NaN));
    for (const share of shares) if (share !== 0) expect(share).toBeCloseTo(kept, 6);
    const dropped = shares.filter((share) => share === 0).length / shares.length;
    // within four standard deviations; what is drawn is the same every time
    expect(Math.abs(dropped - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / shares.length));
    const inferred = outputs(layer, false);
    expect(inferred).toHaveLength(x.length);
    inferred.forEach((y, i) => expect(y).toBeCloseTo((x[i] ?? NaN) * after, 6));
  });
});

it('dropout with p = 0 changes nothing', () => {
  expect(outputs('Dropout(0)', true)).toEqual(x);
  expect(outputs('Dropout(0, kind = classic)', true)).toEqual(x);
});
