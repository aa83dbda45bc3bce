// Who runs: each variant of a peer is a row, and every turn of it a process of its own. `slow` ones take part when asked for.
import { fileURLToPath } from 'node:url';

const all = ['w1', 'w2', 'w3', 'w4', 'w5'];
const dense = ['w1', 'w2', 'w5'];
const images = ['w3', 'w4'];

/**
 * Family: `nnc` (on WebAssembly), `native` (nnc too), `javascript`, `pytorch`, or `other` (JavaScript too, but not the same training or not in the same precision).
 * @param nodes interpreters for the peers in JavaScript, beside this one
 * @param torchPython an interpreter with another PyTorch
 */
export function listVariants({ nodes, torchPython }) {
  const script = (name) => fileURLToPath(new URL(name, import.meta.url));
  const rows = [];
  const add = (family, peer, command, variant, threads, workloads, more = {}) =>
    rows.push({ family, peer, command, variant, threads, workloads, slow: false, ...more });

  for (const threads of [1, 2])
    add('nnc', 'nnc', [process.execPath, script('nnc.mjs')], 'wasm', threads, all);
  for (const threads of [1, 2])
    add('native', 'nnc', [process.execPath, script('nnc.mjs')], 'native', threads, all);
  add('other', 'nnc', [process.execPath, script('nnc.mjs')], 'gpujs webasm', 1, ['w1', 'w2'], { slow: true });
  add('other', 'nnc', [process.execPath, script('nnc.mjs')], 'gpujs cpu', 1, ['w1', 'w2'], { slow: true });

  for (const node of [process.execPath, ...nodes]) {
    const js = (name) => [node, script(name)];
    for (const threads of [1, 2]) {
      add('javascript', 'jax-js', js('jax.mjs'), 'shipped', threads, dense);
      add('javascript', 'jax-js', js('jax.mjs'), 'im2col', threads, images);
      add('javascript', 'TensorFlow.js wasm', js('tfjs.mjs'), 'mended', threads, all);
      add('javascript', 'TensorFlow.js wasm', js('tfjs.mjs'), 'shipped', threads, dense);
    }
    add('javascript', 'TensorFlow.js wasm', js('tfjs.mjs'), 'shipped', 1, images, { slow: true });
    add('javascript', 'jax-js', js('jax.mjs'), 'shipped', 1, images, { slow: true });
  }
  const js = (name) => [process.execPath, script(name)];
  add('other', 'TensorFlow.js cpu', js('tfjs.mjs'), 'cpu', 1, ['w1']);
  add('other', 'TensorFlow.js cpu', js('tfjs.mjs'), 'cpu', 1, ['w2', 'w3', 'w5'], { slow: true });
  add('other', 'gpu.js alone', js('gpu.mjs'), 'cpu', 1, ['w1']);
  add('other', 'gpu.js alone', js('gpu.mjs'), 'webasm', 1, ['w1']);
  add('other', 'ConvNetJS', js('convnet.mjs'), 'float64', 1, ['w1']);
  add('other', 'ConvNetJS', js('convnet.mjs'), 'float64', 1, ['w3'], { slow: true });
  add('other', 'brain.js', js('brain.mjs'), 'per example', 1, ['w1'], { incomparable: true });

  for (const python of ['/usr/bin/python3', ...(torchPython ? [torchPython] : [])]) {
    const command = [python, script('pytorch.py')];
    for (const threads of [1, 2]) {
      add('pytorch', 'PyTorch', command, 'default', threads, all);
      add('pytorch', 'PyTorch', command, 'channels last', threads, images);
    }
    add('pytorch', 'PyTorch', command, 'one BLAS thread', 2, all);
  }
  return rows.map((row, id) => ({ id, ...row }));
}
