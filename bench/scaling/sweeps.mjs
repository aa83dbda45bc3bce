// What is swept, and the models of each sweep as `.nn` text: dense layers with ReLU, cross-entropy over 10 classes, SGD with
// momentum. One size varies, the others stay.
const powers = (from, to) => Array.from({ length: Math.log2(to / from) + 1 }, (_, i) => from * 2 ** i);

/** `points` of the sweep, `quick` ones of a short run; `sizes` of the model at a point. */
export const sweeps = [
  {
    name: 'batch',
    title: 'batch',
    constant: 'width 256, 3 hidden layers',
    points: powers(1, 1024),
    quick: [1, 32, 1024],
    sizes: (batch) => ({ batch, width: 256, depth: 3 }),
  },
  {
    name: 'width',
    title: 'width of the hidden layers',
    constant: 'batch 64, 2 hidden layers',
    points: powers(32, 4096),
    quick: [32, 256, 1024],
    sizes: (width) => ({ batch: 64, width, depth: 2 }),
  },
  {
    name: 'depth',
    title: 'hidden layers',
    constant: 'batch 64, width 128',
    points: [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100],
    quick: [1, 10, 30],
    sizes: (depth) => ({ batch: 64, width: 128, depth }),
  },
];

export function modelText({ batch, width, depth }) {
  return `model Scaling {
  input  x: [${width}]
  target label: class(10)
  net {
    repeat ${depth} { Linear(${width})  ReLU }
    Linear(10)
  }
  loss      CrossEntropy
  optimizer SGD(lr = 1e-4, momentum = 0.9)
  train { batch = ${batch}  seed = 1 }
}
`;
}

/** Of the products of a step: forward, the gradients of the weights, and those of all layers' inputs but the first's. */
export function multiplyAdds({ batch, width, depth }) {
  const hidden = depth * width * width;
  const head = 10 * width;
  return batch * (3 * (hidden + head) - width * width);
}
