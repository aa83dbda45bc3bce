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

  // A search that starts again at each letter would take minutes.
  test('a name of 1,000,000 capitals is taken', () => {
    const name = 'A'.repeat(1_000_000);
    const text = model(`net { ${name} }`, {
      definitions: `layer ${name} (x: [D]) { x -> Linear(2, bias = false) }`,
    });
    expect(stored(text)).toEqual([`${name.toLowerCase()}_1.linear_1.W: [2, 4]`]);
  });

  test('a chain of 1,200 constants is evaluated', () => {
    const chain = Array.from({ length: 1200 }, (_, i) => `const c${i} = ${i > 0 ? `c${i - 1} + 1` : '1'}`);
    const text = model('output x * c1199', { definitions: chain.join('\n') });
    expect(forward(text, { x: [1, 2, 3, 4] })['output']).toEqual([1200, 2400, 3600, 4800]);
  });
});

describe('what doubles at each level', () => {
  const doubling = (kind: string, line: (i: number) => string, levels: number) =>
    Array.from({ length: levels }, (_, i) => `${kind}${i} ${line(i)}`).join('\n');

  test('of constants, is evaluated once each', () => {
    const definitions = doubling('const c', (i) => (i > 0 ? `= c${i - 1} + c${i - 1}` : '= 1'), 41);
    const text = model('output x * c40', { definitions });
    expect(forward(text, { x: [1, 0, 0, 0] })['output']?.[0]).toBe(2 ** 40);
  });

  test('of operations, ends in one error', () => {
    const definitions = doubling(
      'function f',
      (i) => (i > 0 ? `(v: [N]) = f${i - 1}(v) + f${i - 1}(v)` : '(v: [N]) = v + 1'),
      25,
    );
    const { diagnostics } = diagnose(model('output f24(x)', { definitions }));
    expect(diagnostics.map(({ code }) => code)).toEqual(['model.too-large']);
  });

  test('of calls that compute nothing, ends in one error', () => {
    const definitions = doubling(
      'function f',
      (i) => (i > 0 ? `(v: [N]) = f${i - 1}(f${i - 1}(v))` : '(v: [N]) = v'),
      25,
    );
    const { diagnostics } = diagnose(model('output f24(x)', { definitions }));
    expect(diagnostics.map(({ code }) => code)).toEqual(['model.too-long']);
  });
});
