// brain.js: W1 alone, and not the same training: it updates after every example, has no softmax and takes the squared error.
// A step is a batch's worth of examples; its losses cannot be compared.
import { createRequire } from 'node:module';
import { serve } from './harness.mjs';
import { classes, workloads } from './workloads.mjs';

await serve(({ workload }) => {
  if (workload !== 'w1') throw new Error('cannot express this workload');
  const require = createRequire(import.meta.url);
  const { NeuralNetwork } = require('brain.js');
  return {
    version: require('brain.js/package.json').version,
    note: 'updates after each example, squared error',
    build: (data) => build(NeuralNetwork, data),
  };
});

function build(NeuralNetwork, { batches }) {
  const { batch, shape } = workloads.w1;
  const net = new NeuralNetwork({ hiddenLayers: [128], activation: 'relu' });
  const examples = batches.map(({ input, oneHot }) =>
    Array.from({ length: batch }, (_, i) => ({
      input: input.slice(i * shape[0], (i + 1) * shape[0]),
      output: oneHot.slice(i * classes, (i + 1) * classes),
    })),
  );
  // a rate this small, for a larger one diverges on noise within seconds
  const options = { iterations: 1, errorThresh: 1e-9, learningRate: 1e-5, momentum: 0.9 };
  return (i) => net.train(examples[i], options).error;
}
