// jax-js on its wasm device, the whole step in one `jit`. Variants: `shipped`, and `im2col` for W3 and W4: convolutions written
// by hand as a matrix product, which its own are much slower than. Arrays are consumed where they are used; `.ref` keeps one.
import { readFileSync } from 'node:fs';
import { serve, transpose } from './harness.mjs';
import { provideWorkers } from './jax-threads.mjs';
import { classes, rates, workloads } from './workloads.mjs';

await serve(async ({ workload, threads, variant }) => {
  if (threads > 1) provideWorkers(threads);
  const jax = await import('@jax-js/jax');
  const devices = await jax.init('wasm');
  if (!devices.includes('wasm')) throw new Error('the wasm device is not there');
  jax.defaultDevice('wasm');
  const manifest = new URL('node_modules/@jax-js/jax/package.json', import.meta.url);
  return {
    version: JSON.parse(readFileSync(manifest, 'utf8')).version,
    build: (data, dropped) => build(jax, workload, data, dropped, variant === 'im2col'),
  };
});

function build(jax, workload, { tensors, batches }, dropped, im2col) {
  const { numpy: np, nn, lax, random, tree } = jax;
  const { batch, shape, optimizer } = workloads[workload];
  const images = shape.length === 3;
  // im2col wants channels last, the library's convolution wants them first
  const perChannel = (count) => (!images || im2col ? [count] : [1, count, 1, 1]);
  const channelAxes = im2col ? [0, 1, 2] : [0, 2, 3];
  const array = ({ shape: extents, data }) => np.array(data).reshape(extents);

  const parameters = {};
  for (const [path, tensor] of tensors) {
    if (path.startsWith('batches.')) continue;
    const kind = path.split('.').at(-1);
    if (path.startsWith('conv2d')) {
      if (kind === 'W') parameters[path] = array(im2col ? transpose(tensor, [2, 3, 1, 0]) : tensor);
      else parameters[path] = array({ data: tensor.data, shape: perChannel(tensor.data.length) });
    } else if (kind === 'W') parameters[path] = array(transpose(tensor, [1, 0]));
    else if (path.startsWith('batch_norm'))
      parameters[path] = array({ data: tensor.data, shape: perChannel(tensor.data.length) });
    else parameters[path] = array(tensor);
  }

  const dense = (p, path, x) => np.matmul(x, p[`${path}.W`]).add(p[`${path}.b`]);
  const columns = (x, w) => {
    const [examples, height, width, channels] = x.shape;
    const filters = w.shape[3];
    const padded = np.pad(x, [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
    const parts = [0, 1, 2].flatMap((i) =>
      [0, 1, 2].map((j) => padded.ref.slice([], [i, i + height], [j, j + width])),
    );
    padded.dispose();
    const rows = np.concatenate(parts, -1).reshape([examples * height * width, 9 * channels]);
    return np.matmul(rows, w.reshape([9 * channels, filters])).reshape([examples, height, width, filters]);
  };
  const convolution = (p, path, x) =>
    (im2col ? columns(x, p[`${path}.W`]) : lax.conv(x, p[`${path}.W`], [1, 1], 'SAME')).add(p[`${path}.b`]);
  const pool = (x) => {
    const [examples, a, b, c] = x.shape;
    return im2col
      ? x.reshape([examples, a / 2, 2, b / 2, 2, c]).max([2, 4])
      : x.reshape([examples, a, b / 2, 2, c / 2, 2]).max([3, 5]);
  };
  const batchNorm = (p, fresh, path, x) => {
    const extents = perChannel(x.shape[im2col ? 3 : 1]);
    const mean = x.ref.mean(channelAxes).reshape(extents);
    const centered = x.sub(mean.ref);
    const variance = np.square(centered.ref).mean(channelAxes).reshape(extents);
    fresh[`${path}.mean`] = lax.stopGradient(mean);
    fresh[`${path}.variance`] = lax.stopGradient(variance.ref);
    return centered
      .div(np.sqrt(variance.add(1e-5)))
      .mul(p[`${path}.gain`])
      .add(p[`${path}.bias`]);
  };
  const layerNorm = (p, path, x) => {
    const mean = x.ref.mean(-1, { keepdims: true });
    const centered = x.sub(mean);
    const variance = np.square(centered.ref).mean(-1, { keepdims: true });
    return centered
      .div(np.sqrt(variance.add(1e-5)))
      .mul(p[`${path}.gain`])
      .add(p[`${path}.bias`]);
  };

  const models = {
    w1: (p, x) => dense(p, 'linear_2', nn.relu(dense(p, 'linear_1', x))),
    w2: (p, x) => dense(p, 'linear_3', nn.relu(dense(p, 'linear_2', nn.relu(dense(p, 'linear_1', x))))),
    w3: (p, x) => {
      const first = pool(nn.relu(convolution(p, 'conv2d_1', x)));
      const second = pool(nn.relu(convolution(p, 'conv2d_2', first)));
      const features = im2col ? np.transpose(second, [0, 3, 1, 2]) : second;
      return dense(p, 'linear_1', features.reshape([batch, 1568]));
    },
    w4: (p, x, fresh, key) => {
      const block = (i, y) =>
        nn.relu(batchNorm(p, fresh, `batch_norm_${i}`, convolution(p, `conv2d_${i}`, y)));
      const pooled = pool(block(3, pool(block(2, block(1, x))))).mean(im2col ? [1, 2] : [2, 3]);
      if (key === undefined) return dense(p, 'linear_1', pooled);
      const kept = random.bernoulli(key, 1 - dropped, pooled.shape).astype(np.float32);
      return dense(p, 'linear_1', pooled.mul(kept).mul(1 / (1 - dropped)));
    },
    w5: (p, x) => {
      const [examples, tokens, width] = x.shape;
      const rows = x.ref.reshape([examples * tokens, width]);
      const [q, k, v] = ['q', 'k', 'v'].map((part) =>
        dense(p, `self_attention_1.${part}`, rows.ref).reshape([examples, tokens, width]),
      );
      rows.dispose();
      const scores = np.matmul(q, np.swapaxes(k, 1, 2)).mul(1 / Math.sqrt(width));
      const mixed = np.matmul(nn.softmax(scores, -1), v);
      return dense(p, 'linear_1', layerNorm(p, 'layer_norm_1', x.add(mixed)).mean(1));
    },
  };

  const cost = (p, x, y, key) => {
    const fresh = {};
    const logits = models[workload](p, x, fresh, key);
    return [nn.logSoftmax(logits, -1).mul(y).sum(-1).mean().mul(-1), fresh];
  };
  const costAndGradient = jax.valueAndGrad(cost, { hasAux: true });
  const zeros = () => tree.map((w) => np.zeros(w.shape), tree.ref(parameters));
  const norms = workload === 'w4' ? [1, 2, 3] : [];
  const running = Object.fromEntries(
    norms.flatMap((i) => {
      const extents = perChannel(tensors.get(`batch_norm_${i}.bias`).data.length);
      return [
        [`batch_norm_${i}.mean`, np.zeros(extents)],
        [`batch_norm_${i}.variance`, np.ones(extents)],
      ];
    }),
  );

  const momentumStep = (state, x, y) => {
    const [[loss], gradient] = costAndGradient(tree.ref(state.p), x, y);
    const v = tree.map((velocity, g) => velocity.mul(0.9).add(g), state.v, gradient);
    const p = tree.map((w, velocity) => w.sub(velocity.ref.mul(rates.momentum)), state.p, v);
    return [{ p, v }, loss];
  };
  // the corrections are 1 / (1 − βᵗ)
  const adamStep = (state, x, y, correction1, correction2, ...key) => {
    const [[loss, fresh], gradient] = costAndGradient(tree.ref(state.p), x, y, ...key);
    const m = tree.map((mean, g) => mean.mul(0.9).add(g.mul(0.1)), state.m, tree.ref(gradient));
    const v = tree.map((mean, g) => mean.mul(0.999).add(np.square(g).mul(0.001)), state.v, gradient);
    const move = (w, first, second) =>
      w.sub(
        first.ref
          .mul(correction1.ref)
          .mul(rates.adam)
          .div(np.sqrt(second.ref.mul(correction2.ref)).add(1e-8)),
      );
    const p = tree.map(move, state.p, m, v);
    correction1.dispose();
    correction2.dispose();
    const blend = (mean, now) => mean.mul(0.9).add(now.mul(0.1));
    return [{ p, m, v, running: tree.map(blend, state.running, fresh) }, loss];
  };

  const momentum = optimizer === 'momentum';
  const run = jax.jit(momentum ? momentumStep : adamStep);
  let state = momentum ? { p: parameters, v: zeros() } : { m: zeros(), v: zeros(), p: parameters, running };
  const given = batches.map(({ input, oneHot }) => {
    const tensor = { shape: [batch, ...shape], data: input };
    return {
      x: array(images && im2col ? transpose(tensor, [0, 2, 3, 1]) : tensor),
      y: array({ shape: [batch, classes], data: oneHot }),
    };
  });
  let taken = 0;
  let key = dropped > 0 ? random.key(0) : undefined;
  return async (i) => {
    const { x, y } = given[i];
    taken++;
    const more = [];
    if (!momentum) {
      for (const beta of [0.9, 0.999]) more.push(np.array(1 / (1 - beta ** taken), { dtype: np.float32 }));
      if (key !== undefined) {
        const pair = random.split(key, 2);
        more.push(pair.ref.slice(0));
        key = pair.slice(1);
      }
    }
    let loss;
    [state, loss] = run(state, x.ref, y.ref, ...more);
    await jax.blockUntilReady(state);
    return (await loss.data())[0];
  };
}
