// The device under generated modules: modes and their errors, results that stay, memory that does not grow.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ExpressionPrinter } from '../../src/codegen/gpujs/expression.ts';
import { unaryNames } from '../../src/ir/scalar.ts';
import type { GpuDevice, KernelFunction, Run } from '../../src/runtime/gpu/device.ts';
import { linkGpu, type DeviceArrays } from '../../src/runtime/gpu/executable.ts';
import { chooseMode, GpuModeError, requireMode } from '../../src/runtime/gpu/modes.ts';
import { openGpu } from '../../src/runtime/gpu/open-gpu.ts';
import type { ModelSpecification } from '../../src/runtime/index.ts';
import { randomKey, siteWord, uniform } from '../../src/runtime/random.ts';
import { unaryFunctions, type UnaryFunction } from '../../src/runtime/unary-functions.ts';
import { modeTitle, testedModes } from '../codegen/gpujs/gpu-modes.ts';
import { functionFrom, helperInScope, openWithHelpers } from '../codegen/gpujs/run-kernels.ts';

describe('modes', () => {
  it('that do not exist are refused with those that do', async () => {
    await expect(openGpu('quantum')).rejects.toThrow(/no such mode.*webgpu, headlessgl, webasm, cpu/);
    await expect(openGpu('__proto__')).rejects.toThrow(GpuModeError);
  });

  it('that are not available say how to get them', async () => {
    for (const { mode, missing } of testedModes) {
      if (missing === undefined) continue;
      await expect(requireMode(mode)).rejects.toThrow(GpuModeError);
      expect(missing).toMatch(/npm install|driver/);
    }
  });

  it('are chosen by themselves: a GPU, or else the fastest on the CPU', async () => {
    const { mode, software } = await chooseMode();
    expect(software ? ['webasm', 'cpu'] : ['webgpu', 'headlessgl']).toContain(mode);
  });
});

describe('helpers', () => {
  it('divide exactly where rounding would not', () => {
    const quotient = helperInScope('quotient');
    for (const [position, size] of hardQuotients) {
      expect(quotient(position, size)).toBe(Math.floor(position / size));
    }
  });

  it('draw what the runtime draws', () => {
    const draw = helperInScope('draw');
    for (const index of [0, 1, 4095, 4096, 70_000, 16_777_215]) {
      expect(draw(index, ...keyWords)).toBe(uniform(key, site, index));
    }
  });
});

const hardQuotients = [
  [16_777_215, 3],
  [16_777_214, 3],
  [30, 10],
  [0, 7],
  [-1, 3],
  [-3, 3],
  [9_999_999, 784],
] as const;

const printed = (name: UnaryFunction) =>
  new ExpressionPrinter(() => '').scalar({
    kind: 'apply',
    function: name,
    operands: [{ kind: 'variable', name: 'x' }],
  });

const site = 5;
const key = randomKey(3, 4);
const keyWords = [...key].map((word, round) => word + siteWord(site, round));

/** The update of a runs while a's old value is still to be read, and b and c change places. */
const source = {
  next: 'function next(a, x) { return a[this.thread.x] * 0.5 + x[this.thread.x]; }',
  given: 'function given(x) { return x[this.thread.x] * 3; }',
  loss: 'function loss(a, b) { return a[0] + a[1] + 10 * b[0]; }',
};

function specificationOf(paths: readonly string[]): ModelSpecification {
  return {
    format: 1,
    name: 'Test',
    source: 'test.nn',
    target: 'gpujs',
    batch: 1,
    inputs: [{ name: 'x', shape: [2], kind: 'real' }],
    targets: [],
    outputs: [],
    metrics: [],
    stored: paths.map((path) => ({
      path,
      shape: [2],
      storage: 'parameter',
      initial: { kind: 'fill', value: 0 },
    })),
    programs: ['step'],
    train: { epochs: 1, batch: 1, seed: 1, validation: 0 },
    memory: { parameters: 0, gradients: 0, states: 0, activations: 0, padding: 0, scratch: 0, page: 1 },
    fingerprint: '',
  };
}

