// Simplification as a whole: what it keeps, what it merges, and that it changes no result.
import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../../src/graph/builder.ts';
import { differentiate } from '../../../src/graph/differentiate.ts';
import { simplify, simplifyKeeping } from '../../../src/graph/simplify/simplify.ts';
import { verifyGraph } from '../../../src/graph/verify.ts';
import type { Graph, Node } from '../../../src/ir/graph/type.ts';
import { cases, named, sampleGraph, weigh } from '../../ops/samples.ts';
import { drawInputs, numbersFrom, tensorOf } from '../../ops/tensors.ts';
import { outline } from '../outline.ts';
import { expectSame } from './same-results.ts';

const operationsOf = (graph: Graph) => graph.nodes.map(({ operation }) => operation);

describe('what is kept', () => {
  test('outputs and updates, with the leaves they name, and nothing else', () => {
    const builder = new GraphBuilder('g');
    const x = builder.input('x', 'input', [2]);
    builder.exp(builder.input('unused', 'input', [2]));
    const w = builder.stored('w', 'parameter', [2], { kind: 'fill', value: 0 });
    builder.output('y', builder.exp(x));
    builder.update(w, builder.exp(x));
    const simplified = simplify(builder.finish());
    verifyGraph(simplified);
    expect(operationsOf(simplified)).toEqual(['input', 'stored', 'exp']);
    expect(simplified.outputs).toEqual([{ name: 'y', value: 2 }]);
    expect(simplified.updates).toEqual([{ leaf: 1, value: 2 }]);
  });

  test('nodes that are asked for, under the ids that it tells', () => {
    const builder = new GraphBuilder('g');
    const [aside, x] = [builder.input('aside', 'input', []), builder.input('x', 'input', [2])];
    const y = builder.log(builder.apply('softmax', [x], { axis: 0 }));
    builder.exp(y);
    const { graph, ids } = simplifyKeeping(builder.finish(), [y.id, x.id, aside.id]);
    verifyGraph(graph);
    const kept = [y, x, aside].map(({ id }) => outline(graph, ids.get(id) ?? -1));
    expect(kept).toEqual(['log_softmax(x, axis: 0)', 'x', 'aside']);
    expect(operationsOf(graph)).toEqual(['input', 'input', 'log_softmax']);
  });

  test('a name stays with its value', () => {
    const builder = new GraphBuilder('g');
    const x = builder.input('x', 'input', [2]);
    const first = builder.exp(x);
    const second = builder.rename(builder.exp(x), 'h');
    const scaled = builder.rename(builder.divide(builder.add(first, second), 4), 'scaled');
    builder.output('y', scaled);
    const simplified = simplify(builder.finish());
    expect(simplified.nodes.map(({ operation, origin }) => [operation, origin.name])).toEqual([
      ['input', undefined],
      ['exp', 'h'],
      ['add', undefined],
      ['constant', undefined],
      ['multiply', 'scaled'],
    ]);
  });
});

describe('what is merged', () => {
  test('equal operations on equal inputs, in either order where that is the same', () => {
    const builder = new GraphBuilder('g');
    const [x, y] = [builder.input('x', 'input', [2]), builder.input('y', 'input', [2])];
    builder.output('sums', builder.multiply(builder.add(x, y), builder.add(y, x)));
    builder.output('differences', builder.multiply(builder.subtract(x, y), builder.subtract(y, x)));
    const simplified = simplify(builder.finish());
    expect(operationsOf(simplified).filter((operation) => operation === 'add')).toHaveLength(1);
    expect(operationsOf(simplified).filter((operation) => operation === 'subtract')).toHaveLength(2);
  });

  test('random tensors of one site, but not of two', () => {
    const builder = new GraphBuilder('g');
    const draw = (site: number) => builder.apply('random', [], { site, shape: [4] });
    builder.output('y', builder.apply('concat', [draw(1), draw(1), draw(2)], { axis: 0 }));
    expect(operationsOf(simplify(builder.finish()))).toEqual(['random', 'random', 'concat']);
  });

  test('a merged node belongs to the earliest phase, with what it is computed from', () => {
    const builder = new GraphBuilder('g');
    const x = builder.input('x', 'input', [2]);
    builder.phase = 'update';
    builder.output('late', builder.negate(builder.exp(builder.apply('tanh', [x]))));
    builder.phase = 'forward';
    builder.output('early', builder.exp(builder.apply('tanh', [x])));
    const simplified = simplify(builder.finish());
    verifyGraph(simplified);
    expect(simplified.nodes.map(({ operation, phase }) => `${operation} ${phase}`)).toEqual([
      'input forward',
      'tanh forward',
      'exp forward',
      'negate update',
    ]);
  });

  test('a contraction that others use is not turned for one of them', () => {
    const builder = new GraphBuilder('g');
    const [a, b] = [builder.input('a', 'input', [2, 3]), builder.input('b', 'input', [3, 4])];
    const product = builder.contract(a, [0, 1], b, [1, 2], [0, 2]);
    builder.output('product', product);
    builder.output('turned', builder.transpose(product, [1, 0]));
    expect(
      operationsOf(simplify(builder.finish())).filter((operation) => operation === 'contraction'),
    ).toHaveLength(1);
  });
});

