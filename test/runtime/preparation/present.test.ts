import { describe, expect, it } from 'vitest';
import type { TargetForm } from '../../../src/runtime/preparation/form.ts';
import { present, presentationOf } from '../../../src/runtime/preparation/present.ts';
import type { ModelSpecification } from '../../../src/runtime/specification.ts';

type Ports = Pick<ModelSpecification, 'outputs' | 'targets' | 'scores'>;
const kind = { name: 'kind', shape: [], kind: 'class', limit: 3 } as const;
const price = { name: 'price', shape: [2], kind: 'real' } as const;

describe('outputs as values of the data', () => {
  it('are classes with their names and probabilities', () => {
    const ports: Ports = { targets: [kind], outputs: [{ name: 'output', shape: [3] }], scores: 'scores' };
    const forms: TargetForm[] = [{ name: 'kind', kind: 'class', classes: ['a', 'b', 'c'] }];
    const data = Float32Array.of(0, Math.log(2), 0, 0.25, 0.25, 0.5);
    const outputs = { output: { shape: [2, 3], data } };
    const [first, second] = present(presentationOf(ports, forms), outputs);
    expect(first).toMatchObject({ class: 1, name: 'b' });
    [0.25, 0.5, 0.25].forEach((p, i) => expect(first?.probabilities?.[i]).toBeCloseTo(p, 6));
    // scores, although they could be probabilities
    expect(second?.class).toBe(2);
    expect(second?.probabilities?.[2]).toBeCloseTo(Math.exp(0.5) / (Math.exp(0.5) + 2 * Math.exp(0.25)), 6);
    const given = present(presentationOf({ ...ports, scores: 'probabilities' }), outputs)[1];
    expect([...(given?.probabilities ?? [])]).toEqual([0.25, 0.25, 0.5]);
    expect(given?.name).toBeUndefined();
  });

  it('are numbers by their columns', () => {
    const ports: Ports = {
      targets: [price, kind],
      outputs: [
        { name: 'hidden', shape: [5] },
        { name: 'worth', shape: [2] },
        { name: 'scores', shape: [3] },
      ],
    };
    const forms: TargetForm[] = [
      { name: 'price', kind: 'number', columns: ['low', 'high'] },
      { name: 'kind', kind: 'class' },
    ];
    const [found] = present(presentationOf(ports, forms), {
      hidden: { shape: [1, 5], data: new Float32Array(5) },
      worth: { shape: [1, 2], data: Float32Array.of(376_088, -1) },
      scores: { shape: [1, 3], data: Float32Array.of(1, 0, 0) },
    });
    expect(found?.values).toEqual({ low: 376_088, high: -1 });
    expect([...(found?.outputs['worth'] ?? [])]).toEqual([376_088, -1]);
    expect(found?.class).toBe(0);
    expect(found?.outputs['hidden']).toHaveLength(5);
  });
});
