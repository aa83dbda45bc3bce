import { describe, expect, it } from 'vitest';
import { workOf } from '../../src/cli/commands/bench/work.ts';
import { compile } from '../../src/compile.ts';
import { loadBench } from './load.ts';

interface Sizes {
  readonly batch: number;
  readonly width: number;
  readonly depth: number;
}

interface Sweeps {
  readonly sweeps: readonly { readonly points: readonly number[]; sizes(point: number): Sizes }[];
  modelText(sizes: Sizes): string;
  multiplyAdds(sizes: Sizes): number;
}

interface Plot {
  plot(panels: readonly object[], caption: string): string;
}

describe('the scaling sweeps', () => {
  it('count the arithmetic of their models as the kernels hold it', async () => {
    const { modelText, multiplyAdds } = await loadBench<Sweeps>('scaling/sweeps.mjs');
    for (const sizes of [
      { batch: 4, width: 16, depth: 1 },
      { batch: 7, width: 24, depth: 3 },
    ]) {
      const source = { path: 'scaling.nn', text: modelText(sizes), library: false };
      const { specification, programs } = compile(source, { programs: ['step'] });
      expect(specification.batch).toBe(sizes.batch);
      const kernels = programs.get('step')?.kernels;
      if (!kernels) throw new Error('no step');
      const { multiplyAdds: counted } = workOf(kernels.kernels, kernels, new Set());
      // the loss picks the right label, and multiplies nothing
      expect(counted).toBe(multiplyAdds(sizes));
    }
  });

  it('reach from one example to 1024, from 32 to 4096 features, from 1 to 100 layers', async () => {
    const { sweeps } = await loadBench<Sweeps>('scaling/sweeps.mjs');
    const ends = sweeps.map(({ points }) => [points[0], points.at(-1)]);
    expect(ends).toEqual([
      [1, 1024],
      [32, 4096],
      [1, 100],
    ]);
  });
});

interface Point {
  readonly sizes: Sizes;
  readonly threads: number;
  readonly milliseconds: number;
}

interface Explain {
  explain(
    before: Point,
    after: Point,
    caches: readonly { readonly name: string; readonly bytes: number }[],
  ): { readonly growth: number; readonly reason: string | undefined };
}

describe('the reason for a bend', () => {
  const caches = [
    { name: 'L2', bytes: 2 ** 20 },
    { name: 'L3', bytes: 2 ** 25 },
  ];
  const wide = (width: number, milliseconds: number) => ({
    sizes: { batch: 64, width, depth: 2 },
    threads: 1,
    milliseconds,
  });

  it('is none where time grows as the arithmetic does', async () => {
    const { explain } = await loadBench<Explain>('scaling/explain.mjs');
    const { multiplyAdds } = await loadBench<Sweeps>('scaling/sweeps.mjs');
    const [a, b] = [wide(256, 1), wide(512, 1)];
    const time = multiplyAdds(b.sizes) / multiplyAdds(a.sizes);
    const { growth, reason } = explain(a, { ...b, milliseconds: time }, caches);
    expect(growth).toBeCloseTo(1, 9);
    expect(reason).toBeUndefined();
  });

  it('is the cache that is outgrown, or what a small step costs to start, and else none is claimed', async () => {
    const { explain } = await loadBench<Explain>('scaling/explain.mjs');
    expect(explain(wide(128, 0.2), wide(512, 16), caches).reason).toContain('no longer fits into L2');
    expect(explain(wide(32, 0.1), wide(64, 0.12), caches).reason).toContain('does not grow with it');
    expect(explain(wide(32, 0.1), wide(64, 4), caches).reason).toBe('unexplained');
  });
});

describe('the plot', () => {
  it('shows every point inside its panel, at a place that grows with the value', async () => {
    const { plot } = await loadBench<Plot>('scaling/plot.mjs');
    const points = [1, 10, 100, 1000].map((x) => ({ x, y: 0.01 * x }));
    const panel = { title: 'a < b', constant: 'c', curves: [{ name: '1 thread', points }], guide: points };
    const svg = plot([panel, panel], 'caption');
    const places = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]);
    expect(places).toHaveLength(8);
    const [xs, ys] = [places.slice(0, 4).map(([x = 0]) => x), places.slice(0, 4).map(([, y = 0]) => y)];
    const steps = (values: readonly number[]) => values.slice(1).map((value, i) => value - (values[i] ?? 0));
    for (const step of steps(xs)) expect(step).toBeCloseTo((xs[1] ?? 0) - (xs[0] ?? 0), 0);
    for (const step of steps(ys)) expect(step).toBeLessThan(0);
    expect(Math.min(...xs)).toBeGreaterThan(58);
    expect(Math.max(...xs)).toBeLessThan(380);
    expect(svg).toContain('a &lt; b');
    expect(svg).toContain('caption');
  });
});
