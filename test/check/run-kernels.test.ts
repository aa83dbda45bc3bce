import { expect, it } from 'vitest';
import { runKernels } from '../../src/check/run-kernels.ts';
import { compile } from '../../src/compile.ts';
import { interpret } from '../../src/ir/stages/interpret.ts';
import { lower } from '../../src/kernel/lower.ts';
import { initialize } from '../../src/runtime/initialize.ts';
import { randomKey } from '../../src/runtime/random.ts';
import { numbersFrom } from '../ops/tensors.ts';

const texts = {
  'windows, reductions, random numbers, updates': `model Picture {
    input  image: [2, 5, 5]
    target kind: class(3)
    net { Conv2d(3, kernel = 3, stride = 2, padding = same)  BatchNorm  ReLU  MaxPool2d(2)  Flatten  Dropout(0.3)  Linear(3) }
    loss CrossEntropy
    optimizer Adam
    metrics accuracy
    train { batch = 2 }
  }`,
  'token ids, attention, a scattered gradient': `model Words {
    input  words: int(7)[4]
    target kind: class(2)
    net { Embedding(7, 4)  MultiHeadAttention(2, 4, causal = true)  GELU  Flatten  Linear(2) }
    loss CrossEntropy
    optimizer SGD(momentum = 0.9)
    train { batch = 3 }
  }`,
};

it.each(Object.entries(texts))('agrees with the interpreter on %s', async (_, text) => {
  const { programs, specification } = compile({ path: 'case.nn', text, library: false });
  const graph = programs.get('step')?.graph;
  if (!graph) throw new Error('there is no step');
  const program = lower(graph);
  const random = numbersFrom(7);
  const inputs = new Map<string, Float32Array>([
    ['step', Float32Array.of(1)],
    ['steps', Float32Array.of(10)],
    ['random_key', randomKey(1, 1)],
  ]);
  for (const { name, shape, kind, limit = 1 } of [...specification.inputs, ...specification.targets]) {
    const length = specification.batch * shape.reduce((product, size) => product * size, 1);
    const draw = () => (kind === 'real' ? 2 * random() - 1 : Math.floor(limit * random()));
    inputs.set(name, Float32Array.from({ length }, draw));
  }
  const stored = new Map(specification.stored.map((tensor) => [tensor.path, initialize(tensor, 1)]));
  const temporaries = program.buffers.filter(
    ({ role, alias }) => role.kind === 'temporary' && alias === undefined,
  );
  const outputs = temporaries.map(({ id }) => ({ name: String(id), buffer: id }));
  const expected = interpret({ ...program, outputs }, { inputs, stored, precision: 'float32' }).outputs;

  const found = new Map<string, number[]>();
  const alive: number[] = [];
  await runKernels(
    program,
    { inputs, stored },
    (kernel, output, values) => {
      found.set(String(kernel.output), [...output]);
      alive.push(values.size);
      return false;
    },
    async () => {},
  );
  expect(found).toEqual(new Map([...expected].map(([name, values]) => [name, [...values]])));
  // what nobody reads any more is let go
  expect(alive.at(-1)).toBeLessThan(program.kernels.length / 2);
});
