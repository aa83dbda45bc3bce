// TensorFlow.js. Variants: `cpu`, its backend in plain JavaScript; on its wasm backend `shipped`, and `mended`: two gradients
// replaced from outside. A product with a
// transposed operand leaves the backend's fast path, and both gradients of matMul are such products, so operands are transposed
// first; and the backend has no gradient of a convolution's filter, so both gradients are written as convolutions. That is more
// than a user gets, and the fair upper bound.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { serve, transpose } from './harness.mjs';
import { classes, rates, workloads } from './workloads.mjs';
import { makeThreadsPossible } from './tfjs-threads.mjs';

await serve(async ({ workload, threads, variant }) => {
  console.warn = () => undefined; // a banner that recommends tfjs-node
  if (threads > 1) makeThreadsPossible(threads);
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs');
  await start(tf, require, threads, variant === 'cpu' ? 'cpu' : 'wasm');
  const mended = variant === 'mended';
  if (mended) mendGradients(tf);
  return {
    version: tf.version.tfjs,
    build: (data, dropped) => build(tf, workload, data, dropped, mended),
  };
});

async function start(tf, require, threads, backend) {
  const wasm = require('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  if (threads > 1) {
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', true);
    wasm.setThreadsCount(threads);
  }
  if (!(await tf.setBackend(backend))) throw new Error(`the ${backend} backend does not start`);
  await tf.ready();
  if (tf.getBackend() !== backend) throw new Error(`runs on ${tf.getBackend()}`);
  if (threads > 1 && wasm.getThreadsCount() !== threads)
    throw new Error(`runs on ${wasm.getThreadsCount()} threads`);
}

function mendGradients(tf) {
  const transposed = (matrix) => {
    const axes = matrix.shape.map((_, axis) => axis);
    return matrix.transpose([...axes.slice(0, -2), ...axes.slice(-2).reverse()]);
  };
  tf.unregisterGradient('BatchMatMul');
  tf.registerGradient({
    kernelName: 'BatchMatMul',
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b]) => ({
      a: () => dy.matMul(transposed(b)),
      b: () => transposed(a).matMul(dy),
    }),
  });
  tf.unregisterGradient('Conv2D');
  tf.registerGradient({
    kernelName: 'Conv2D',
    inputsToSave: ['x', 'filter'],
    gradFunc: (dy, [x, filter]) => ({
      x: () => tf.conv2d(dy, filter.reverse([0, 1]).transpose([0, 1, 3, 2]), 1, 'same'),
      filter: () => {
        // channels take the place of examples, and the cotangent that of the filter
        const padded = x.pad([
          [0, 0],
          [1, 1],
          [1, 1],
          [0, 0],
        ]);
        const moved = tf.conv2d(padded.transpose([3, 1, 2, 0]), dy.transpose([1, 2, 0, 3]), 1, 'valid');
        return moved.transpose([1, 2, 0, 3]);
      },
    }),
  });
}

function build(tf, workload, { tensors, batches }, dropped, mended) {
  const { batch, shape, optimizer } = workloads[workload];
  const trained = [];
  const parameter = (path, order) => {
    const { shape: extents, data } = order ? transpose(tensors.get(path), order) : tensors.get(path);
    const variable = tf.variable(tf.tensor(data, extents));
    trained.push(variable);
    return variable;
  };
  const dense = (path) => {
    const [w, b] = [parameter(`${path}.W`, [1, 0]), parameter(`${path}.b`)];
    return (x) => x.matMul(w).add(b);
  };
  const convolution = (path) => {
    const [w, b] = [parameter(`${path}.W`, [2, 3, 1, 0]), parameter(`${path}.b`)];
    return (x) => tf.conv2d(x, w, 1, 'same').add(b);
  };
  const batchNorm = (path) => {
    const [gain, bias] = [parameter(`${path}.gain`), parameter(`${path}.bias`)];
    const running = [tf.variable(tf.zerosLike(bias), false), tf.variable(tf.onesLike(bias), false)];
    return (x) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      running[0].assign(running[0].mul(0.9).add(mean.mul(0.1)));
      running[1].assign(running[1].mul(0.9).add(variance.mul(0.1)));
      return tf.batchNorm(x, mean, variance, bias, gain, 1e-5);
    };
  };
  const relu = (x) => x.relu();
  const pool = (x) => tf.maxPool(x, 2, 2, 'valid');
  const chain =
    (...layers) =>
    (x) =>
      layers.reduce((value, layer) => layer(value), x);
  // the last layer of W3 takes features in nnc's order, channels first
  const flatten = (x) => x.transpose([0, 3, 1, 2]).reshape([batch, -1]);

  const attention = () => {
    const [q, k, v] = ['q', 'k', 'v'].map((part) => dense(`self_attention_1.${part}`));
    const [gain, bias] = [parameter('layer_norm_1.gain'), parameter('layer_norm_1.bias')];
    const head = dense('linear_1');
    return (x) => {
      const [examples, tokens, width] = x.shape;
      const rows = x.reshape([examples * tokens, width]);
      const [query, key, value] = [q, k, v].map((each) => each(rows).reshape([examples, tokens, width]));
      const product = mended ? query.matMul(key.transpose([0, 2, 1])) : query.matMul(key, false, true);
      const mixed = x.add(
        product
          .mul(1 / Math.sqrt(width))
          .softmax()
          .matMul(value),
      );
      const { mean, variance } = tf.moments(mixed, -1, true);
      const normal = mixed.sub(mean).mul(variance.add(1e-5).rsqrt()).mul(gain).add(bias);
      return head(normal.mean(1));
    };
  };
  const models = {
    w1: () => chain(dense('linear_1'), relu, dense('linear_2')),
    w2: () => chain(dense('linear_1'), relu, dense('linear_2'), relu, dense('linear_3')),
    w3: () =>
      chain(
        convolution('conv2d_1'),
        relu,
        pool,
        convolution('conv2d_2'),
        relu,
        pool,
        flatten,
        dense('linear_1'),
      ),
    w4: () => {
      const block = (i) => chain(convolution(`conv2d_${i}`), batchNorm(`batch_norm_${i}`), relu);
      const drop = (x) => (dropped > 0 ? tf.dropout(x, dropped) : x);
      return chain(block(1), block(2), pool, block(3), pool, (x) => x.mean([1, 2]), drop, dense('linear_1'));
    },
    w5: attention,
  };
  const model = models[workload]();
  const updates =
    optimizer === 'momentum'
      ? tf.train.momentum(rates.momentum, 0.9)
      : tf.train.adam(rates.adam, 0.9, 0.999, 1e-8);
  const given = batches.map(({ input, oneHot }) => {
    const whole = tf.tensor(input, [batch, ...shape]);
    const x = shape.length === 3 && workload !== 'w5' ? whole.transpose([0, 2, 3, 1]) : whole;
    return { x, y: tf.tensor(oneHot, [batch, classes]) };
  });
  return (i) => {
    const { x, y } = given[i];
    const cost = updates.minimize(() => tf.losses.softmaxCrossEntropy(y, model(x)), true, trained);
    const [loss] = cost.dataSync();
    cost.dispose();
    return loss;
  };
}
