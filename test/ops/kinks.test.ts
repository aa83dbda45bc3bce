// What a gradient is where there is none: the conventions that the reference states.
import { describe, expect, test } from 'vitest';
import { differentiate } from '../../src/graph/differentiate.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Attributes } from '../../src/ir/graph/type.ts';
import { prepare } from './samples.ts';

/** The gradients of Σ operation(x0, x1, …) at a point, all inputs of one shape. */
function gradients(operation: string, points: readonly (readonly number[])[], attributes: Attributes = {}) {
  const builder = new GraphBuilder(operation);
  const inputs = points.map((point, i) => builder.input(`x${i}`, 'input', [point.length]));
  const result = builder.apply(operation, inputs, attributes);
  const total = builder.sum(
    result,
    result.shape.map((_, axis) => axis),
  );
  const differentiated = differentiate(
    builder.finish(),
    total.id,
    inputs.map(({ id }) => id),
  );
  const next = new GraphBuilder(operation, differentiated.graph);
  inputs.forEach(({ id }, i) => next.output(`g${i}`, next.node(differentiated.gradients.get(id) ?? -1)));
  const outputs = prepare(next.finish())(Object.fromEntries(points.map((point, i) => [`x${i}`, point])));
  return inputs.map((_, i) => [...(outputs.get(`g${i}`) ?? [])]);
}

describe('at a kink', () => {
  test('relu has gradient 0 at 0, on both sides of zero', () => {
    expect(gradients('relu', [[0, -0, 1e-30, -1e-30]])).toEqual([[0, 0, 1, 0]]);
  });

  test('abs has gradient 0 at 0', () => {
    expect(gradients('abs', [[0, 3, -3]])).toEqual([[0, 1, -1]]);
  });

  test('a tie of maximum or minimum is the first operand’s', () => {
    const points = [
      [1, 2, 3],
      [2, 2, 2],
    ];
    expect(gradients('maximum', points)).toEqual([
      [0, 1, 1],
      [1, 0, 0],
    ]);
    expect(gradients('minimum', points)).toEqual([
      [1, 1, 0],
      [0, 0, 1],
    ]);
  });

  test('a tie of max is the first element’s', () => {
    expect(gradients('max', [[1, 7, 7, 2, 7]], { axes: [0] })).toEqual([[0, 1, 0, 0, 0]]);
  });

  test('sign, floor and round have gradient 0 everywhere', () => {
    expect(gradients('sign', [[-1, 0, 1]])).toEqual([[0, 0, 0]]);
    expect(gradients('floor', [[-1, 0.5, 1]])).toEqual([[0, 0, 0]]);
    expect(gradients('round', [[-1, 0.5, 1]])).toEqual([[0, 0, 0]]);
  });

  test('the gradient of a power towards its exponent is 0 at base 0', () => {
    const [base, exponent] = gradients('power', [
      [0, 2],
      [2, 3],
    ]);
    expect(base).toEqual([0, 12]);
    expect(exponent).toEqual([0, 8 * Math.log(2)]);
  });
});

test('a negative base under a constant exponent has a gradient', () => {
  const builder = new GraphBuilder('power');
  const x = builder.input('x0', 'input', []);
  const y = builder.power(x, 3);
  const { graph, gradients: found } = differentiate(builder.finish(), y.id, [x.id]);
  const next = new GraphBuilder('power', graph);
  next.output('g', next.node(found.get(x.id) ?? -1));
  expect(prepare(next.finish())({ x0: [-2] }).get('g')).toEqual(Float64Array.of(12));
  expect(graph.nodes.map(({ operation }) => operation)).not.toContain('log');
});
