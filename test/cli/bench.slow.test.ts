import { describe, expect, it } from 'vitest';
import { folderWith, nnc } from './program.ts';

const model = `model Small {
  input  x: [8]
  target t: class(3)
  net { Linear(5)  ReLU  Linear(3) }
  loss      CrossEntropy
  optimizer SGD(lr = 0.1)
  train { batch = 4 }
}
`;

interface Described {
  readonly model: string;
  readonly batch: number;
  readonly mode: string;
  readonly step: { readonly median: number; readonly count: number };
  readonly multiply_adds: number;
  readonly peak_gflops: number;
  readonly between: number;
  readonly kernels: readonly {
    readonly names: readonly string[];
    readonly lines: readonly string[];
    readonly phase: string;
    readonly milliseconds: number;
    readonly share: number;
    readonly multiply_adds: number;
  }[];
  readonly memory: { readonly plan: { readonly parameters: number }; readonly allocated: number | null };
}

/** Both products forward, the gradients of both weights, and that of the hidden layer; the loss picks, and multiplies nothing. */
const multiplyAdds = (batch: number) => batch * (2 * (8 * 5 + 5 * 3) + 5 * 3);

function checkKernels({ kernels, step, between }: Described): void {
  const total = (value: (kernel: Described['kernels'][number]) => number) =>
    kernels.reduce((sum, kernel) => sum + value(kernel), 0);
  expect(total((kernel) => kernel.share)).toBeCloseTo(1, 6);
  expect(total((kernel) => kernel.milliseconds) + between).toBeCloseTo(step.median, 6);
  const first = kernels.find(({ names }) => names.includes('relu_1'));
  expect(first).toMatchObject({ phase: 'forward', multiply_adds: 4 * 8 * 5 });
  expect(first?.lines[0]).toBe('model.nn:4');
  expect(new Set(kernels.map(({ phase }) => phase))).toEqual(new Set(['forward', 'backward', 'update']));
}

describe('nnc bench', () => {
  it('times steps and kernels on wasm', async () => {
    const cwd = folderWith({ 'model.nn': model });
    const words = ['bench', 'model.nn', '--seconds', '1', '--threads', '2', '--json'];
    const { code, stdout } = await nnc(words, { cwd });
    expect(code).toBe(0);
    const described = JSON.parse(stdout) as Described;
    expect(described).toMatchObject({ model: 'Small', batch: 4, multiply_adds: multiplyAdds(4) });
    expect(described.mode).toMatch(/^wasm, 2 threads/);
    expect(described.step.count).toBeGreaterThan(4);
    expect(described.peak_gflops).toBeGreaterThan(0);
    expect(described.memory.allocated).toBeGreaterThan(described.memory.plan.parameters);
    checkKernels(described);
  });

  it('counts a sum that is taken in slices once', async () => {
    const cwd = folderWith({ 'model.nn': model });
    const { stdout } = await nnc(['bench', 'model.nn', '--seconds', '1', '--batch', '2100', '--json'], {
      cwd,
    });
    const { kernels, multiply_adds: counted } = JSON.parse(stdout) as Described;
    expect(counted).toBe(multiplyAdds(2100));
    const names = kernels.map(({ names: [name] }) => name);
    expect(names.length).toBeGreaterThan(new Set(names).size);
  });

  it('times steps and kernels on gpu.js', async () => {
    const cwd = folderWith({ 'model.nn': model });
    const { code, stdout } = await nnc(['bench', 'model.nn', '--mode', 'cpu', '--seconds', '1', '--json'], {
      cwd,
    });
    expect(code).toBe(0);
    const described = JSON.parse(stdout) as Described;
    expect(described).toMatchObject({ mode: 'gpu.js cpu', multiply_adds: multiplyAdds(4) });
    expect(described.memory.allocated).toBeNull();
    checkKernels(described);
  });

  it('prints a table, the slowest kernels first', async () => {
    const cwd = folderWith({ 'model.nn': model });
    const { code, stdout, stderr } = await nnc(['bench', '--seconds', '1'], { cwd });
    expect(code).toBe(0);
    expect(stderr).toBe('timing steps of Small, batch 4\ntiming kernels\n');
    expect(stdout).toMatch(/^Small \(model\.nn\), batch 4, on wasm/);
    expect(stdout).toMatch(/computes +line +phase +ms +share +GFLOP\/s +of peak +GB\/s\n/);
    const times = [...stdout.matchAll(/ (?:forward|backward|update) +(\d+\.\d+) /g)].map(([, time]) =>
      Number(time),
    );
    expect(times.length).toBeGreaterThan(5);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(stdout).toMatch(/kernels \d+\.\d+ ms; a step takes -?\d+\.\d+ ms beyond them\n$/);
  });
});
