// Whole models: every program of every example and benchmark, on a small batch, against the interpreter.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../src/compile.ts';
import { wasmFused, wasmPlain } from '../../../src/kernel/machine.ts';
import { initialise } from '../../../src/runtime/initialise.ts';
import { randomKey } from '../../../src/runtime/random.ts';
import type { Port } from '../../../src/runtime/specification.ts';
import { numbersFrom } from '../../ops/tensors.ts';
import { compilePrograms, differences } from './run-wasm.ts';

const files = ['models', 'bench/models'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.nn'))
    .map((name) => `${folder}/${name}`),
);

const batch = 3;

describe('models on wasm', () => {
  test.each(files)('%s', { timeout: 300_000 }, async (path) => {
    const source = { path, text: readFileSync(path, 'utf8'), library: false };
    const { specification, programs } = compile(source, {
      batch,
      programs: ['forward', 'evaluate', 'step', 'gradient'],
    });
    const named = [...programs].map(([name, { kernels }]) => ({ ...kernels, name }));
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
        tensor.storage === 'state' ? initialise(tensor, 1).fill(0.25) : initialise(tensor, 1),
      ]),
    );
    for (const machine of [wasmPlain, wasmFused]) {
      const wasm = await compilePrograms(named, machine);
      for (const { name } of named) {
        const found = differences(wasm.run(name, given, stored), wasm.interpret(name, given, stored));
        expect(found, `${path}, program ${name}, ${machine.name}`).toEqual([]);
      }
    }
  });
});
