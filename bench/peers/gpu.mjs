// gpu.js alone: W1 as a person writes it by hand, a kernel for each product and each element-wise step, results handed from
// kernel to kernel. Variants are gpu.js's modes that need no GPU.
import { createRequire } from 'node:module';
import { serve, transpose } from './harness.mjs';
import { classes, rates, workloads } from './workloads.mjs';

const hidden = 128;

await serve(({ workload, variant }) => {
  if (workload !== 'w1') throw new Error('is written by hand for W1 alone');
  const require = createRequire(new URL('../../package.json', import.meta.url));
  const { GPU } = require('gpu.js');
  return {
    version: require('gpu.js/package.json').version,
    note: 'written by hand',
    build: (data) => build(new GPU({ mode: variant }), data),
  };
});

function build(gpu, { tensors, batches }) {
  const { batch, shape } = workloads.w1;
  const [inputs] = shape;
  /** @type {(body: Function, output: number[], constants?: Record<string, number>) => any} */
  const kernel = (body, [columns, rows], constants = {}) =>
    gpu
      .createKernel(body, { constants, output: rows === undefined ? [columns] : [columns, rows] })
      .setPrecision('single');

  const product = (depth, columns, rows, relu) =>
    kernel(
      function (x, w, b) {
        let sum = b[this.thread.x];
        for (let k = 0; k < this.constants.depth; k++) sum += x[this.thread.y][k] * w[k][this.thread.x];
        return this.constants.relu === 1 && sum < 0 ? 0 : sum;
      },
      [columns, rows],
      { depth, relu: relu ? 1 : 0 },
    );
  const forward1 = product(inputs, hidden, batch, true);
  const forward2 = product(hidden, classes, batch, false);
  const losses = kernel(
    function (logits, y) {
      let most = logits[this.thread.x][0];
      for (let k = 1; k < this.constants.classes; k++) most = Math.max(most, logits[this.thread.x][k]);
      let sum = 0;
      let chosen = 0;
      for (let k = 0; k < this.constants.classes; k++) {
        sum += Math.exp(logits[this.thread.x][k] - most);
        chosen += logits[this.thread.x][k] * y[this.thread.x][k];
      }
      return Math.log(sum) + most - chosen;
    },
    [batch],
    { classes },
  );
  const outer = kernel(
    function (logits, y) {
      let most = logits[this.thread.y][0];
      for (let k = 1; k < this.constants.classes; k++) most = Math.max(most, logits[this.thread.y][k]);
      let sum = 0;
      for (let k = 0; k < this.constants.classes; k++) sum += Math.exp(logits[this.thread.y][k] - most);
      const own = Math.exp(logits[this.thread.y][this.thread.x] - most) / sum;
      return (own - y[this.thread.y][this.thread.x]) / this.constants.batch;
    },
    [classes, batch],
    { classes, batch },
  );
  const inner = kernel(
    function (dy, w, h) {
      if (h[this.thread.y][this.thread.x] <= 0) return 0;
      let sum = 0;
      for (let k = 0; k < this.constants.classes; k++) sum += dy[this.thread.y][k] * w[this.thread.x][k];
      return sum;
    },
    [hidden, batch],
    { classes },
  );
  const velocityOf = (columns, rows) =>
    kernel(
      function (x, dy, v) {
        let sum = 0;
        for (let k = 0; k < this.constants.batch; k++) sum += x[k][this.thread.y] * dy[k][this.thread.x];
        return 0.9 * v[this.thread.y][this.thread.x] + sum;
      },
      [columns, rows],
      { batch },
    );
  const biasVelocityOf = (columns) =>
    kernel(
      function (dy, v) {
        let sum = 0;
        for (let k = 0; k < this.constants.batch; k++) sum += dy[k][this.thread.x];
        return 0.9 * v[this.thread.x] + sum;
      },
      [columns],
      { batch },
    );
  const moved = (columns, rows) =>
    kernel(
      function (w, v) {
        return w[this.thread.y][this.thread.x] - this.constants.rate * v[this.thread.y][this.thread.x];
      },
      [columns, rows],
      { rate: rates.momentum },
    );
  const movedBias = (columns) =>
    kernel(
      function (b, v) {
        return b[this.thread.x] - this.constants.rate * v[this.thread.x];
      },
      [columns],
      { rate: rates.momentum },
    );

  const layers = [
    { path: 'linear_1', depth: inputs, width: hidden },
    { path: 'linear_2', depth: hidden, width: classes },
  ].map(({ path, depth, width }) => ({
    w: rowsOf(transpose(tensors.get(`${path}.W`), [1, 0]).data, depth, width),
    b: tensors.get(`${path}.b`).data,
    wv: rowsOf(new Float32Array(depth * width), depth, width),
    bv: new Float32Array(width),
    velocity: velocityOf(width, depth),
    biasVelocity: biasVelocityOf(width),
    move: moved(width, depth),
    moveBias: movedBias(width),
  }));
  const update = (layer, x, dy) => {
    layer.wv = layer.velocity(x, dy, layer.wv);
    layer.bv = layer.biasVelocity(dy, layer.bv);
    layer.w = layer.move(layer.w, layer.wv);
    layer.b = layer.moveBias(layer.b, layer.bv);
  };
  const given = batches.map(({ input, oneHot }) => ({
    x: rowsOf(input, batch, inputs),
    y: rowsOf(oneHot, batch, classes),
  }));
  return (i) => {
    const { x, y } = given[i];
    const [first, second] = layers;
    const h = forward1(x, first.w, first.b);
    const logits = forward2(h, second.w, second.b);
    const loss = losses(logits, y).reduce((sum, value) => sum + value, 0) / batch;
    const dy = outer(logits, y);
    const dh = inner(dy, second.w, h);
    update(second, h, dy);
    update(first, x, dh);
    return loss;
  };
}

function rowsOf(data, rows, columns) {
  return Array.from({ length: rows }, (_, i) => data.slice(i * columns, (i + 1) * columns));
}
