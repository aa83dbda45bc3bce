// Gradients at zero and at ties on every target, with widths that leave a rest behind the vectors. Every value is exact in float32.
import { expect, test } from 'vitest';
import { describeOnEveryTarget, modelOn } from './every-target.ts';

const width = 37;
const text = `model Kinks {
  input  x: [${width}]
  input  p: [${width}]
  target t: [1]
  output a = max(x, p)
  output b = min(x, p)
  output c = min(max(x, -1), 1)
  output d = ELU(x)
  output e = ReLU(x)
  output f = abs(x)
  output g = max(x)
  output h = MaxPool1d(3)(reshape(x, [${width}, 1]))
  loss 1 * sum(a) + 2 * sum(b) + 4 * sum(c) + 8 * sum(d) + 16 * sum(e) + 32 * sum(f) + 64 * g + 128 * sum(h) + 0 * sum(t)
  optimizer SGD
  train { batch = 1 }
}`;

/** At −1, 0 and 1 in turn for x, against zeros: every tie and both sides of it, at every place of a vector. */
const x = Array.from({ length: width }, (_, i) => (i % 3) - 1);
const p = x.map(() => 0);

/** What the reference says, by the value of x. The pooling's windows, each −1, 0, 1, have their largest element last. */
const towardsX = (value: number, first: boolean) =>
  (value >= 0 ? 1 : 0) +
  (value <= 0 ? 2 : 0) +
  4 +
  8 * (value > 0 ? 1 : Math.exp(value)) +
  (value > 0 ? 16 : 0) +
  32 * Math.sign(value) +
  (first ? 64 : 0) +
  (value === 1 ? 128 : 0);

describeOnEveryTarget('at zero and at ties', (target) => {
  test('gradients are those of the reference', async () => {
    const model = await modelOn(target, text, { programs: ['gradient'] });
    const { inputs } = await model.gradient({ x, p, t: [0] });
    const found = inputs.get('x')?.data ?? [];
    x.forEach((value, i) => expect(found[i], `at ${i}`).toBeCloseTo(towardsX(value, i === 2), 4));
    expect([...(inputs.get('p')?.data ?? [])]).toEqual(
      x.map((value) => (value < 0 ? 1 : 0) + (value > 0 ? 2 : 0)),
    );
    await model.destroy();
  });

  test('a pooling of equal elements gives its gradient to the first', async () => {
    const model = await modelOn(target, text, { programs: ['gradient'] });
    const { inputs } = await model.gradient({ x: p, p: x, t: [0] });
    const pooled = (inputs.get('x')?.data ?? new Float32Array()).map((value) => value & 128);
    expect([...pooled]).toEqual(x.map((_, i) => (i % 3 === 0 && i < width - 1 ? 128 : 0)));
    await model.destroy();
  });
});
