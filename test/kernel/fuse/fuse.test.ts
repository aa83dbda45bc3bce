// What becomes of the common patterns: how many kernels, and of which form. Each is compared with its unfused self.
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../src/graph/builder.ts';
import { differentiate } from '../../../src/graph/differentiate.ts';
import type { Node } from '../../../src/ir/graph/type.ts';
import { asContraction } from '../../../src/kernel/recognize/contraction.ts';
import { fuse } from '../../../src/kernel/fuse/fuse.ts';
import { lower } from '../../../src/kernel/lower.ts';
import { formulas, fuseAndCompare, mapKernel, names, reductionDepth, zeros } from './fusing.ts';

/** x[n, k] · W[m, k] + b[m] */
function linear(g: GraphBuilder, x: Node, path: string, width: number): Node {
  g.origin = { path };
  const w = g.stored(`${path}.W`, 'parameter', [width, x.shape[1] ?? 1], zeros);
  const b = g.stored(`${path}.b`, 'parameter', [width], zeros);
  const product = g.contract(x, [0, 2], w, [1, 2], [0, 1]);
  return g.add(product, g.broadcast(b, product.shape, [1]));
}

const convolution = (stride: number, padding: number, dilation = 1, size = 3) => ({
  axes: [2, 3],
  sizes: [size, size],
  strides: [stride, stride],
  dilations: [dilation, dilation],
  low: [padding, padding],
  high: [padding, padding],
});