for (const { mode, missing, lacking } of testedModes) {
  describe.skipIf(lacking)(`device in mode ${modeTitle({ mode, missing })}`, () => {
    let device: GpuDevice | undefined;
    afterEach(async () => {
      await device?.destroy();
      device = undefined;
    });

    it('says what really runs', async () => {
      device = await openGpu(mode);
      expect(device.mode).toBe(mode);
    });

    it('divides whole numbers exactly and draws the same bits as the runtime', async () => {
      device = await openWithHelpers(mode);
      const size = 3 * 4096;
      const positions = Float32Array.from({ length: size }, (_, i) => (i * 1367) % 16_777_216);
      const array = await device.upload('positions', positions);
      for (const divisor of [3, 10, 28, 784]) {
        const text = `function divide(p) { return quotient(p[this.thread.x], ${divisor}); }`;
        const found = await device.read(await device.runSource(text, size, [array]));
        expect(found).toEqual(positions.map((position) => Math.floor(position / divisor)));
      }
      const text = `function random(p) { return draw(p[this.thread.x], ${keyWords.join(', ')}); }`;
      const drawn = await device.read(await device.runSource(text, size, [array]));
      expect(drawn).toEqual(positions.map((position) => uniform(key, site, position)));
    });

    it('computes the functions that are not its own as float32 should', async () => {
      device = await openWithHelpers(mode);
      const points = Float32Array.from([
        -30, -4.5, -3, -1, -0.2, -1e-3, 0, 1e-6, 0.05, 0.3, 1, 2, 3.5, 20, 80,
      ]);
      const array = await device.upload('points', points);
      for (const name of unaryNames.filter((each) => !printed(each).startsWith('Math.'))) {
        const text = `function f(p) { const x = p[this.thread.x]; return ${printed(name)}; }`;
        const found = await device.read(await device.runSource(text, points.length, [array]));
        found.forEach((value, i) => {
          const expected = unaryFunctions[name](points[i] ?? NaN);
          // Not every GPU knows NaN and infinities.
          if (!Number.isFinite(expected)) return;
          const off = Math.abs(value - expected);
          expect(off, `${name} ${points[i]}: ${value}`).toBeLessThanOrEqual(1e-5 * Math.abs(expected));
        });
      }
    });

    it('updates stored tensors from step to step', async () => {
      const kernels = {
        next: functionFrom<KernelFunction<[number[], number[]]>>(source.next, 'next'),
        given: functionFrom<KernelFunction<[number[]]>>(source.given, 'given'),
        loss: functionFrom<KernelFunction<[number[], number[]]>>(source.loss, 'loss'),
      };
      type Stored = DeviceArrays<'a' | 'b' | 'c' | 'd'>;
      const step = async (run: Run, { x }: DeviceArrays<'x'>, { a, b, c, d }: Stored) => {
        const a_new = await run(kernels.next, [2], a, x);
        const d_new = await run(kernels.given, [2], x);
        const loss = await run(kernels.loss, [], a, d);
        return { outputs: { loss }, updates: { a: a_new, b: c, c: b, d: d_new } };
      };
      const specification = specificationOf(['a', 'b', 'c', 'd']);
      const executable = await linkGpu(specification, { helpers: [], programs: { step } }, { mode });
      let [a, b, c, d] = [
        [1, 2],
        [3, 4],
        [5, 6],
        [7, 8],
      ];
      for (const [path, values] of Object.entries({ a, b, c, d })) {
        await executable.write(path, Float32Array.from(values));
      }
      for (let i = 0; i < 7; i++) {
        const x = [i, i * i];
        const { loss } = await executable.run('step', { x: Float32Array.from(x) });
        expect(loss?.[0]).toBe((a[0] ?? 0) + (a[1] ?? 0) + 10 * (d[0] ?? 0));
        a = a.map((value, k) => value * 0.5 + (x[k] ?? 0));
        [b, c] = [c, b];
        d = x.map((value) => value * 3);
        for (const [path, values] of Object.entries({ a, b, c, d })) {
          expect([...(await executable.read(path))]).toEqual(values);
        }
        if (i === 3) {
          await executable.write('a', Float32Array.from((a = [-1, 0.25])));
        }
      }
      await expect(executable.write('a', new Float32Array(3))).rejects.toThrow(RangeError);
      await expect(executable.read('e')).rejects.toThrow(RangeError);
      await executable.destroy();
    });

    it('leaves stored tensors as they were when a step fails', async () => {
      const kernel = functionFrom<KernelFunction<[number[], number[]]>>(source.next, 'next');
      const step = async (run: Run, { x }: DeviceArrays<'x'>, { a }: DeviceArrays<'a'>) => {
        await run(kernel, [2], a, x);
        throw new Error('no');
      };
      const executable = await linkGpu(specificationOf(['a']), { helpers: [], programs: { step } }, { mode });
      await executable.write('a', Float32Array.from([1, 2]));
      await expect(executable.run('step', { x: Float32Array.from([9, 9]) })).rejects.toThrow('no');
      expect([...(await executable.read('a'))]).toEqual([1, 2]);
      await executable.destroy();
    });
  });
}

