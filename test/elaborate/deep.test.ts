// Long and deep models go through every stage, up to the kernels.
import { describe, expect, test } from 'vitest';
import { build, diagnose, kernelsOf } from '../std/run-program.ts';
import { forward, model, stored } from './models.ts';

describe('a chain of 1,000 layers', () => {
  const layers = Array.from({ length: 500 }, () => 'Linear(4, bias = false)\nTanh').join('\n');
  test.each([
    ['written out', `net { ${layers} }`],
    ['repeated', 'net { repeat 500 { Linear(4, bias = false)  Tanh } }'],
    ['in one expression', `output x -> ${layers.replaceAll('\n', ' -> ')}`],
  ])('%s, becomes kernels', (_, body) => {
    const { graph, elaborated } = build(model(body), { batch: 2 });
    expect(elaborated.layers).toHaveLength(1000);
    expect(elaborated.layers.at(-2)?.path).toBe('linear_500');
    // Of each Linear, a product forward and one for its weights; another for its input, but for the first one.
    const kernels = kernelsOf(graph).kernels.map((kernel) => kernel.kind);
    expect(kernels.length).toBeGreaterThan(1499);
  });

  test('grows in proportion', () => {
    const nodes = (count: number) =>
      build(model(`net { repeat ${count} { Linear(4)  Tanh } }`)).graph.nodes.length;
    expect(nodes(600) - nodes(500)).toBe(nodes(200) - nodes(100));
  });
});

describe('depth', () => {
  const nested = (depth: number) =>
    Array.from(
      { length: depth },
      (_, i) => `layer L${i} (x: [D]) { x -> ${i + 1 < depth ? `L${i + 1}` : 'Linear(2, bias = false)'} }`,
    ).join('\n');

  test('layers nest', () => {
    const [path] = stored(model('net { L0 }', { definitions: nested(60) }));
    expect(path).toMatch(/^l0_1\.l1_1\..*\.l59_1\.linear_1\.W: \[2, 4\]$/);
  });

  test('but not without end', () => {
    const { diagnostics } = diagnose(model('net { L0 }', { definitions: nested(400) }));
    expect(diagnostics.map(({ code }) => code)).toEqual(['call.depth']);
  });

  test('a sum of 5,000 terms is taken', () => {
    const terms = Array.from({ length: 5000 }, () => 'x').join(' + ');
    expect(forward(model(`output ${terms}`), { x: [1, 2, 3, 4] })['output']).toEqual([5000, 1e4, 1.5e4, 2e4]);
  });
});
