// ConvNetJS: W1 and W3, in float64, one example at a time with the gradients summed over the batch.
import { createRequire } from 'node:module';
import { serve, transpose } from './harness.mjs';
import { classes, rates, workloads } from './workloads.mjs';

const layers = {
  w1: [
    { type: 'input', out_sx: 1, out_sy: 1, out_depth: 784 },
    { type: 'fc', num_neurons: 128, activation: 'relu' },
    { type: 'softmax', num_classes: classes },
  ],
  w3: [
    { type: 'input', out_sx: 28, out_sy: 28, out_depth: 1 },
    { type: 'conv', sx: 3, filters: 16, stride: 1, pad: 1, activation: 'relu' },
    { type: 'pool', sx: 2, stride: 2 },
    { type: 'conv', sx: 3, filters: 32, stride: 1, pad: 1, activation: 'relu' },
    { type: 'pool', sx: 2, stride: 2 },
    { type: 'softmax', num_classes: classes },
  ],
};

await serve(({ workload }) => {
  if (!(workload in layers)) throw new Error('cannot express this workload');
  const require = createRequire(import.meta.url);
  return {
    version: require('convnetjs/package.json').version,
    note: 'float64',
    build: (data) => build(require('convnetjs'), workload, data),
  };
});

function build(convnet, workload, { tensors, batches }) {
  const { batch, shape } = workloads[workload];
  const net = new convnet.Net();
  net.makeLayers(layers[workload]);
  const weighted = net.layers.filter(({ filters }) => filters);
  const paths = [...tensors.keys()].filter((path) => path.endsWith('.W'));
  paths.forEach((path, i) =>
    setWeights(weighted[i], tensors.get(path), tensors.get(path.replace(/W$/, 'b'))),
  );
  const trainer = new convnet.Trainer(net, {
    method: 'sgd',
    learning_rate: rates.momentum,
    momentum: 0.9,
    batch_size: batch,
    l2_decay: 0,
  });
  const [depth, height, width] = shape.length === 3 ? shape : [shape[0], 1, 1];
  const size = depth * height * width;
  const given = batches.map(({ input, labels }) =>
    Array.from(labels, (label, i) => {
      const volume = new convnet.Vol(width, height, depth, 0);
      const values = { shape: [depth, height, width], data: input.subarray(i * size, (i + 1) * size) };
      volume.w.set(transpose(values, [1, 2, 0]).data);
      return { volume, label };
    }),
  );
  return (i) => {
    let total = 0;
    for (const { volume, label } of given[i]) total += trainer.train(volume, label).loss;
    return total / batch;
  };
}

/** Volumes lie row by row, channels innermost; nnc's have channels outermost, and W3's last layer takes 32 of 7 × 7. */
function setWeights(layer, weights, biases) {
  const [count] = weights.shape;
  const size = weights.data.length / count;
  const channels = weights.shape.length === 4 ? weights.shape[1] : size === 1568 ? 32 : size;
  for (let i = 0; i < count; i++) {
    const filter = {
      shape: [channels, size / channels],
      data: weights.data.subarray(i * size, (i + 1) * size),
    };
    layer.filters[i].w.set(transpose(filter, [1, 0]).data);
  }
  layer.biases.w.set(biases.data);
}
