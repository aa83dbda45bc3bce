// Forecasts beside the naive ones: which earlier value is repeated, and what the errors are.
import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile.ts';
import type { Evaluation } from '../../../src/runtime/model.ts';
import { slice } from '../../../src/train/data/feed/batches.ts';
import { ForecastScore } from '../../../src/train/forecast/forecast-score.ts';
import { recordForecast, showForecast } from '../../../src/train/forecast/text.ts';
import type { Dataset } from '../../../src/train/data/dataset.ts';
import { folderOf, load } from '../data/small-data.ts';

async function dataOf(text: string, data: string, shapes: { past: string; next: string }) {
  const source = `model M {
    input past: ${shapes.past}
    target next: ${shapes.next}
    net { Flatten  Linear(2) }
    output again = Flatten(past) -> Linear(2)
    loss MSE
    optimizer SGD
    data ${data}
  }`.replace(/net \{.*\}\n/, '');
  const { specification } = compile({ path: 'm.nn', text: source, library: false }, {});
  const folder = await folderOf({ 'a.csv': text });
  const { data: setting } = specification;
  if (!setting) throw new Error(data);
  return { specification, dataset: await load(setting, { folder }, specification) };
}

/** An evaluation of two examples at a time, with these answers. */
function scored(
  specification: ConstructorParameters<typeof ForecastScore>[0],
  dataset: Dataset,
  answer: (truth: number) => number,
) {
  const score = new ForecastScore(specification, dataset);
  const split = dataset.test ?? dataset.train;
  for (let first = 0; first < split.count; first += 2) {
    const arrays = slice(split, first, Math.min(split.count, first + 2));
    const truth = arrays['next'] ?? new Float32Array();
    const data = truth.map(answer);
    const count = Math.min(2, split.count - first);
    const found: Evaluation = {
      loss: 0,
      losses: new Float32Array(count),
      count,
      metrics: {},
      statistics: {},
      outputs: { again: { data, shape: [count, data.length / count] } },
    };
    score.add(dataset.test ? 'test' : 'train', first, arrays, found);
  }
  return score.result();
}

describe('forecasts beside the naive ones', () => {
  // v: 0 1 4 9 16 25 36 …
  const squares = `t,v\n${Array.from({ length: 12 }, (_, i) => `${2000 + i},${i * i}`).join('\n')}\n`;
  const shapes = { past: '[3]', next: '[2]' };

  it('repeat the last value, or the one a period earlier', async () => {
    const data = 'csv("a.csv", time = "t", target = "v", window = 3, horizon = 2, period = 3)';
    const { specification, dataset } = await dataOf(squares, data, shapes);
    const result = scored(specification, dataset, (truth) => truth + 2);
    expect(result?.examples).toBe(8);
    expect(result?.model).toEqual({ meanAbsolute: 2, rootMeanSquared: 2 });
    const starts = Array.from({ length: 8 }, (_, row) => row);
    const errors = (earlier: readonly number[]) =>
      starts.flatMap((row) =>
        earlier.map((rows, step) => (row + 3 + step) ** 2 - (row + 3 + step - rows) ** 2),
      );
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const naive = errors([1, 2]);
    expect(result?.naive.meanAbsolute).toBeCloseTo(mean(naive), 10);
    expect(result?.naive.rootMeanSquared).toBeCloseTo(Math.sqrt(mean(naive.map((e) => e * e))), 10);
    expect(result?.seasonal?.meanAbsolute).toBeCloseTo(mean(errors([3, 3])), 10);
    expect(result?.steps[0]?.naive).toBeCloseTo(mean(naive.filter((_, i) => i % 2 === 0)), 10);
    const [curve] = result?.curves ?? [];
    expect(curve?.times.slice(0, 2)).toEqual([2003, 2004]);
    expect(curve?.actual.slice(0, 2)).toEqual([9, 16]);
    expect(curve?.forecast.slice(0, 2)).toEqual([11, 18]);
    expect(curve?.naive.slice(0, 2)).toEqual([4, 9]);
  });

  it('are of the test part, and repeat the last of several periods', async () => {
    const data = 'csv("a.csv", time = "t", target = "v", window = 1, horizon = 2, period = 1, test = 0.4)';
    const { specification, dataset } = await dataOf(squares, data, { past: '[1]', next: '[2]' });
    const result = scored(specification, dataset, (truth) => truth);
    expect([result?.part, result?.examples, result?.model.meanAbsolute]).toEqual(['test', 3, 0]);
    expect(result?.seasonal).toEqual(result?.naive);
  });

  it('have a curve for each group', async () => {
    const text = `g,v\n${Array.from({ length: 12 }, (_, i) => `${i < 7 ? 'a' : 'b'},${i * i}`).join('\n')}\n`;
    const data = 'csv("a.csv", group = "g", target = "v", window = 2, horizon = 2)';
    const { specification, dataset } = await dataOf(text, data, { past: '[2]', next: '[2]' });
    const result = scored(specification, dataset, () => NaN);
    expect(result?.curves.map(({ group, actual }) => [group, actual])).toEqual([
      ['a', [4, 9, 16, 25]],
      ['b', [81, 100]],
    ]);
    expect(result?.timeKind).toBe('row');
  });

  it('are none of zeros and ones, of rows, or of pictures', async () => {
    const binary = `v\n${'0\n1\n1\n'.repeat(5)}`;
    const windows = await dataOf(binary, 'csv("a.csv", target = "v", window = 3, horizon = 2)', shapes);
    expect(scored(windows.specification, windows.dataset, () => 0.5)).toBeUndefined();
    const table = 'x,y,z\n1,2,3\n3,4,5\n';
    const rows = await dataOf(table, 'csv("a.csv", target = ["y", "z"])', { past: '[1]', next: '[2]' });
    expect(scored(rows.specification, rows.dataset, () => 0)).toBeUndefined();
  });

  it('are said in one line', () => {
    const errors = (meanAbsolute: number) => ({ meanAbsolute, rootMeanSquared: 2 * meanAbsolute });
    const record = recordForecast({
      part: 'test',
      examples: 9,
      column: 'v',
      model: errors(3),
      naive: errors(4),
      seasonal: errors(2),
      period: 12,
      steps: [],
      curves: [],
      timeKind: 'row',
    });
    expect(record).toEqual({
      part: 'test',
      examples: 9,
      mean_absolute_error: 3,
      root_mean_squared_error: 6,
      naive: { mean_absolute_error: 4, root_mean_squared_error: 8 },
      seasonal: { period: 12, mean_absolute_error: 2, root_mean_squared_error: 4 },
    });
    expect(showForecast(record)).toBe(
      "mean absolute error 3.000 (test); naive 4.000, the model's is 25 % less; seasonal naive (12 rows) 2.000, the model's is 50 % more",
    );
  });
});
