import { expect, it } from 'vitest';
import { runKernels } from '../../src/check/run-kernels.ts';
import { compile } from '../../src/compile.ts';
import { interpret } from '../../src/ir/stages/interpret.ts';
import { lower } from '../../src/kernel/lower.ts';
import { initialize } from '../../src/runtime/initialize.ts';
import { randomKey } from '../../src/runtime/random.ts';
import { apply, at, number, position, reduce } from '../../src/ops/expressions.ts';
import type { KernelProgram } from '../../src/ir/stages/type.ts';
import { randomProgram } from '../codegen/random-kernel.ts';
import { axis, map } from '../ir/stages/programs.ts';
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

/** What the first kernel of a program over inputs computes. */
async function firstOutput(
  program: KernelProgram,
  inputs: ReadonlyMap<string, Float32Array>,
): Promise<number[]> {
  let found: number[] = [];
  await runKernels(
    program,
    { inputs, stored: new Map() },
    (_, output) => {
      found = [...output];
      return true;
    },
    async () => {},
  );
  return found;
}

it('agrees with the interpreter to the bit on random kernels', async () => {
  const random = numbersFrom(3);
  for (let i = 0; i < 100; i++) {
    const program = randomProgram(random);
    const inputs = new Map(
      program.buffers.flatMap(({ name, shape, role }) => {
        const length = shape.reduce((product, size) => product * size, 1);
        const draw = () => (name === 'ids' ? Math.floor(random() * 4) : 4 * random() - 2);
        return role.kind === 'input' ? [[name, Float32Array.from({ length }, draw)] as const] : [];
      }),
    );
    const expected = interpret(program, { inputs, stored: new Map(), precision: 'float32' }).outputs.get('y');
    expect(await firstOutput(program, inputs), `kernel ${i}`).toEqual([...(expected ?? [])]);
  }
});

it('lets NaN through a product with zero', async () => {
  const k = axis('k', 3);
  const label = apply('equal', position(at(k)), number(1));
  const x = { kind: 'read', buffer: 0, index: [at(k)] } as const;
  const program: KernelProgram = {
    name: 'picked',
    buffers: [
      { id: 0, name: 'x', shape: [3], element: 'f32', role: { kind: 'input', input: 'input' } },
      { id: 1, name: 'y', shape: [], element: 'f32', role: { kind: 'temporary' } },
    ],
    kernels: [map(1, [], reduce('sum', [k], apply('multiply', label, x)))],
    outputs: [{ name: 'y', buffer: 1 }],
    updates: [],
  };
  expect(await firstOutput(program, new Map([['x', Float32Array.of(1, 2, 3)]]))).toEqual([2]);
  expect(await firstOutput(program, new Map([['x', Float32Array.of(NaN, 2, 3)]]))).toEqual([NaN]);
});