test('the gradient of cross-entropy is softmax − one_hot, with no reduction of its own', () => {
  const builder = new GraphBuilder('g');
  const logits = builder.input('logits', 'input', [8, 10]);
  const label = builder.input('label', 'target', [8]);
  const y = builder.apply('log_softmax', [logits], { axis: 1 });
  const picked = builder.sum(builder.multiply(y, builder.apply('one_hot', [label], { size: 10 })), [1]);
  const loss = builder.divide(builder.sum(builder.negate(picked), [0]), 8);
  const { graph, gradients } = differentiate(builder.finish(), loss.id, [logits.id]);
  const next = new GraphBuilder('g', graph);
  next.output('gradient', next.node(gradients.get(logits.id) ?? -1));
  const simplified = simplify(next.finish());
  expect(outline(simplified, simplified.outputs[0]?.value ?? -1)).toBe(
    'multiply(subtract(exp(log_softmax(logits, axis: 1)), one_hot(label, size: 10)), 0.125)',
  );
});

test('with label smoothing too', () => {
  const builder = new GraphBuilder('g');
  const logits = builder.input('logits', 'input', [8, 10]);
  const target = builder.apply('one_hot', [builder.input('label', 'target', [8])], { size: 10 });
  const smooth = builder.add(builder.multiply(target, 0.9), 0.01);
  const y = builder.apply('log_softmax', [logits], { axis: 1 });
  const loss = builder.negate(builder.sum(builder.multiply(y, smooth), [0, 1]));
  const { graph, gradients } = differentiate(builder.finish(), loss.id, [logits.id]);
  const next = new GraphBuilder('g', graph);
  next.output('gradient', next.node(gradients.get(logits.id) ?? -1));
  expect(operationsOf(simplify(next.finish()))).not.toContain('sum');
});

test('the gradient of batch normalization takes two sums over the batch', () => {
  const builder = new GraphBuilder('g');
  const shape = [8, 3, 4];
  const spread = (node: Node) => builder.broadcast(node, shape, [1]);
  const mean = (node: Node) => builder.divide(builder.sum(node, [0, 2]), 32);
  const x = builder.input('x', 'input', shape);
  const [gain, bias] = [builder.input('gain', 'input', [3]), builder.input('bias', 'input', [3])];
  const centered = builder.subtract(x, spread(mean(x)));
  const deviation = builder.sqrt(builder.add(mean(builder.power(centered, 2)), 1e-5));
  const y = builder.add(
    builder.multiply(builder.divide(centered, spread(deviation)), spread(gain)),
    spread(bias),
  );
  const loss = weigh(builder, builder.apply('tanh', [y]), 'w');
  const wrt = [x, gain, bias];
  const { graph, gradients } = differentiate(
    builder.finish(),
    loss.id,
    wrt.map(({ id }) => id),
  );
  const next = new GraphBuilder('g', graph);
  wrt.forEach(({ id }, i) => next.output(`g${i}`, next.node(gradients.get(id) ?? -1)));
  const before = next.finish();
  const after = simplify(before);
  const sums = after.nodes.filter(({ operation, phase }) => operation === 'sum' && phase === 'backward');
  expect(sums).toHaveLength(2);
  const random = numbersFrom(23);
  const [values, w] = [tensorOf(shape, random).data, tensorOf(shape, random).data];
  expectSame(before, after, { x: values, w, gain: [1, 0.5, -2], bias: [0, 0.1, 0.2] });
});

