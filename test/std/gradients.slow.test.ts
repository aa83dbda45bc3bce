// Every standard layer, activation and loss: gradients through the whole pipeline against central differences in float64, at
// the points of the reference cases, which lie away from kinks. Of a large tensor a share of the elements is checked.
import { describe, expect, test } from 'vitest';
import { casesOf, smoothFamilies, type GradientCase } from './reference-cases.ts';
import { build, kernelsOf, run, type Values } from './run-program.ts';

const step = 1e-4;
const relative = 1e-6;
const absolute = 1e-8;
/** Elements of a tensor that are checked. */
const most = 12;

type Point = Pick<GradientCase, 'source' | 'batch' | 'training' | 'inputs' | 'stored'>;

/** Spread over a tensor's elements, ends included. */
function sampled(count: number): number[] {
  const taken = Math.min(count, most);
  return Array.from({ length: taken }, (_, i) => Math.round((i * (count - 1)) / Math.max(taken - 1, 1)));
}

function checkGradients({ source, batch, training, inputs, stored }: Point): number {
  const { graph } = build(source, { program: 'gradient', batch, training });
  const gradients = run(kernelsOf(graph), inputs, stored).outputs;
  const lossOnly = kernelsOf({ ...graph, outputs: graph.outputs.filter(({ name }) => name === 'loss') });
  let checked = 0;
  const compare = (name: string, tensors: Values, path: string, at: (changed: Values) => number) => {
    const point = Array.from(tensors[path] ?? []);
    const gradient = gradients.get(name);
    expect(gradient, name).toHaveLength(point.length);
    for (const i of sampled(point.length)) {
      const value = (x: number) => at({ ...tensors, [path]: point.with(i, x) });
      const x = point[i] ?? NaN;
      const difference = (value(x + step) - value(x - step)) / (2 * step);
      const found = gradient?.[i] ?? NaN;
      const close = Math.abs(found - difference) <= absolute + relative * Math.abs(difference);
      expect(close, `${name}[${i}] is ${found}, but the difference is ${difference}`).toBe(true);
      checked++;
    }
  };
  const loss = (given: Values, weights: Values) =>
    run(lossOnly, given, weights).outputs.get('loss')?.[0] ?? NaN;
  for (const name of gradients.keys()) {
    const [, kind, path = ''] = /^gradient\.(params|inputs)\.(.+)$/.exec(name) ?? [];
    if (kind === 'params') compare(name, stored, path, (changed) => loss(inputs, changed));
    if (kind === 'inputs') compare(name, inputs, path, (changed) => loss(changed, stored));
  }
  return checked;
}

describe.each(smoothFamilies)('%s', (family) => {
  // An embedding has no real input and its table is a parameter; every case has at least one of the two.
  test.each(casesOf(family))('$name', (each) => {
    expect(checkGradients(each)).toBeGreaterThan(0);
  });
});

describe('dropout that drops', () => {
  // The numbers drawn depend on the step alone: the loss is a function of the input like any other.
  const values = (count: number) => Array.from({ length: count }, (_, i) => Math.sin(1 + 2.7 * i));
  test.each(['Dropout(0.4)', 'Dropout(0.4, kind = classic)'])('%s', (layer) => {
    const source = `
      model Case {
        input x: [20]
        target t: [20]
        net { ${layer} }
        loss MSE
        optimizer SGD
      }`;
    const inputs = { x: values(60), t: values(120).slice(60) };
    expect(checkGradients({ source, batch: 3, training: true, inputs, stored: {} })).toBe(most);
    const kernels = kernelsOf(build(source, { program: 'gradient', batch: 3 }).graph);
    const output = run(kernels, inputs, {}).outputs.get('output.output') ?? [];
    const kept = Array.from(output).filter((y) => y !== 0).length;
    expect(kept).toBeGreaterThan(0.4 * 60);
    expect(kept).toBeLessThan(0.8 * 60);
  });
});
