import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { interpret } from '../../src/ir/stages/interpret.ts';
import { lower } from '../../src/kernel/lower.ts';

const zeros = { kind: 'fill', value: 0 } as const;

describe('lower', () => {
  it('makes a kernel for each node and names buffers after paths, names and operations', () => {
    const g = new GraphBuilder('step');
    const x = g.input('image', 'input', [2, 3]);
    g.origin = { path: 'linear_1' };
    const w = g.stored('linear_1.W', 'parameter', [4, 3], zeros);
    const y = g.rename(g.contract(x, [0, 2], w, [1, 2], [0, 1]), 'linear_1.y');
    g.exp(y);
    g.exp(y);
    g.phase = 'backward';
    g.exp(y);
    const program = lower(g.finish());
    expect(program.buffers.map((buffer) => buffer.name)).toEqual([
      'image',
      'linear_1.W',
      'linear_1.y',
      'linear_1.exp',
      'linear_1.exp_2',
      'd_linear_1.exp',
    ]);
    expect(program.kernels.map((kernel) => kernel.output)).toEqual([2, 3, 4, 5]);
  });

  it('keeps the exact names of inputs although a stored tensor has the same', () => {
    const g = new GraphBuilder('forward');
    g.output('y', g.multiply(g.stored('A', 'parameter', [2], zeros), g.input('A', 'input', [2])));
    const program = lower(g.finish());
    const bindings = { inputs: new Map([['A', [2, 3]]]), stored: new Map([['A', [5, 7]]]) };
    expect([...(interpret(program, bindings).outputs.get('y') ?? [])]).toEqual([10, 21]);
  });

  it('makes aliases of reshapes, flattened to their root', () => {
    const g = new GraphBuilder('forward');
    const y = g.exp(g.input('x', 'input', [2, 6]));
    g.output('y', g.reshape(g.reshape(y, [3, 4]), [12]));
    const program = lower(g.finish());
    expect(program.buffers.map(({ name, alias }) => [name, alias])).toEqual([
      ['x', undefined],
      ['exp', undefined],
      ['reshape', 1],
      ['y', 1],
    ]);
  });

  it('copies what the graph hands out without computing it', () => {
    const g = new GraphBuilder('step');
    const [a, b] = ['a', 'b'].map((path) => g.stored(path, 'state', [2], zeros));
    if (!a || !b) throw new Error('no leaves');
    g.update(a, b);
    g.update(b, a);
    g.output('x', g.reshape(g.input('x', 'input', [2]), [2, 1]));
    const program = lower(g.finish());
    const run = interpret(program, {
      inputs: new Map([['x', [1, 2]]]),
      stored: new Map([
        ['a', [3, 4]],
        ['b', [5, 6]],
      ]),
    });
    expect(run.stored.get('a')).toEqual(Float64Array.of(5, 6));
    expect(run.stored.get('b')).toEqual(Float64Array.of(3, 4));
    expect(run.outputs.get('x')).toEqual(Float64Array.of(1, 2));
    for (const { value } of program.updates) expect(program.buffers[value]?.role.kind).toBe('temporary');
  });
});
