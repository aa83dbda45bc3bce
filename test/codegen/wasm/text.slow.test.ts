// The AssemblyScript as people read it: one small model whole, the same from run to run, and compiled modules found again.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildWasm, printWasm } from '../../../src/targets/wasm/print.ts';
import { compile } from '../../../src/compile.ts';

const text = `model Tiny {
  input  image: [6]
  target digit: class(3)
  net { Linear(5)  ReLU  Linear(3) }
  loss      CrossEntropy
  optimizer SGD(lr = 0.1)
  train { batch = 4 }
}
`;

const convolutional = `model Convolutional {
  input  image: [8, 12, 10]
  target digit: class(3)
  net {
    Conv2d(8, kernel = 3, padding = same)  ReLU
    Conv2d(16, kernel = 3, padding = same)  ReLU
    GlobalAvgPool  Linear(3)
  }
  loss      CrossEntropy
  optimizer SGD(lr = 0.1)
  train { batch = 16 }
}
`;

const programsOf = (model = text) =>
  [...compile({ path: 'tiny.nn', text: model, library: false }, { programs: ['step'] }).programs].map(
    ([name, { kernels }]) => ({ ...kernels, name }),
  );

describe('generated AssemblyScript', () => {
  test('of a small model', async () => {
    await expect(printWasm(programsOf()).source).toMatchFileSnapshot('./__snapshots__/tiny.assembly.txt');
  });

  test("of a convolution by Winograd's filtering, forward and both gradients", async () => {
    const functions = printWasm(programsOf(convolutional)).source.split(/\n\n(?=\/\*\*|export)/);
    const filtered = functions.filter((each) => each.includes("// By Winograd's minimal filtering"));
    expect(filtered.length).toBeGreaterThanOrEqual(3);
    await expect(`${filtered.slice(1, 4).join('\n\n')}\n`).toMatchFileSnapshot(
      './__snapshots__/winograd.assembly.txt',
    );
  });

  test('is the same each time', () => {
    expect(printWasm(programsOf()).source).toBe(printWasm(programsOf()).source);
  });

  test('holds hostile names as names', () => {
    const [program] = programsOf();
    if (!program) throw new Error('no program');
    const hostile = [
      '*/ import "x" /*',
      'constructor',
      '${1}',
      'v128',
      '\u202e',
      'a\nb',
      '__proto__',
      'memory',
    ];
    const buffers = program.buffers.map((buffer, i) => ({
      ...buffer,
      name: hostile[i % hostile.length] ?? '',
    }));
    const kernels = program.kernels.map((kernel, i) => ({
      ...kernel,
      name: hostile[i % hostile.length] ?? '',
    }));
    // Names of inputs tell inputs apart: these must stay.
    const kept = buffers.map((buffer, i) =>
      buffer.role.kind === 'input' ? (program.buffers[i] ?? buffer) : buffer,
    );
    return expect(
      buildWasm([{ ...program, buffers: kept, kernels }], { fused: false }),
    ).resolves.toBeDefined();
  });

  test('compiles to the same bytes, and once', async () => {
    const cache = await mkdtemp(join(tmpdir(), 'nnc-wasm-'));
    try {
      const first = await buildWasm(programsOf(), { fused: false, cache });
      const files = await readdir(cache);
      expect(files).toHaveLength(1);
      const again = await buildWasm(programsOf(), { fused: false, cache });
      expect(Buffer.compare(first.bytes, again.bytes)).toBe(0);
      expect(await readdir(cache)).toEqual(files);
      const fresh = await buildWasm(programsOf(), { fused: false });
      expect(Buffer.compare(first.bytes, fresh.bytes)).toBe(0);
    } finally {
      await rm(cache, { recursive: true });
    }
  });
});
