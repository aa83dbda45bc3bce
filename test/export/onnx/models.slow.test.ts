// Every example model, and layers that models/ does not use: ONNX Runtime against the interpreter, under several batches.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../src/compile.ts';
import { exportOnnx } from '../../../src/export/onnx/export-onnx.ts';
import { interpret } from '../../../src/ir/stages/interpret.ts';
import { initialize } from '../../../src/runtime/initialize.ts';
import { elementCount } from '../../../src/runtime/tensor.ts';
import { numbersFrom } from '../../ops/tensors.ts';
import { expectClose, runOnnx } from './run-onnx.ts';

const folder = fileURLToPath(new URL('../../../models', import.meta.url));

function prepared(path: string, text: string) {
  const at = (batch: number) => compile({ path, text, library: false }, { batch, programs: ['forward'] });
  const [two, three] = [at(2), at(3)];
  const random = numbersFrom(3);
  const weights = new Map(
    two.specification.stored.map((tensor) => {
      const start = initialize(tensor, 1);
      // buffers and biases that start at 0 or 1 would hide an exchanged sign or order
      const values = tensor.storage === 'constant' ? start : start.map((value) => value + 0.2 * random());
      return [tensor.path, values];
    }),
  );
  const result = exportOnnx({
    name: 'm',
    model: two.elaborated,
    other: three.elaborated,
    weights,
    version: '0',
  });
  return { at, weights, result };
}

async function compare(path: string, text: string, batches: readonly number[]): Promise<readonly string[]> {
  const { at, weights, result } = prepared(path, text);
  expect(result.fixedBatch).toBeUndefined();
  for (const batch of batches) {
    const { specification, programs } = at(batch);
    const random = numbersFrom(11);
    const given = new Map(
      specification.inputs.map(({ name, shape, kind, limit = 1 }) => {
        const data = Array.from({ length: batch * elementCount(shape) }, () =>
          kind === 'real' ? 2 * random() - 1 : Math.floor(limit * random()),
        );
        return [name, { shape: [batch, ...shape], data, whole: kind !== 'real' }];
      }),
    );
    const kernels = programs.get('forward')?.kernels;
    if (!kernels) throw new Error('no forward program');
    const inputs = new Map([...given].map(([name, { data }]) => [name, data]));
    const wanted = interpret(kernels, { inputs, stored: weights }).outputs;
    const found = await runOnnx(result.bytes, given);
    expect([...found.keys()]).toEqual(specification.outputs.map(({ name }) => name));
    for (const { name, shape } of specification.outputs) {
      expect(found.get(name)?.shape).toEqual([batch, ...shape]);
      expectClose(found.get(name)?.data ?? [], wanted.get(`output.${name}`) ?? []);
    }
  }
  return result.model.nodes.map(({ operator }) => operator);
}

const heavy = new Set(['cifar10-cnn.nn', 'mnist-cnn.nn']);

describe('models/', () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.nn')))
    test(file, async () => {
      const operators = await compare(
        file,
        readFileSync(join(folder, file), 'utf8'),
        heavy.has(file) ? [1] : [1, 5],
      );
      expect(operators).not.toContain('Einsum');
    });
});

const wrap = (body: string, input: string) => `model M {
  input ${input}
  target y: [1]
  output output = ${body}
  loss MSE(flatten(output) -> slice(axis = 0, start = 0, end = 1), y)
  optimizer SGD(lr = 0.1)
}`;

const layers: readonly (readonly [
  title: string,
  body: string,
  input: string,
  operators: readonly string[],
])[] = [
  [
    'strided, same-padded convolution',
    'Conv2d(4, kernel = [3, 2], stride = 2, padding = same)(x)',
    'x: [3, 7, 6]',
    ['Conv'],
  ],
  ['dilated convolution without bias', 'Conv2d(4, dilation = 2, bias = false)(x)', 'x: [2, 8, 8]', ['Conv']],
  ['grouped convolution', 'Conv2d(6, groups = 3, padding = 1)(x)', 'x: [9, 5, 5]', ['Conv']],
  ['depthwise convolution', 'Conv2d(4, groups = 4, padding = same)(x)', 'x: [4, 5, 5]', ['Conv']],
  ['convolution along time', 'Conv1d(4, kernel = 3, padding = same)(x)', 'x: [7, 3]', ['Conv']],
  [
    'transposed convolution',
    'ConvTranspose2d(3, kernel = 3, stride = 2, padding = 1)(x)',
    'x: [2, 4, 5]',
    ['ConvTranspose'],
  ],
  ['overlapping maximum', 'MaxPool2d(3, stride = 2, padding = 1)(x)', 'x: [2, 7, 7]', ['MaxPool']],
  ['maximum along time', 'MaxPool1d(2)(x)', 'x: [6, 3]', ['MaxPool']],
  ['mean with padding', 'AvgPool2d(2, stride = 2, padding = same)(x)', 'x: [2, 5, 5]', ['AveragePool']],
  ['dense over a sequence', 'Linear(4)(x)', 'x: [5, 3]', ['MatMul']],
  ['heads', 'MultiHeadAttention(2, 6, causal = true)(x)', 'x: [4, 5]', ['Softmax']],
  ['LSTM', 'LSTM(3)(x)', 'x: [4, 2]', ['Sigmoid']],
  ['normalizations', 'x -> GroupNorm(2) -> Flatten -> LayerNorm -> RMSNorm', 'x: [4, 3, 3]', ['ReduceSum']],
  ['positions and GELU', 'x -> PositionalEncoding -> GELU -> Mish', 'x: [4, 6]', ['Erf']],
  ['tokens', 'x -> Embedding(11, 4) -> Linear(3)', 'x: int(11)[6]', ['Gather']],
  ['ReLU6-like', 'where(x > 0.5, min(x, 0.7), abs(x) ^ 1.5)', 'x: [3, 4]', ['Where']],
];

describe('layers', () => {
  for (const [title, body, input, wanted] of layers)
    test(title, async () => {
      const operators = await compare('layer.nn', wrap(body, input), [1, 3]);
      expect(operators).toEqual(expect.arrayContaining([...wanted]));
      expect(operators).not.toContain('Einsum');
    });
});

test('a model that computes otherwise for another batch keeps the one it was given', async () => {
  const text = wrap('x - mean(x, axis = batch)', 'x: [3]');
  const { at, result } = prepared('m.nn', text);
  expect(result.fixedBatch).toBe('it computes otherwise for another batch');
  expect(result.model.inputs[0]?.dimensions).toEqual([2, 3]);
  const data = [1, 2, 3, 5, 6, 7];
  const found = await runOnnx(result.bytes, new Map([['x', { shape: [2, 3], data }]]));
  expect(found.get('output')?.data).toEqual([-2, -2, -2, 2, 2, 2]);
  expect(at(2).specification.batch).toBe(2);
});

test('a loss and a metric that count the examples leave the batch free', async () => {
  const text = `model M {
  input x: [4]
  target label: class(2)
  net { Linear(2) }
  loss CrossEntropy(class_weights = [1, 2])
  optimizer SGD(lr = 0.1)
  metrics f1, confusion_matrix
}`;
  expect(await compare('m.nn', text, [1, 3])).toContain('Gemm');
});
