// All programs of all example models, scheduled for vectors of 4 and of 16 lanes and run in the interpreter of loops on two threads, in both
// orders, against the interpreter of kernels. The pictures of the three convolutional models are smaller here than in the model, so that
// this takes seconds; tiles, remainders and Winograd's method still occur.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile.ts';
import { printLoops } from '../../../src/ir/loops/print.ts';
import { interpret } from '../../../src/ir/stages/interpret.ts';
import { initialize } from '../../../src/runtime/initialize.ts';
import { randomKey } from '../../../src/runtime/random.ts';
import { schedule } from '../../../src/schedule/schedule.ts';
import { batchesFor } from '../../codegen/training.ts';
import { expectEqual, machines } from './run-loops.ts';

const names = readdirSync('models')
  .filter((file) => file.endsWith('.nn'))
  .map((file) => file.slice(0, -'.nn'.length));

const smaller: Readonly<Record<string, readonly [written: string, here: string]>> = {
  'cifar10-cnn': ['[3, 32, 32]', '[3, 8, 8]'],
  'fashion-cnn': ['[1, 28, 28]', '[1, 8, 8]'],
  'mnist-cnn': ['[1, 28, 28]', '[1, 8, 8]'],
};

function prepare(name: string) {
  const path = `models/${name}.nn`;
  const [written, here] = smaller[name] ?? ['', ''];
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(written);
  const source = { path, text: text.replace(written, here), library: false };
  const compilation = compile(source, { target: 'wasm', batch: 2 });
  const { specification } = compilation;
  const programs = [...compilation.programs].map(([program, { kernels }]) => ({ ...kernels, name: program }));
  const given = new Map<string, ArrayLike<number>>([
    ...Object.entries(batchesFor(specification, 1)[0] ?? {}),
    ['step', [1]],
    ['steps', [100]],
    ['random_key', randomKey(specification.train.seed, 1)],
  ]);
  const stored = new Map(
    specification.stored.map((tensor) => [tensor.path, initialize(tensor, specification.train.seed)]),
  );
  return { programs, given, stored };
}

describe.each(names)('%s', (name) => {
  it('computes with loops what it computes with kernels', () => {
    const { programs, given, stored } = prepare(name);
    const modules = machines.map((machine) => schedule(programs, machine, 0));
    for (const program of programs) {
      const inputs = new Map(
        program.buffers
          .filter(({ role, alias }) => role.kind === 'input' && alias === undefined)
          .map(({ name: input, shape }) => {
            const elements = shape.reduce((product, size) => product * size, 1);
            return [input, given.get(input) ?? new Float64Array(elements).fill(0.5)] as const;
          }),
      );
      const wanted = interpret(program, { inputs, stored });
      for (const module of modules)
        expectEqual(module, program, { inputs, stored }, `${name}, ${program.name}`, wanted);
    }
    const text = modules.map(printLoops).join('\n');
    if (name.endsWith('-cnn')) {
      expect(text).toContain('tile ');
      expect(text).toContain('Winograd');
    }
  });
});