test('the gradient of a split is one concat', () => {
  const builder = new GraphBuilder('g');
  const x = builder.input('x', 'input', [2, 9]);
  const parts = [0, 3, 6].map((start) =>
    builder.apply('slice', [x], { starts: [0, start], limits: [2, start + 3], strides: [1, 1] }),
  );
  const mixed = parts.map((part, i) => builder.multiply(builder.apply('tanh', [part]), i + 1));
  const loss = builder.sum(
    mixed.reduce((total, part) => builder.multiply(total, part)),
    [0, 1],
  );
  const { graph, gradients } = differentiate(builder.finish(), loss.id, [x.id]);
  const next = new GraphBuilder('g', graph);
  next.output('gradient', next.node(gradients.get(x.id) ?? -1));
  const after = simplify(next.finish());
  expect(operationsOf(after).filter((operation) => operation === 'concat')).toHaveLength(1);
  expect(operationsOf(after)).not.toContain('pad');
  expectSame(next.finish(), after, { x: tensorOf([2, 9], numbersFrom(3)).data });
});

test('a scaled value that others use too is not taken apart', () => {
  const builder = new GraphBuilder('g');
  const [x, w] = [builder.input('x', 'input', [2, 9]), builder.input('w', 'input', [9, 3])];
  const scaled = builder.multiply(x, 3);
  builder.output('sum', builder.sum(scaled, [0]));
  builder.output('product', builder.contract(scaled, [0, 1], w, [1, 2], [0, 2]));
  expect(
    operationsOf(simplify(builder.finish())).filter((operation) => operation === 'multiply'),
  ).toHaveLength(1);
});

test('the gradient of pooling by tiles needs no search for windows', () => {
  const builder = new GraphBuilder('g');
  const x = builder.input('x', 'input', [2, 3, 4, 6]);
  const geometry = {
    axes: [2, 3],
    sizes: [2, 2],
    strides: [2, 2],
    dilations: [1, 1],
    low: [0, 0],
    high: [0, 0],
  };
  const pooled = builder.apply('max', [builder.apply('windows', [x], { ...geometry, value: -Infinity })], {
    axes: [4, 5],
  });
  const loss = builder.sum(builder.multiply(pooled, pooled), [0, 1, 2, 3]);
  const { graph, gradients } = differentiate(builder.finish(), loss.id, [x.id]);
  const next = new GraphBuilder('g', graph);
  next.output('gradient', next.node(gradients.get(x.id) ?? -1));
  const simplified = simplify(next.finish());
  expect(operationsOf(simplified)).not.toContain('unwindows');
  expectSame(next.finish(), simplified, { x: tensorOf([2, 3, 4, 6], numbersFrom(3)).data });
});

describe('results stay, for every primitive and its gradient', () => {
  test.each(cases)('$title', (each) => {
    const { builder, inputs, result } = sampleGraph(each);
    const scalar = weigh(builder, result, 'w');
    const wrt = inputs.filter((_, i) => each.sample.integers?.[i] === undefined);
    const { graph, gradients } = differentiate(
      builder.finish(),
      scalar.id,
      wrt.map(({ id }) => id),
    );
    const next = new GraphBuilder(each.name, graph);
    next.output('y', result);
    wrt.forEach(({ id }, i) => next.output(`g${i}`, next.node(gradients.get(id) ?? -1)));
    const random = numbersFrom(17);
    const values = named(drawInputs(each.sample, random));
    const before = next.finish();
    const after = simplify(before);
    expectSame(before, after, { ...values, w: tensorOf(result.shape, random).data });
    expect(simplify(after)).toEqual(after);
  });
});

test('a chain of a thousand layers is simplified', () => {
  const builder = new GraphBuilder('g');
  const w = builder.stored('w', 'parameter', [4, 4], { kind: 'fill', value: 0.1 });
  let x: Node = builder.input('x', 'input', [2, 4]);
  for (let layer = 0; layer < 1000; layer++) {
    const product = builder.contract(x, [0, 1], builder.transpose(w, [1, 0]), [1, 2], [0, 2]);
    x = builder.add(x, builder.apply('relu', [builder.divide(product, 2)]));
  }
  const loss = builder.sum(x, [0, 1]);
  const { graph, gradients } = differentiate(builder.finish(), loss.id, [w.id]);
  const next = new GraphBuilder('g', graph);
  next.output('gradient', next.node(gradients.get(w.id) ?? -1));
  const simplified = simplify(next.finish());
  verifyGraph(simplified);
  expect(operationsOf(simplified)).not.toContain('transpose');
  expect(operationsOf(simplified).filter((operation) => operation === 'contraction')).toHaveLength(2999);
});
