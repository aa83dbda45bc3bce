import { describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts';
import type { Example } from '../../src/cli/commands/predict/forms.ts';
import { examplesOfJson } from '../../src/cli/commands/predict/json.ts';
import { rank } from '../../src/cli/commands/predict/classes.ts';
import { inputForms } from '../../src/runtime/preparation/prepare.ts';
import { probabilitiesOf } from '../../src/runtime/preparation/present.ts';
import type { Port } from '../../src/runtime/specification.ts';
import type { Preprocessing } from '../../src/train/data/prepare/preprocessing.ts';

const pair: Port = { name: 'x', shape: [2], kind: 'real' };
const label: Port = { name: 'token', shape: [], kind: 'class', limit: 5 };

const table: Preprocessing = {
  format: 1,
  source: 'csv',
  inputs: [
    {
      kind: 'table',
      name: 'x',
      columns: [
        { kind: 'number', name: 'age', missing: 40 },
        { kind: 'category', name: 'town', vocabulary: ['Bonn', 'Rome'], encoding: 'one-hot' },
      ],
      others: ['price'],
      normalization: { mean: [30, 0, 0], deviation: [10, 1, 1] },
    },
  ],
  targets: [],
};
const three: Port = { name: 'x', shape: [3], kind: 'real' };
const image: Preprocessing = {
  format: 1,
  source: 'mnist',
  inputs: [
    {
      kind: 'image',
      name: 'x',
      shape: [1, 2],
      resize: false,
      normalization: { mean: [0.5], deviation: [0.25] },
    },
  ],
  targets: [],
};

const shown = (examples: readonly Example[]) =>
  examples.map(({ where, values }) => [where, ...[...values].map(([name, data]) => [name, ...data])]);
const read = (value: unknown, ports: readonly Port[], preprocessing?: Preprocessing) =>
  shown(examplesOfJson(JSON.stringify(value), 'a.json', inputForms(ports, preprocessing)));

function reasonOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof DiagnosticError) return JSON.stringify(error.diagnostics[0]?.args);
    throw error;
  }
  return 'nothing';
}

describe('examples in JSON', () => {
  it('are one, by its numbers or by name, or several', () => {
    expect(read([1, 2], [pair])).toEqual([['a.json', ['x', 1, 2]]]);
    expect(read({ x: [[1], [2]] }, [pair])).toEqual([['a.json', ['x', 1, 2]]]);
    const two = [
      ['a.json, example 1', ['x', 1, 2]],
      ['a.json, example 2', ['x', 3, 4]],
    ];
    expect(
      read(
        [
          [1, 2],
          [3, 4],
        ],
        [pair],
      ),
    ).toEqual(two);
    expect(read([{ x: [1, 2] }, { x: [3, 4] }], [pair])).toEqual(two);
    expect(
      read(
        {
          x: [
            [1, 2],
            [3, 4],
          ],
          token: [0, 4],
        },
        [pair, label],
      ),
    ).toEqual([
      ['a.json, example 1', ['x', 1, 2], ['token', 0]],
      ['a.json, example 2', ['x', 3, 4], ['token', 4]],
    ]);
  });

  it('may stand a line each', () => {
    expect(shown(examplesOfJson('[1,2]\n[3,4]\n', 'a.jsonl', inputForms([pair], undefined)))).toEqual([
      ['a.jsonl, line 1', ['x', 1, 2]],
      ['a.jsonl, line 2', ['x', 3, 4]],
    ]);
  });

  it('are prepared as the training data was', () => {
    expect(read({ town: 'Rome', age: 50 }, [three], table)).toEqual([['a.json', ['x', 2, 0, 1]]]);
    expect(read(['', 'Bonn'], [three], table)).toEqual([['a.json', ['x', 1, 1, 0]]]);
    expect(read([255, 0], [pair], image)).toEqual([['a.json', ['x', 2, -2]]]);
  });

  it('say what is wrong with them', () => {
    expect(reasonOf(() => read([1, 2, 3], [pair]))).toContain('it has 3 elements, and [2] takes 2');
    expect(reasonOf(() => read({ y: [1, 2] }, [pair]))).toContain('the model has no such input; it has x');
    expect(reasonOf(() => read({ x: [1, 2] }, [pair, label]))).toContain('it is missing');
    expect(reasonOf(() => read({ x: [1, 2], token: 5 }, [pair, label]))).toContain(
      '5 is no whole number from 0 to 4',
    );
    expect(reasonOf(() => read(['a', 2], [pair]))).toContain('element 1 is \\"a\\", which is no number');
    expect(reasonOf(() => read({ age: 1, town: 'Oslo' }, [three], table))).toContain(
      'which is none of Bonn, Rome',
    );
    // an empty cell has a stand-in; a column that is not there is a mistake
    expect(read({ age: null, town: 'Rome' }, [three], table)).toEqual([['a.json', ['x', 1, 0, 1]]]);
    expect(reasonOf(() => read({ agee: 50, town: 'Rome' }, [three], table))).toContain(
      'it is missing; is it what the row calls `agee`?',
    );
    expect(reasonOf(() => read({ age: 50, town: 'Rome', twon: 'Rome' }, [three], table))).toContain(
      'the training data has no such column; did you mean `town`?',
    );
    // the training data's other columns may stand in a row
    expect(read({ age: 50, town: 'Rome', price: 9 }, [three], table)).toEqual([['a.json', ['x', 2, 0, 1]]]);
    expect(reasonOf(() => read([256, 0], [pair], image))).toContain('256 is no pixel; they go from 0 to 255');
    expect(reasonOf(() => read([], [pair]))).toContain('it holds no example');
    expect(reasonOf(() => examplesOfJson('{', 'a.json', inputForms([pair], undefined)))).toContain('a.json');
    expect(
      reasonOf(() =>
        read(
          {
            x: [
              [1, 2],
              [3, 4],
            ],
            token: [0],
          },
          [pair, label],
        ),
      ),
    ).toContain('it has 1 examples, and x 2');
  });
});

describe('probabilities', () => {
  it('come of scores and of log-probabilities by softmax, and stay what they are', () => {
    const p = [0.5, 0.25, 0.25];
    const close = (rows: readonly Float64Array[]) =>
      rows[0]?.forEach((value, i) => expect(value).toBeCloseTo(p[i] ?? NaN, 6));
    close(probabilitiesOf([Float32Array.from(p, Math.log)], 'scores'));
    close(probabilitiesOf([Float32Array.from(p, (value) => 7 + Math.log(value))], undefined));
    close(probabilitiesOf([Float32Array.from(p)], undefined));
    close(probabilitiesOf([Float32Array.from(p)], 'probabilities'));
  });

  it('are ranked, of equal ones the lower class first', () => {
    expect(rank(Float64Array.of(0.25, 0.5, 0.25), 2, ['a', 'b', 'c'])).toEqual([
      { class: 1, name: 'b', probability: 0.5 },
      { class: 0, name: 'a', probability: 0.25 },
    ]);
  });
});
