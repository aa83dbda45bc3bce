// Whole models, small ones of every kind of layer and odd sizes, with numbers to run them on. Every target with a schedule is tested
// on them.
import { compile } from '../../src/compile.ts';
import type { KernelProgram } from '../../src/ir/stages/type.ts';
import { initialize } from '../../src/runtime/initialize.ts';
import { randomKey } from '../../src/runtime/random.ts';
import type { Port } from '../../src/runtime/specification.ts';
import { numbersFrom } from '../ops/tensors.ts';
import type { Given } from './wasm/run-wasm.ts';

export interface Net {
  readonly input: string;
  readonly net: string;
  readonly batch: number;
  readonly optimizer?: string;
}

export const nets: readonly Net[] = [
  { input: 'x: [19]', net: 'Linear(13) ReLU Linear(7) Tanh Linear(3)', batch: 5 },
  { input: 'x: [40]', net: 'Linear(33) Sigmoid Linear(3)', batch: 21, optimizer: 'Adam' },
  {
    input: 'x: [1, 10, 9]',
    net: 'Conv2d(5, kernel = 3, padding = same) ReLU MaxPool2d(2) Flatten Linear(3)',
    batch: 3,
  },
  {
    input: 'x: [3, 8, 8]',
    net: 'Conv2d(4, kernel = 3, padding = same) BatchNorm ReLU Conv2d(6, kernel = 3, padding = same) BatchNorm ReLU MaxPool2d(2) GlobalAvgPool Dropout(0.5) Linear(3)',
    batch: 8,
    optimizer: 'Adam',
  },
  {
    input: 'x: [2, 11, 7]',
    net: 'Conv2d(4, kernel = 3, stride = 2, padding = 1) ReLU Conv2d(3, kernel = 2, stride = 2) Flatten Linear(3)',
    batch: 3,
  },
  {
    input: 'x: [2, 9, 9]',
    net: 'Conv2d(4, kernel = 3, dilation = 2, padding = 2) ReLU MaxPool2d(3, stride = 2) Flatten Linear(3)',
    batch: 3,
  },
  {
    input: 'x: [4, 6, 6]',
    net: 'Conv2d(8, kernel = 3, groups = 2, padding = same) ReLU AvgPool2d(2) Flatten Linear(3)',
    batch: 3,
  },
  {
    input: 'x: [6, 8]',
    net: 'residual { SelfAttention(8) } LayerNorm Flatten Linear(3)',
    batch: 3,
    optimizer: 'Adam',
  },
  {
    input: 'x: [12]',
    net: 'Linear(9) GELU Linear(9) Swish Linear(9) SoftPlus Linear(9) ELU Linear(3)',
    batch: 4,
    optimizer: 'RMSProp',
  },
];

export interface PreparedNet {
  readonly programs: readonly KernelProgram[];
  readonly given: Given;
  readonly stored: Given;
}

/** All programs of a model, and values for all that they read. */
export function prepareNet({
  input,
  net,
  batch,
  optimizer = 'SGD(lr = 0.1, momentum = 0.9)',
}: Net): PreparedNet {
  const text = `model M {\n input ${input}\n target t: class(3)\n net { ${net} }\n loss CrossEntropy\n optimizer ${optimizer}\n}`;
  const { specification, programs } = compile(
    { path: 'm.nn', text, library: false },
    { batch, programs: ['forward', 'evaluate', 'step', 'gradient'] },
  );
  const named: KernelProgram[] = [...programs].map(([name, { kernels }]) => ({ ...kernels, name }));
  const random = numbersFrom(7);
  const draw = ({ shape, limit }: Port) =>
    Array.from({ length: batch * shape.reduce((product, size) => product * size, 1) }, () =>
      limit === undefined ? Math.fround(2 * random() - 1) : Math.floor(random() * limit),
    );
  const ports = [...specification.inputs, ...specification.targets];
  const given = {
    ...Object.fromEntries(ports.map((port) => [port.name, draw(port)])),
    step: [3],
    steps: [100],
    random_key: [...randomKey(1, 3)],
  };
  const stored = Object.fromEntries(
    specification.stored.map((tensor) => [
      tensor.path,
      tensor.storage === 'state' ? initialize(tensor, 1).fill(0.25) : initialize(tensor, 1),
    ]),
  );
  return { programs: named, given, stored };
}
