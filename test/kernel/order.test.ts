import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Node } from '../../src/ir/graph/type.ts';
import { fuse } from '../../src/kernel/fuse/fuse.ts';
import { lower } from '../../src/kernel/lower.ts';
import { names, zeros } from './fuse/fusing.ts';

/** The forward pass y = x · W₁ · W₂ …, then the update of each weight by the gradient that `update` is given. */
function order(
  layers: number,
  update: (g: GraphBuilder, weights: Node, gradient: Node, path: string) => void,
): readonly string[] {
  const g = new GraphBuilder('step');
  const values = [g.input('x', 'input', [4, 6])];
  const weights: Node[] = [];
  for (let i = 0; i < layers; i++) {
    const w = g.stored(`W${i}`, 'parameter', [6, 6], zeros);
    weights.push(w);
    const below = values[i] ?? w;
    values.push(g.rename(g.apply('tanh', [g.contract(below, [0, 1], w, [1, 2], [0, 2])]), `y${i}`));
  }
  g.phase = 'backward';
  const gradients: Node[] = [];
  let cotangent = g.input('dy', 'input', [4, 6]);
  for (let i = layers - 1; i >= 0; i--) {
    const [w, below] = [weights[i], values[i]];
    if (!w || !below) throw new Error('no layer');
    gradients[i] = g.rename(g.contract(below, [0, 1], cotangent, [0, 2], [1, 2]), `dW${i}`);
    if (i > 0) cotangent = g.rename(g.contract(cotangent, [0, 2], w, [1, 2], [0, 1]), `dy${i - 1}`);
  }
  g.phase = 'update';
  weights.forEach((w, i) => update(g, w, gradients[i] ?? w, `W${i}`));
  return names(fuse(lower(g.finish())).kernels);
}

describe('the order of kernels', () => {
  it('runs an update once its old value has been read, and what belongs to it in a row', () => {
    const found = order(3, (g, w, gradient, path) => {
      const [m, v] = [
        g.stored(`${path}#m`, 'state', w.shape, zeros),
        g.stored(`${path}#v`, 'state', w.shape, zeros),
      ];
      const [mean, square] = [
        g.add(g.multiply(m, 0.9), gradient),
        g.add(g.multiply(v, 0.9), g.multiply(gradient, gradient)),
      ];
      g.update(m, mean);
      g.update(v, square);
      g.update(w, g.subtract(w, g.divide(mean, g.sqrt(square))));
    });
    expect(found).toEqual([
      'y0', 'y1', 'd_dW2', 'd_dy1', 'W2#m.new', 'W2#v.new', 'W2.new', 'd_dW1', 'd_dy0', 'W1#m.new', 'W1#v.new', 'W1.new', 'd_dW0', 'W0#m.new', 'W0#v.new', 'W0.new',
    ]); // prettier-ignore
  });

  it('computes a learning rate where it is first asked for', () => {
    const found = order(1, (g, w, gradient) => {
      const rate = g.rename(g.apply('cos', [g.input('step', 'step', [])]), 'rate');
      g.update(w, g.subtract(w, g.multiply(gradient, g.broadcast(rate, w.shape, []))));
    });
    expect(found).toEqual(['rate', 'W0.new']);
  });

  it('waits for all gradients where an update needs all of them', () => {
    let norm: Node | undefined;
    const gradients: [Node, Node, GraphBuilder][] = [];
    const found = order(2, (g, w, gradient) => {
      const squares = g.sum(g.multiply(gradient, gradient), [0, 1]);
      norm = norm ? g.rename(g.sqrt(g.add(norm, squares)), 'norm') : squares;
      gradients.push([w, gradient, g]);
      if (gradients.length < 2) return;
      for (const [weight, own] of gradients) {
        g.update(weight, g.subtract(weight, g.divide(own, g.broadcast(norm, own.shape, []))));
      }
    });
    expect(found.slice(-4)).toEqual(['sum_2', 'norm', 'W0.new', 'W1.new']);
  });

  it('still puts every kernel behind what it reads where two updates each want to be the last to read', () => {
    const g = new GraphBuilder('step');
    g.phase = 'update';
    const [a, b] = [g.stored('a', 'state', [3], zeros), g.stored('b', 'state', [3], zeros)];
    g.update(a, g.exp(b));
    g.update(b, g.exp(a));
    expect(names(fuse(lower(g.finish())).kernels)).toEqual(['a.new', 'b.new']);
  });
});
