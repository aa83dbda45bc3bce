// The weights and batches that every peer starts from: one safetensors file a workload, drawn with nnc's own initializers and
// random numbers. Peers read it without nnc (harness.mjs and pytorch.py).
import { writeFileSync } from 'node:fs';
import { initialize, randomKey, uniform, writeSafetensors } from '../../dist/runtime/index.js';
import { batches, classes, workloads } from './workloads.mjs';

const seed = 1;

/** Parameters under their paths; `batches.input` [16, batch, …], uniform with mean 0 and deviation 1; `batches.target`. */
export function writeData(path, name, specification) {
  const { batch, shape } = workloads[name];
  const tensors = new Map();
  for (const tensor of specification.stored) {
    if (tensor.storage === 'parameter')
      tensors.set(tensor.path, { shape: tensor.shape, data: initialize(tensor, seed) });
  }
  const key = randomKey(seed, 0);
  const width = Math.sqrt(12);
  const examples = batches * batch;
  const elements = examples * shape.reduce((product, size) => product * size, 1);
  tensors.set('batches.input', {
    shape: [batches, batch, ...shape],
    data: Float32Array.from({ length: elements }, (_, i) => width * (uniform(key, 0, i) - 0.5)),
  });
  tensors.set('batches.target', {
    shape: [batches, batch],
    data: Float32Array.from({ length: examples }, (_, i) => Math.floor(classes * uniform(key, 1, i))),
  });
  writeFileSync(path, writeSafetensors(tensors));
}
