import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Node, Phase } from '../../src/ir/graph/type.ts';
import type { BufferId, KernelProgram } from '../../src/ir/stages/type.ts';
import { fuse } from '../../src/kernel/fuse/fuse.ts';
import { lower } from '../../src/kernel/lower.ts';
import { recognize } from '../../src/kernel/recognize/recognize.ts';
import { layOut, mostLive } from '../../src/schedule/arena.ts';
import { wasmFused } from '../../src/schedule/machine/machine.ts';
import { lifetimes } from '../../src/schedule/memory.ts';
import { planProgram } from '../../src/schedule/program.ts';
import { zeros } from '../kernel/fuse/fusing.ts';

const planned = (program: KernelProgram) => planProgram(recognize(program), wasmFused);
const livesOf = (program: KernelProgram) => lifetimes(planned(program).buffers, 0);

const choices = fc.array(fc.nat(1000), { minLength: 4, maxLength: 80 });

describe('the arena', () => {
  it('never lets two buffers that are live together overlap', () => {
    fc.assert(
      fc.property(choices, (drawn) => {
        const lives = livesOf(randomChain(drawn));
        const { offsets } = layOut(lives);
        const placed = lives.map((life) => ({ ...life, start: offsets.get(life.key) ?? NaN }));
        for (const { start } of placed) expect(start % 64).toBe(0);
        const overlapping = placed.flatMap((a, k) =>
          placed.slice(k + 1).filter((b) => {
            const together = a.from <= b.to && b.from <= a.to;
            return together && !(a.start + a.bytes <= b.start || b.start + b.bytes <= a.start);
          }),
        );
        expect(overlapping).toEqual([]);
      }),
    );
  });

  it('stays close to the most that is live at a time', () => {
    const ratios = Array.from({ length: 50 }, (_, seed) => {
      const lives = livesOf(
        randomChain(Array.from({ length: 60 }, (__, k) => (seed * 7919 + k * k * 104729) % 1009)),
      );
      return layOut(lives).bytes / mostLive(lives);
    });
    expect(Math.min(...ratios)).toBeGreaterThanOrEqual(1);
    expect(ratios.reduce((sum, ratio) => sum + ratio) / ratios.length).toBeLessThan(1.08);
  });

  it('uses two buffers for a chain of any length', () => {
    const g = new GraphBuilder('chain');
    let x = g.input('x', 'input', [16, 16]);
    for (let i = 0; i < 20; i++) x = g.contract(x, [0, 1], x, [2, 1], [0, 2]);
    g.output('y', x);
    expect(layOut(livesOf(fuse(lower(g.finish())))).bytes).toBe(2 * 16 * 16 * 4);
  });

  it('keeps outputs and what updates hold until the end', () => {
    const g = new GraphBuilder('step');
    const x = g.input('x', 'input', [32]);
    const first = g.exp(x);
    g.output('first', first);
    const second = g.exp(first);
    g.output('third', g.reshape(g.exp(second), [4, 8]));
    const lives = livesOf(fuse(lower(g.finish())));
    const offsets = [...layOut(lives).offsets.values()];
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
      const found = planned(program);
      return Object.fromEntries(
        [...found.buffers].flatMap(([id, { storage }]) => {
          const { alias } = program.buffers[id] ?? {};
          return storage.kind === 'with' && alias === undefined ? [[names(id), names(storage.buffer)]] : [];
        }),
      );
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

    it('not where an element is read at another place', () => {
      expect(inPlace((g, w) => g.update(w, g.apply('reverse', [g.exp(w)], { axes: [0] })))).toEqual({});
      expect(
        inPlace((g, w) => g.update(w, g.subtract(w, g.broadcast(g.sum(g.exp(w), [0]), [4, 6], [1])))),
      ).toEqual({ 'w.new': 'w' });
      const scaled = inPlace((g, w) => {
        const x = g.input('x', 'input', [4, 6, 3]);
        g.update(w, g.contract(w, [0, 1], x, [0, 1, 2], [0, 1]));
      });
      // each element is read where it is written, before it is
      expect(scaled).toEqual({ 'w.new': 'w' });
      expect(inPlace((g, w) => g.update(w, g.apply('cumulative_sum', [w], { axis: 1 })))).toEqual({});
    });

    it('not where a later loop reads the old value', () => {
      const found = inPlace((g, w, v) => {
        const turned = g.apply('reverse', [w], { axes: [0] });
        g.update(w, g.multiply(v, 2));
        g.update(v, g.multiply(turned, 3));
      });
      expect(Object.keys(found)).toHaveLength(1);
    });

    it('also where loops of one group read old values that each other writes, or the new value leaves the program', () => {
      const swapped = inPlace((g, w, v) => {
        g.update(w, g.multiply(v, 2));
        g.update(v, g.multiply(w, 3));
      });
      expect(swapped).toEqual({ 'w.new': 'w', 'v.new': 'v' });
      const leaving = inPlace((g, w) => {
        const next = g.multiply(w, 2);
        g.update(w, next);
        g.output('w', next);
      });
      expect(leaving).toEqual({ 'w.new': 'w' });
    });
  });
});

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