const lacksWebgpu = testedModes.some(({ mode, lacking }) => mode === 'webgpu' && lacking);
describe.skipIf(lacksWebgpu)('faults of a GPU', () => {
  it('say that the device was lost', async () => {
    const device = await openGpu('webgpu');
    const array = await device.upload('x', Float32Array.from([1, 2]));
    const { handle } = array;
    if (handle instanceof Float32Array) throw new Error('a GPU keeps its arrays to itself');
    const { context } = handle as unknown as { context: { isLost: boolean } };
    context.isLost = true;
    await expect(device.read(array)).rejects.toThrow(/webgpu: the device was lost/);
    await expect(device.runSource(source.given, 2, [array])).rejects.toThrow(GpuModeError);
    context.isLost = false;
    await device.destroy();
  });

  it('are refused sizes', async () => {
    const device = await openGpu('webgpu');
    const array = await device.upload('x', Float32Array.from([1, 2]));
    await expect(device.runSource(source.given, 2 ** 24 + 1, [array])).rejects.toThrow(
      /16777217 elements.*batch smaller/,
    );
    await device.destroy();
  });
});

describe.skipIf(lacksWebgpu)('memory on a GPU', () => {
  it('is allocated in the first steps, and none in a thousand more', async () => {
    const next = functionFrom<KernelFunction<[number[], number[]]>>(source.next, 'next');
    const loss = functionFrom<KernelFunction<[number[], number[]]>>(source.loss, 'loss');
    const step = async (run: Run, { x }: DeviceArrays<'x'>, { a }: DeviceArrays<'a'>) => {
      const a_new = await run(next, [2], a, x);
      return { outputs: { loss: await run(loss, [], a_new, x) }, updates: { a: a_new } };
    };
    const executable = await linkGpu(
      specificationOf(['a']),
      { helpers: [], programs: { step } },
      { mode: 'webgpu' },
    );
    await executable.write('a', Float32Array.from([1, 2]));
    const x = Float32Array.from([1, 1]);
    for (let i = 0; i < 3; i++) await executable.run('step', { x });
    const { GPUDevice: Device } = globalThis as unknown as {
      GPUDevice: { prototype: { createBuffer(): unknown } };
    };
    const created = vi.spyOn(Device.prototype, 'createBuffer');
    for (let i = 0; i < 1000; i++) await executable.run('step', { x });
    expect(created).not.toHaveBeenCalled();
    created.mockRestore();
    expect([...(await executable.read('a'))]).toEqual([2, 2]);
    await executable.destroy();
  });
});
