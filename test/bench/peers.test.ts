import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compile.ts';
import { loadBench } from './load.ts';

interface Turn {
  readonly workload: string;
  readonly family: string;
  readonly peer: string;
  readonly variant: string;
  readonly threads: number;
  readonly version?: string;
  readonly median?: number;
  readonly megabytes?: number;
  readonly others?: number;
  readonly losses?: readonly number[];
  readonly error?: string;
  readonly incomparable?: boolean;
}

interface Report {
  summarize(
    turns: readonly Turn[],
    options: { readonly workloads: readonly string[]; readonly tolerance: number },
  ): {
    readonly variants: readonly {
      readonly peer: string;
      readonly milliseconds?: number;
      readonly least?: number;
      readonly most?: number;
      readonly agreement: { readonly agrees?: boolean };
    }[];
    readonly ratios: readonly { readonly family: string; readonly ratio: number; readonly best: string }[];
  };
  report(result: object): string;
}

const turn = (
  family: string,
  peer: string,
  threads: number,
  median: number,
  losses: readonly number[],
): Turn => ({
  ...{ workload: 'w1', family, peer, variant: 'shipped', threads, version: '1', median },
  ...{ megabytes: 100, others: 0, losses },
});

const right = [2.5, 2.25];
const options = { workloads: ['w1'], tolerance: 1e-3 };

describe('the report of a comparison', () => {
  it('takes medians over the rounds and the best of each family', async () => {
    const { summarize } = await loadBench<Report>('peers/report.mjs');
    const turns = [
      ...[3, 1, 2].map((median) => turn('nnc', 'nnc', 2, median, right)),
      ...[9, 8, 10].map((median) => turn('javascript', 'slow', 1, median, right)),
      ...[6, 5, 7].map((median) => turn('javascript', 'quick', 1, median, right)),
      ...[1, 1, 1].map((median) => turn('pytorch', 'PyTorch', 1, median, right)),
    ];
    const { variants, ratios } = summarize(turns, options);
    expect(variants[0]).toMatchObject({ peer: 'nnc', milliseconds: 2, least: 1, most: 3 });
    expect(ratios.map(({ family, ratio }) => [family, ratio])).toEqual([
      ['javascript', 3],
      ['pytorch', 0.5],
    ]);
    expect(ratios[0]?.best).toContain('quick');
  });

  it('holds native code against PyTorch in a table of its own', async () => {
    const { summarize, report } = await loadBench<Report>('peers/report.mjs');
    const turns = [
      turn('nnc', 'nnc', 2, 2, right),
      turn('native', 'nnc', 1, 0.75, right),
      turn('native', 'nnc', 2, 0.5, right),
      turn('pytorch', 'PyTorch', 1, 1, right),
    ];
    const summary = summarize(turns, options);
    expect(summary.ratios.map(({ ratio }) => ratio)).toEqual([0.5, 2]);
    const machine = { date: '2026-01-01', load: 0, loadAfter: 0 };
    const text = report({ machine, settings: { rounds: 1, seconds: 1, warmUp: 1 }, ...summary });
    expect(text).toMatch(/### Native code[^#]*\| W1 \| PyTorch \| \*\*2\.00\*\* \| 1\.3 \|/);
  });

  it('leaves out turns that other processes disturbed, where there are others', async () => {
    const { summarize } = await loadBench<Report>('peers/report.mjs');
    const turns = [
      { ...turn('nnc', 'nnc', 1, 9, right), others: 1.5 },
      turn('nnc', 'nnc', 1, 2, right),
      { ...turn('javascript', 'never quiet', 1, 8, right), others: 0.6 },
    ];
    expect(summarize(turns, options).variants.map(({ milliseconds }) => milliseconds)).toEqual([2, 8]);
  });

  it('keeps who computes something else out of the ratios, and says so', async () => {
    const { summarize, report } = await loadBench<Report>('peers/report.mjs');
    const absent = { workload: 'w1', family: 'pytorch', peer: 'PyTorch', variant: 'default', threads: 1 };
    const turns = [
      turn('nnc', 'nnc', 1, 2, right),
      turn('javascript', 'wrong', 1, 1, [2.5, 2.26]),
      turn('javascript', 'broken', 1, 1, [2.5, NaN]),
      turn('javascript', 'right', 1, 8, [2.5, 2.2501]),
      { ...turn('other', 'different', 1, 3, []), incomparable: true },
      { ...absent, error: 'PyTorch is not installed' },
    ];
    const summary = summarize(turns, options);
    expect(summary.variants.map(({ peer, agreement }) => [peer, agreement.agrees])).toEqual([
      ['nnc', true],
      ['wrong', false],
      ['broken', false],
      ['right', true],
      ['different', undefined],
      ['PyTorch', undefined],
    ]);
    expect(summary.ratios.map(({ ratio }) => ratio)).toEqual([4]);
    const machine = { date: '2026-01-01', load: 0, loadAfter: 0 };
    const text = report({ machine, settings: { rounds: 1, seconds: 1, warmUp: 1 }, ...summary });
    expect(text).toMatch(/\| wrong .*\*\*differ\*\* by 4\.4e-3/);
    expect(text).toMatch(/\| different .*not comparable/);
    expect(text).toContain('does not run: PyTorch is not installed');
  });
});

describe('the workloads', () => {
  interface Workloads {
    readonly workloads: {
      readonly [name: string]: {
        readonly batch: number;
        readonly input: string;
        readonly target: string;
        readonly shape: readonly number[];
        readonly dropped: number;
      };
    };
  }

  it('are what the .nn files say', async () => {
    const { workloads } = await loadBench<Workloads>('peers/workloads.mjs');
    expect(Object.keys(workloads)).toEqual(['w1', 'w2', 'w3', 'w4', 'w5']);
    for (const [name, { batch, input, target, shape, dropped }] of Object.entries(workloads)) {
      const path = `bench/models/${name}.nn`;
      const overrides = new Map(dropped > 0 ? [['dropped', '0']] : []);
      const source = { path, text: readFileSync(path, 'utf8'), library: false };
      const { specification } = compile(source, { programs: ['step'], overrides });
      expect(specification).toMatchObject({
        batch,
        inputs: [{ name: input, shape }],
        targets: [{ name: target, limit: 10 }],
      });
    }
  });
});

describe('the data of a comparison', () => {
  it('is brought into the layout of a library by moving axes', async () => {
    interface Harness {
      transpose(
        tensor: { readonly shape: readonly number[]; readonly data: Float32Array },
        order: readonly number[],
      ): { readonly shape: readonly number[]; readonly data: Float32Array };
    }
    const { transpose } = await loadBench<Harness>('peers/harness.mjs');
    const [a, b, c] = [2, 3, 4];
    const data = Float32Array.from({ length: a * b * c }, (_, i) => i);
    const moved = transpose({ shape: [a, b, c], data }, [2, 0, 1]);
    expect(moved.shape).toEqual([c, a, b]);
    for (let i = 0; i < a; i++)
      for (let j = 0; j < b; j++)
        for (let k = 0; k < c; k++) expect(moved.data[(k * a + i) * b + j]).toBe(data[(i * b + j) * c + k]);
  });
});
