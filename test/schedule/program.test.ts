import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Node, Phase } from '../../src/ir/graph/type.ts';
import type { BufferId, KernelProgram } from '../../src/ir/stages/type.ts';
import { fuse } from '../../src/kernel/fuse/fuse.ts';
import { lower } from '../../src/kernel/lower.ts';
import { estimateMemory, lifetimes, plan, type MemoryPlan } from '../../src/kernel/plan.ts';
import { zeros } from './fuse/fusing.ts';

const choices = fc.array(fc.nat(1000), { minLength: 4, maxLength: 80 });

describe('plan', () => {
  it('never lets two buffers that are alive together overlap', () => {
    fc.assert(
      fc.property(choices, (drawn) => {
        const program = randomChain(drawn);
        const memory = plan(program);
        expect(overlaps(program, memory)).toEqual([]);
        for (const offset of memory.offsets.values()) expect(offset % 64).toBe(0);
      }),
    );
  });

  it('stays close to the most that is alive at a time', () => {
    const ratios = Array.from({ length: 50 }, (_, seed) => {
      const program = randomChain(
        Array.from({ length: 60 }, (_, i) => (seed * 7919 + i * i * 104729) % 1009),
      );
      return plan(program).arenaBytes / mostAlive(program);
    });
    expect(Math.min(...ratios)).toBeGreaterThanOrEqual(1);
    expect(ratios.reduce((sum, ratio) => sum + ratio) / ratios.length).toBeLessThan(1.08);
  });

  it('uses two buffers for a chain of any length', () => {
    const g = new GraphBuilder('chain');
    let x = g.input('x', 'input', [16, 16]);
    for (let i = 0; i < 20; i++) x = g.contract(x, [0, 1], x, [2, 1], [0, 2]);
    g.output('y', x);
    expect(plan(fuse(lower(g.finish()))).arenaBytes).toBe(2 * 16 * 16 * 4);
  });

  it('keeps outputs and what updates hold until the end', () => {
    const g = new GraphBuilder('step');
    const x = g.input('x', 'input', [32]);
    const first = g.exp(x);
    g.output('first', first);
    const second = g.exp(first);
    g.output('third', g.reshape(g.exp(second), [4, 8]));
    const program = fuse(lower(g.finish()));
    const offsets = [...plan(program).offsets.values()];
    expect(new Set(offsets).size).toBe(offsets.length);
    expect(offsets).toHaveLength(2);
  });

  describe('updates in place', () => {
    const inPlace = (build: (g: GraphBuilder, w: Node, v: Node) => void) => {
      const g = new GraphBuilder('step');
      g.phase = 'update';
      const [w, v] = ['w', 'v'].map((path) => g.stored(path, 'parameter', [4, 6], zeros));
      if (!w || !v) throw new Error('no leaves');
      build(g, w, v);
      const program = fuse(lower(g.finish()));
      const names = (id: BufferId) => program.buffers[id]?.name ?? '';
      const memory = plan(program);
      for (const buffer of memory.inPlace.keys()) expect(memory.offsets.has(buffer)).toBe(false);
      return Object.fromEntries([...memory.inPlace].map(([from, to]) => [names(from), names(to)]));
    };

    it('where each element is read by its own update alone', () => {
      const found = inPlace((g, w, v) => {
        const velocity = g.add(g.multiply(v, 0.9), g.input('g', 'input', [4, 6]));
        g.update(v, velocity);
        g.update(w, g.subtract(w, g.multiply(velocity, 0.1)));
      });
      expect(found).toEqual({ 'v.new': 'v', 'w.new': 'w' });
    });

    it('where a contraction reads the old value in its epilogue', () => {
      const found = inPlace((g, w) => {
        const [x, dy] = [g.input('x', 'input', [8, 6]), g.input('dy', 'input', [8, 4])];
        g.update(w, g.subtract(w, g.contract(dy, [0, 1], x, [0, 2], [1, 2])));
      });
      expect(found).toEqual({ 'w.new': 'w' });
    });

    it('where the old value is read under another shape at the same place', () => {
      const found = inPlace((g, w) => {
        const flat = g.multiply(g.reshape(w, [24]), g.input('s', 'input', [24]));
        g.update(w, g.reshape(flat, [4, 6]));
      });
      expect(Object.values(found)).toEqual(['w']);
    });

    it('not where an element is read at another place, or summed over', () => {
      expect(inPlace((g, w) => g.update(w, g.apply('reverse', [g.exp(w)], { axes: [0] })))).toEqual({});
      expect(
        inPlace((g, w) => g.update(w, g.subtract(w, g.broadcast(g.sum(g.exp(w), [0]), [4, 6], [1])))),
      ).toEqual({ 'w.new': 'w' });
      const scaled = inPlace((g, w) => {
        const x = g.input('x', 'input', [4, 6, 3]);
        g.update(w, g.contract(w, [0, 1], x, [0, 1, 2], [0, 1]));
      });
      expect(scaled).toEqual({});
      expect(inPlace((g, w) => g.update(w, g.apply('cumulative_sum', [w], { axis: 1 })))).toEqual({});
    });

    it('not where a later kernel reads the old value', () => {
      const found = inPlace((g, w, v) => {
        g.update(w, g.multiply(v, 2));
        g.update(v, g.multiply(w, 3));
      });
      expect(Object.keys(found)).toHaveLength(1);
    });

    it('not where the new value leaves the program', () => {
      const found = inPlace((g, w) => {
        const next = g.multiply(w, 2);
        g.update(w, next);
        g.output('w', next);
      });
      expect(found).toEqual({});
    });
  });
});

