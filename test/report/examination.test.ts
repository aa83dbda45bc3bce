import { describe, expect, it } from 'vitest';
import type { Evaluation } from '../../src/runtime/model.ts';
import type { ModelSpecification, Port } from '../../src/runtime/specification.ts';
import type { Preprocessing } from '../../src/train/data/prepare/preprocessing.ts';
import { Examiner } from '../../src/report/examination.ts';
import { specification as digits } from '../train/logs/run.ts';

const preprocessing: Preprocessing = {
  format: 1,
  source: 'made',
  inputs: [{ kind: 'array', name: 'image', shape: [4] }],
  targets: [{ name: 'digit', kind: 'class', classes: ['none', 'one', 'two'] }],
};

function found(losses: readonly number[], outputs: readonly number[], width = 3): Evaluation {
  return {
    count: losses.length,
    loss: 0,
    losses: Float32Array.from(losses),
    metrics: {},
    statistics: {},
    outputs: { output: { shape: [losses.length, width], data: Float32Array.from(outputs) } },
  };
}

const images = (count: number) => Float32Array.from({ length: 4 * count }, (_, i) => i);

describe('what a model made of single examples', () => {
  it('counts which class was taken for which, and keeps wrong answers, the worst first', () => {
    const examiner = new Examiner(digits, preprocessing);
    // logits; the second and the fourth are wrong
    const first = [5, 0, 0, 0, 3, 0];
    const second = [0, 0, 2, 9, 0, 0];
    examiner.add('test', 0, { image: images(2), digit: [0, 2] }, found([0.1, 2], first));
    examiner.add('test', 2, { image: images(2), digit: [2, 1] }, found([0.2, 7], second));
    const result = examiner.result();
    expect(result?.confusion).toEqual({
      classes: ['none', 'one', 'two'],
      counts: [
        [1, 0, 0],
        [1, 0, 0],
        [0, 1, 1],
      ],
    });
    expect(result?.examples).toBe(4);
    expect(result?.worst.map(({ index, truth, answer }) => [index, truth, answer])).toEqual([
      [3, 'one', 'none'],
      [1, 'two', 'one'],
    ]);
    expect(result?.worst[0]?.certainty).toBeCloseTo(1 / (1 + 2 * Math.exp(-9)), 6);
    expect(result?.worst[0]?.inputs.get('image')).toEqual(Float32Array.of(4, 5, 6, 7));
  });

  it('keeps so many, whatever order they come in, and a loss that is no number before all', () => {
    const examiner = new Examiner(digits, preprocessing, 3);
    const losses = [3, 9, 1, NaN, 8, 2, 7];
    losses.forEach((loss, i) =>
      examiner.add('test', i, { image: images(1), digit: [1] }, found([loss], [1, 0, 0])),
    );
    expect(examiner.result()?.worst.map(({ loss }) => loss)).toEqual([NaN, 9, 8]);
  });

  it('begins anew with every evaluation, and prefers the test to the validation', () => {
    const examiner = new Examiner(digits, preprocessing);
    const piece = (part: 'validation' | 'test', outputs: readonly number[]) =>
      examiner.add(part, 0, { image: images(1), digit: [1] }, found([1], outputs));
    expect(examiner.result()).toBeUndefined();
    piece('validation', [1, 0, 0]);
    piece('validation', [0, 1, 0]);
    expect(examiner.result()).toMatchObject({ part: 'validation', examples: 1, worst: [] });
    piece('test', [0, 0, 1]);
    piece('validation', [0, 1, 0]);
    expect(examiner.result()).toMatchObject({ part: 'test', examples: 1 });
  });

  it('reads classes given as a vector with a one, and shares as they are', () => {
    const target: Port = { name: 'digit', shape: [3], kind: 'real' };
    const examiner = new Examiner({ ...digits, targets: [target] }, preprocessing);
    examiner.add('test', 0, { image: images(1), digit: [0, 0, 1] }, found([1], [0.2, 0.7, 0.1]));
    expect(examiner.result()?.worst).toMatchObject([{ truth: 'two', answer: 'one' }]);
    expect(examiner.result()?.worst[0]?.certainty).toBeCloseTo(0.7);
  });

  it('of numbers gives the largest losses with truth and answer', () => {
    const model: ModelSpecification = {
      ...digits,
      targets: [{ name: 'price', shape: [], kind: 'real' }],
      outputs: [{ name: 'output', shape: [1] }],
    };
    const data: Preprocessing = { ...preprocessing, targets: [{ name: 'price', kind: 'number' }] };
    const examiner = new Examiner(model, data);
    examiner.add('test', 0, { image: images(2), price: [1.5, -2] }, found([0.5, 4], [1, 7.25], 1));
    const result = examiner.result();
    expect(result?.confusion).toBeUndefined();
    expect(result?.worst.map(({ truth, answer }) => [truth, answer])).toEqual([
      ['-2.000', '7.250'],
      ['1.500', '1.000'],
    ]);
  });
});
