import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { differentiate } from '../../src/graph/differentiate.ts';
import { verifyGraph } from '../../src/graph/verify.ts';
import type { Graph, Node } from '../../src/ir/graph/type.ts';
import { prepare } from '../ops/samples.ts';

function added(before: Graph, after: Graph): readonly Node[] {
  expect(after.nodes.slice(0, before.nodes.length)).toEqual(before.nodes);
  return after.nodes.slice(before.nodes.length);
}

const path = 'block_1.linear_1';

describe('differentiate', () => {
  test('appends backward nodes that say which forward node they belong to', () => {
    const builder = new GraphBuilder('g');
    builder.origin = { path, name: 'x' };
    const x = builder.input('x', 'input', [3]);
    builder.origin = { path, name: 'y' };
    const y = builder.exp(x);
    builder.origin = { path: '' };
    const loss = builder.sum(y, [0]);
    const before = builder.finish();
    const { graph, gradients } = differentiate(before, loss.id, [x.id]);
    verifyGraph(graph);
    const nodes = added(before, graph);
    expect(new Set(nodes.map(({ phase }) => phase))).toEqual(new Set(['backward']));
    const gradient = graph.nodes[gradients.get(x.id) ?? -1];
    expect(gradient?.operation).toBe('multiply');
    expect(gradient?.origin).toEqual({ path, name: 'd_x' });
    expect(nodes.find(({ operation }) => operation === 'broadcast')?.origin).toEqual({
      path: '',
      name: 'd_y',
    });
  });

  test('adds up what several users hand back', () => {
    const builder = new GraphBuilder('g');
    const x = builder.input('x0', 'input', []);
    const loss = builder.add(builder.add(builder.multiply(x, x), builder.exp(x)), builder.multiply(x, 3));
    const { graph, gradients } = differentiate(builder.finish(), loss.id, [x.id]);
    const next = new GraphBuilder('g', graph);
    next.output('g', next.node(gradients.get(x.id) ?? -1));
    expect(prepare(next.finish())({ x0: [0.5] }).get('g')?.[0]).toBeCloseTo(2 * 0.5 + Math.exp(0.5) + 3, 12);
  });

  test('visits only what lies between', () => {
    const builder = new GraphBuilder('g');
    const x = builder.input('x', 'input', [2]);
    const other = builder.input('other', 'input', [2]);
    const aside = builder.exp(builder.apply('tanh', [other]));
    const loss = builder.sum(builder.multiply(x, aside), [0]);
    builder.sum(builder.exp(x), [0]);
    const before = builder.finish();
    const { graph } = differentiate(before, loss.id, [x.id]);
    expect(added(before, graph).map(({ operation }) => operation)).toEqual([
      'constant',
      'broadcast',
      'multiply',
    ]);
  });

  test('gives zeros of the right shape where the scalar does not depend', () => {
    const builder = new GraphBuilder('g');
    const x = builder.input('x', 'input', [2, 3]);
    const loss = builder.sum(builder.input('y', 'input', [4]), [0]);
    const late = builder.exp(x);
    const { graph, gradients } = differentiate(builder.finish(), loss.id, [x.id, late.id]);
    for (const node of [x, late]) {
      const gradient = graph.nodes[gradients.get(node.id) ?? -1];
      expect(gradient?.operation).toBe('constant');
      expect(gradient?.attributes).toEqual({ value: 0, shape: [2, 3] });
    }
  });

  test('stops at stop_gradient and at comparisons', () => {
    const builder = new GraphBuilder('g');
    const x = builder.input('x', 'input', [2]);
    const held = builder.apply('stop_gradient', [x]);
    const mask = builder.less(x, 1);
    const loss = builder.sum(builder.add(held, mask), [0]);
    const { graph, gradients } = differentiate(builder.finish(), loss.id, [x.id]);
    expect(graph.nodes[gradients.get(x.id) ?? -1]?.attributes).toEqual({ value: 0, shape: [2] });
  });

  test('goes on through a node that is itself asked for', () => {
    const builder = new GraphBuilder('g');
    const x = builder.input('x0', 'input', []);
    const middle = builder.multiply(x, 2);
    const loss = builder.multiply(middle, middle);
    const { graph, gradients } = differentiate(builder.finish(), loss.id, [middle.id, x.id, loss.id]);
    const next = new GraphBuilder('g', graph);
    [x, middle, loss].forEach(({ id }, i) => next.output(`g${i}`, next.node(gradients.get(id) ?? -1)));
    const outputs = prepare(next.finish())({ x0: [5] });
    expect([0, 1, 2].map((i) => outputs.get(`g${i}`)?.[0])).toEqual([40, 20, 1]);
  });

  test('does not rename a value that had its place before', () => {
    const builder = new GraphBuilder('g');
    const w = builder.rename(builder.input('w', 'input', []), 'w');
    const x = builder.rename(builder.input('x', 'input', []), 'x');
    const loss = builder.multiply(x, w);
    const { graph, gradients } = differentiate(builder.finish(), loss.id, [x.id]);
    expect(gradients.get(x.id)).toBe(w.id);
    expect(graph.nodes[w.id]?.origin.name).toBe('w');
  });

  test('wants a scalar', () => {
    const builder = new GraphBuilder('g');
    const x = builder.input('x', 'input', [2]);
    expect(() => differentiate(builder.finish(), x.id, [x.id])).toThrow('%0 is no scalar, but [2]');
  });
});