describe('estimateMemory', () => {
  it('accounts for the arena, the inputs and what is stored', () => {
    const g = new GraphBuilder('step');
    const x = g.input('x', 'input', [16, 16]);
    const w = g.stored('w', 'parameter', [16, 16], zeros);
    g.stored('w#v', 'state', [16, 16], zeros);
    const y = g.exp(g.contract(x, [0, 1], w, [2, 1], [0, 2]));
    g.phase = 'backward';
    const dw = g.contract(g.multiply(y, y), [0, 2], x, [0, 1], [2, 1]);
    g.output('y', y);
    g.output('dw', dw);
    const program = lower(g.finish());
    const memory = plan(program);
    const kilobyte = 16 * 16 * 4;
    const estimate = estimateMemory(program, memory);
    expect(estimate).toEqual({
      parameters: kilobyte,
      states: kilobyte,
      gradients: 2 * kilobyte,
      activations: 2 * kilobyte,
    });
    expect(estimate.gradients + estimate.activations).toBe(memory.arenaBytes + kilobyte);
  });
});

function overlaps(program: KernelProgram, { offsets, inPlace }: MemoryPlan): readonly string[] {
  const alive = lifetimes(program).filter(({ buffer }) => !inPlace.has(buffer));
  return alive.flatMap((a, i) =>
    alive.slice(i + 1).flatMap((b) => {
      const [from, other] = [offsets.get(a.buffer) ?? NaN, offsets.get(b.buffer) ?? NaN];
      const apart = from + a.bytes <= other || other + b.bytes <= from;
      const together = a.from <= b.to && b.from <= a.to;
      return together && !apart
        ? [`${program.buffers[a.buffer]?.name} and ${program.buffers[b.buffer]?.name}`]
        : [];
    }),
  );
}

function mostAlive(program: KernelProgram): number {
  const alive = lifetimes(program);
  const at = program.kernels.map((_, i) =>
    alive.reduce((sum, { from, to, bytes }) => (from <= i && i <= to ? sum + bytes : sum), 0),
  );
  return Math.max(...at);
}

/** Kernels of many sizes, each reading one or two of those before. */
function randomChain(drawn: readonly number[]): KernelProgram {
  const g = new GraphBuilder('random');
  const nodes = [g.input('x', 'input', [3])];
  drawn.forEach((choice, i) => {
    const phases: readonly Phase[] = ['forward', 'backward'];
    g.phase = phases[Number(i > drawn.length / 2)] ?? 'forward';
    const source = nodes[Math.max(0, nodes.length - 1 - (choice % 7))];
    const other = nodes[choice % nodes.length];
    if (!source || !other) return;
    const size = 1 + (choice % 40) * 17;
    const total = g.add(
      g.sum(
        source,
        source.shape.map((_, axis) => axis),
      ),
      g.sum(
        other,
        other.shape.map((_, axis) => axis),
      ),
    );
    nodes.push(g.broadcast(total, [size], []));
    if (choice % 11 === 0) g.output(`y${i}`, nodes.at(-1) ?? source);
  });
  g.output('last', nodes.at(-1) ?? g.constant(0, []));
  return lower(g.finish());
}