describe('fuse', () => {
  it('makes one kernel of a linear layer with its bias and activation', () => {
    const g = new GraphBuilder('forward');
    const y = linear(g, g.input('image', 'input', [4, 6]), 'linear_1', 5);
    g.origin = { path: 'relu_1' };
    g.output('y', g.rename(g.apply('relu', [y]), 'relu_1'));
    expect(formulas(fuseAndCompare(g.finish()))).toEqual([
      'relu_1[i: 4, j: 5] = max(Σ_k:6 image[i, k] · linear_1.W[j, k] + linear_1.b[j], 0)',
    ]);
  });

  it('takes in an activation that uses its operand twice, as one contraction', () => {
    const g = new GraphBuilder('forward');
    const y = linear(g, g.input('x', 'input', [4, 6]), 'linear_1', 5);
    g.output('y', g.multiply(y, g.sigmoid(y)));
    const fused = fuseAndCompare(g.finish());
    expect(fused.kernels).toHaveLength(1);
    expect(asContraction(mapKernel(fused, 'y'))).toBeDefined();
  });

  it('leaves softmax at three kernels: no row is summed again for each of its elements', () => {
    const g = new GraphBuilder('forward');
    g.output('y', g.apply('softmax', [g.multiply(g.input('x', 'input', [3, 4]), 2)], { axis: 1 }));
    expect(formulas(fuseAndCompare(g.finish()))).toEqual([
      'y.max[i: 3] = max_k:4 x[i, k] · 2',
      'y.sum[i: 3] = Σ_k:4 exp(x[i, k] · 2 − y.max[i])',
      'y[i: 3, j: 4] = exp(x[i, j] · 2 − y.max[i]) / y.sum[i]',
    ]);
  });

  it.each([
    { stride: 1, padding: 1, dilation: 1 },
    { stride: 2, padding: 1, dilation: 1 },
    { stride: 1, padding: 0, dilation: 2 },
    { stride: 3, padding: 2, dilation: 2 },
  ])(
    'makes one contraction each of a convolution and of its gradients, %o',
    ({ stride, padding, dilation }) => {
      const g = new GraphBuilder('gradient');
      const x = g.input('x', 'input', [2, 3, 7, 8]);
      const w = g.stored('W', 'parameter', [4, 3, 3, 3], zeros);
      const b = g.stored('b', 'parameter', [4], zeros);
      const geometry = convolution(stride, padding, dilation);
      const windows = g.apply('windows', [x], { ...geometry, value: 0 });
      const product = g.contract(windows, [0, 10, 2, 3, 11, 12], w, [1, 10, 11, 12], [0, 1, 2, 3]);
      const y = g.apply('relu', [g.add(product, g.broadcast(b, product.shape, [1]))]);
      const dy = g.input('dy', 'input', y.shape);
      const loss = g.sum(g.multiply(y, dy), [0, 1, 2, 3]);
      const { graph, gradients } = differentiate(g.finish(), loss.id, [x.id, w.id, b.id]);
      const next = new GraphBuilder('gradient', graph);
      next.output('y', y);
      [x, w, b].forEach((leaf, i) => next.output(`d_${'xWb'[i]}`, next.node(gradients.get(leaf.id) ?? -1)));
      const fused = fuseAndCompare(next.finish());
      const forms = fused.kernels.map(
        (kernel) => kernel.kind === 'map' && asContraction(kernel) !== undefined,
      );
      // y, the masked dy, and the gradients.
      expect(forms.filter(Boolean)).toHaveLength(3);
      expect(fused.kernels).toHaveLength(5);
      expect(formulas(fused)).toMatchSnapshot();
    },
  );

  it('computes a pooling and its winners in a kernel each, and its gradient in one gather', () => {
    const g = new GraphBuilder('gradient');
    const x = g.input('x', 'input', [2, 3, 6, 6]);
    const geometry = convolution(2, 1);
    const windows = g.apply('windows', [x], { ...geometry, value: -Infinity });
    const y = g.apply('max', [windows], { axes: [4, 5] });
    const dy = g.input('dy', 'input', y.shape);
    const loss = g.sum(g.multiply(y, dy), [0, 1, 2, 3]);
    const { graph, gradients } = differentiate(g.finish(), loss.id, [x.id]);
    const next = new GraphBuilder('gradient', graph);
    next.output('y', y);
    next.output('dx', next.node(gradients.get(x.id) ?? -1));
    const fused = fuseAndCompare(next.finish());
    expect(fused.kernels).toHaveLength(3);
    expect(formulas(fused)).toMatchSnapshot();
  });

  it('updates by SGD with momentum in two kernels, the first of which sums up the gradient', () => {
    const g = new GraphBuilder('step');
    g.phase = 'backward';
    const w = g.stored('W', 'parameter', [5, 6], zeros);
    const v = g.stored('W#v', 'state', [5, 6], zeros);
    const [x, dy] = [g.input('x', 'input', [4, 6]), g.input('dy', 'input', [4, 5])];
    const gradient = g.contract(dy, [0, 1], x, [0, 2], [1, 2]);
    g.phase = 'update';
    const decayed = g.add(gradient, g.multiply(w, 1e-4));
    const velocity = g.add(g.multiply(v, 0.9), decayed);
    g.update(v, velocity);
    g.update(w, g.subtract(w, g.multiply(velocity, 0.1)));
    const fused = fuseAndCompare(g.finish());
    expect(formulas(fused)).toEqual([
      'W#v.new[i: 5, j: 6] = W#v[i, j] · 0.9 + (Σ_k:4 dy[k, i] · x[k, j] + W[i, j] · 0.0001)',
      'W.new[i: 5, j: 6] = W[i, j] − W#v.new[i, j] · 0.1',
    ]);
    expect(fused.kernels.map((kernel) => kernel.phase)).toEqual(['update', 'update']);
  });

  it('computes statistics over the batch without storing what is normalized', () => {
    const g = new GraphBuilder('forward');
    const x = g.input('x', 'input', [4, 3, 5]);
    const spread = (node: Node) => g.broadcast(node, x.shape, [1]);
    const mean = g.divide(g.sum(x, [0, 2]), 20);
    const centered = g.subtract(x, spread(mean));
    const variance = g.divide(g.sum(g.multiply(centered, centered), [0, 2]), 20);
    const deviation = g.sqrt(g.add(variance, 1e-5));
    g.output('y', g.apply('relu', [g.divide(centered, spread(deviation))]));
    expect(formulas(fuseAndCompare(g.finish()))).toEqual([
      'divide[i: 3] = (Σ_k:4,k_2:5 x[k, i, k_2]) / 20',
      'sqrt[i: 3] = sqrt((Σ_k:4,k_2:5 (x[k, i, k_2] − divide[i]) · (x[k, i, k_2] − divide[i])) / 20 + 0.00001)',
      'y[i: 4, j: 3, l: 5] = max((x[i, j, l] − divide[j]) / sqrt[j], 0)',
    ]);
  });

  it('reads through reshapes, and splits an axis that is summed over where a reshape merged two', () => {
    const g = new GraphBuilder('forward');
    const x = g.input('x', 'input', [2, 3, 4]);
    const heads = g.transpose(x, [0, 2, 1]);
    const flat = g.reshape(heads, [2, 12]);
    g.output('y', g.contract(flat, [0, 2], g.stored('W', 'parameter', [5, 12], zeros), [1, 2], [0, 1]));
    expect(formulas(fuseAndCompare(g.finish()))).toEqual([
      'y[i: 2, j: 5] = Σ_k:4,k_2:3 x[i, k_2, k] · W[j, 3·k + k_2]',
    ]);
  });

  it('lets a grouped convolution run over the groups, its bias and activation included', () => {
    const g = new GraphBuilder('forward');
    const x = g.reshape(g.input('x', 'input', [2, 4, 5]), [2, 2, 2, 5]);
    const w = g.stored('W', 'parameter', [2, 3, 2], zeros);
    const grouped = g.contract(x, [0, 1, 10, 3], w, [1, 2, 10], [0, 1, 2, 3]);
    const y = g.reshape(grouped, [2, 6, 5]);
    const b = g.stored('b', 'parameter', [6], zeros);
    g.output('y', g.apply('relu', [g.add(y, g.broadcast(b, y.shape, [1]))]));
    expect(formulas(fuseAndCompare(g.finish()))).toEqual([
      'reshape: [2, 2, 2, 5] = x reshaped',
      'y.split[i: 2, j: 2, l: 3, m: 5] = max(Σ_k:2 reshape[i, j, k, m] · W[j, l, k] + b[3·j + l], 0)',
      'y: [2, 6, 5] = y.split reshaped',
    ]);
  });

  it('keeps the operands of a contraction plain', () => {
    const g = new GraphBuilder('forward');
    const [x, z] = [g.input('x', 'input', [4, 6]), g.input('z', 'input', [4, 6])];
    const w = g.stored('W', 'parameter', [5, 6], zeros);
    g.output('y', g.contract(g.add(x, z), [0, 2], w, [1, 2], [0, 1]));
    const fused = fuseAndCompare(g.finish());
    expect(names(fused.kernels)).toEqual(['add', 'y']);
  });

  it('computes what is dear once, though several read it', () => {
    const g = new GraphBuilder('forward');
    const e = g.exp(g.input('x', 'input', [4, 6]));
    g.output('a', g.multiply(e, 2));
    g.output('b', g.add(e, 1));
    expect(names(fuseAndCompare(g.finish()).kernels)).toEqual(['exp', 'a', 'b']);
  });

  it('computes what is dear in each reader where they share it out between them', () => {
    const g = new GraphBuilder('forward');
    const e = g.exp(g.input('x', 'input', [4, 6]));
    const half = (from: number) =>
      g.apply('slice', [e], { starts: [0, from], limits: [4, from + 3], strides: [1, 1] });
    g.output('a', g.multiply(half(3), 2));
    g.output('b', half(0));
    expect(names(fuseAndCompare(g.finish()).kernels)).toEqual(['a', 'b']);
  });

  it('puts under the guards of a concat what is cheap alone', () => {
    const g = new GraphBuilder('forward');
    const [x, z] = [g.input('x', 'input', [4, 6]), g.input('z', 'input', [4, 6])];
    g.output('y', g.apply('concat', [g.exp(x), g.multiply(z, 2)], { axis: 1 }));
    expect(formulas(fuseAndCompare(g.finish()))).toEqual([
      'exp[i: 4, j: 6] = exp(x[i, j])',
      'y[i: 4, j: 12] = [j < 6] · exp[i, j] + [0 ≤ j − 6] · (z[i, j − 6] · 2)',
    ]);
  });

  it('does not multiply the work of a value that is spread over many', () => {
    const g = new GraphBuilder('forward');
    const scale = g.apply('sigmoid', [g.input('s', 'input', [6])]);
    const x = g.input('x', 'input', [4, 6]);
    g.output('y', g.multiply(x, g.broadcast(scale, [4, 6], [1])));
    expect(names(fuseAndCompare(g.finish()).kernels)).toEqual(['sigmoid', 'y']);
  });

  it('does not sum up in one thread what many have summed up in part', () => {
    const g = new GraphBuilder('forward');
    const rows = g.sum(g.input('x', 'input', [64, 10]), [1]);
    g.output('y', g.sum(rows, [0]));
    expect(fuseAndCompare(g.finish()).kernels).toHaveLength(2);
  });

  it('leaves a guarded reduction where it is: concat of two products', () => {
    const g = new GraphBuilder('forward');
    const w = g.stored('W', 'parameter', [5, 6], zeros);
    const part = (name: string) => g.contract(g.input(name, 'input', [4, 6]), [0, 2], w, [1, 2], [0, 1]);
    g.output('y', g.apply('concat', [part('a'), part('b')], { axis: 1 }));
    const fused = fuseAndCompare(g.finish());
    expect(fused.kernels).toHaveLength(3);
  });

  it('gives a sum of two products to one of them, and keeps the other', () => {
    const g = new GraphBuilder('forward');
    const part = (name: string) =>
      g.contract(
        g.input(name, 'input', [4, 6]),
        [0, 2],
        g.stored(`W${name}`, 'parameter', [5, 6], zeros),
        [1, 2],
        [0, 1],
      );
    g.output('y', g.apply('tanh', [g.add(part('a'), part('b'))]));
    const fused = fuseAndCompare(g.finish());
    expect(fused.kernels).toHaveLength(2);
    for (const kernel of fused.kernels) expect(kernel.kind === 'map' && asContraction(kernel)).toBeTruthy();
  });

  it('looks rows up and adds them up again', () => {
    const g = new GraphBuilder('step');
    const table = g.stored('table', 'parameter', [7, 4], zeros);
    const ids = g.input('ids', 'input', [3, 5]);
    const rows = g.apply('gather', [table, g.reshape(ids, [15])]);
    g.output('y', g.exp(g.reshape(rows, [3, 5, 4])));
    const dy = g.input('dy', 'input', [3, 5, 4]);
    const gradient = g.apply('scatter_add', [ids, g.multiply(dy, 2)], { size: 7 });
    g.update(table, g.subtract(table, g.multiply(gradient, 0.1)));
    const fused = fuseAndCompare(g.finish(), { ids: 7 });
    expect(formulas(fused)).toMatchSnapshot();
  });

  it('draws random numbers once for the forward and the backward pass', () => {
    const g = new GraphBuilder('step');
    const x = g.input('x', 'input', [3, 4]);
    const keep = g.lessEqual(0.25, g.apply('random', [], { site: 2, shape: [3, 4] }));
    g.output('y', g.multiply(x, keep));
    g.output('dx', g.multiply(g.input('dy', 'input', [3, 4]), keep));
    expect(names(fuseAndCompare(g.finish()).kernels)).toEqual(['less_equal', 'y', 'dx']);
  });

  it('drops what nothing reads, and numbers what is left', () => {
    const g = new GraphBuilder('forward');
    const x = g.input('x', 'input', [3]);
    g.input('unused', 'target', [2]);
    g.exp(g.exp(x));
    g.output('y', g.apply('tanh', [x]));
    const fused = fuseAndCompare(g.finish());
    expect(fused.buffers.map(({ id, name }) => [id, name])).toEqual([
      [0, 'x'],
      [1, 'y'],
    ]);
  });

  it('says where the absorbed formulas stood', () => {
    const g = new GraphBuilder('forward');
    const y = linear(g, g.input('x', 'input', [4, 6]), 'linear_1', 5);
    g.origin = { path: 'relu_1' };
    g.output('y', g.apply('relu', [y]));
    const [kernel] = fuseAndCompare(g.finish()).kernels;
    expect(kernel?.origin.path).toBe('relu_1');
    expect(kernel?.fused.map((origin) => origin.path)).toEqual(['linear_1']);
  });

  it('updates each parameter as soon as its gradient is there and its old value read', () => {
    const g = new GraphBuilder('step');
    const x = g.input('x', 'input', [4, 6]);
    const hidden = g.apply('relu', [linear(g, x, 'a', 5)]);
    const y = linear(g, hidden, 'b', 3);
    const loss = g.sum(g.multiply(y, y), [0, 1]);
    const graph = g.finish();
    const leaves = graph.nodes.filter((node) => node.operation === 'stored');
    const { graph: whole, gradients } = differentiate(
      graph,
      loss.id,
      leaves.map((leaf) => leaf.id),
    );
    const next = new GraphBuilder('step', whole);
    next.phase = 'update';
    next.output('loss', loss);
    for (const leaf of leaves) {
      next.update(leaf, next.subtract(leaf, next.multiply(next.node(gradients.get(leaf.id) ?? -1), 0.1)));
    }
    expect(names(fuseAndCompare(next.finish()).kernels)).toEqual([
      'a.relu',
      'b.add',
      'loss',
      'd_b.multiply_2',
      'b.b.new',
      'd_a.select',
      'a.W.new',
      'a.b.new',
      'b.W.new',
    ]);
  });

  it('fuses long chains, of layers or of element-wise kernels', () => {
    const g = new GraphBuilder('chain');
    let [x, y] = [g.input('x', 'input', [4, 4]), g.input('y', 'input', [4])];
    for (let i = 0; i < 500; i++) x = g.apply('tanh', [linear(g, x, `linear_${i}`, 4)]);
    for (let i = 0; i < 500; i++) y = g.apply('tanh', [y]);
    g.output('x', x);
    g.output('y', y);
    const fused = fuse(lower(g.finish()));
    // A body may only grow so large.
    expect(fused.kernels).toHaveLength(500 + 4);
    expect(
      Math.max(...fused.kernels.map((kernel) => (kernel.kind === 'map' ? reductionDepth(kernel.body) : 0))),
    ).toBe(1);
  });
});
