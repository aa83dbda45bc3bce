// Metrics that are no means of what each example has: against plain loops over all examples, on every target, however the examples
// are cut into batches.
import { expect, it } from 'vitest';
import { describeOnEveryTarget, modelOn } from '../codegen/every-target.ts';
import { mergeStatistics } from '../../src/runtime/statistics.ts';
import { MetricMeans } from '../../src/train/loop/metrics.ts';
import { evaluateExamples } from '../../src/train/loop/evaluation.ts';
import { compile } from '../../src/compile.ts';
import { numbersFrom } from '../ops/tensors.ts';

const classes = 4;
const text = `model M {
  input  scores: [${classes}]
  target label: class(${classes})
  param gain: [] = ones
  output gain * scores
  loss      CrossEntropy
  optimizer SGD(lr = 0)
  metrics   accuracy, confusion_matrix, precision, recall, f1, spread(2)
  train { batch = 5 }
}
// A user's own: the deviation of the scores, over all examples and classes, times a factor.
metric spread(factor: float) (scores: [K], label: class(K)) {
  return scores
  overall (first) {
    return factor * sqrt(mean(variance(first)) + mean((first - mean(first))^2))
  }
}`;

const random = numbersFrom(3);
const count = 23;
// Class 3 never occurs and is never found; class 2 is found but never occurs.
const scores = Array.from({ length: count }, () =>
  Array.from({ length: classes }, (_, k) => (k === 3 ? -9 : random() * 2 - 1)),
);
const labels = Array.from({ length: count }, () => Math.floor(random() * 2));
const arrays = { scores: Float32Array.from(scores.flat()), label: Float32Array.from(labels) };

const matrix = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
scores.forEach((row, i) => {
  const found = row.indexOf(Math.max(...row));
  const counts = matrix[labels[i] ?? 0] ?? [];
  counts[found] = (counts[found] ?? 0) + 1;
});
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const truth = matrix.map(sum);
const found = truth.map((_, k) => sum(matrix.map((row) => row[k] ?? 0)));
const hits = truth.map((_, k) => matrix[k]?.[k] ?? 0);
const occur = truth.map((_, k) => k).filter((k) => (truth[k] ?? 0) + (found[k] ?? 0) > 0);
const macro = (share: (k: number) => number) => sum(occur.map(share)) / occur.length;
const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b);
const at = (values: readonly number[], k: number) => values[k] ?? 0;
const all = [...arrays.scores];
const meanOf = (values: readonly number[]) => sum(values) / values.length;

const expected = {
  accuracy: sum(hits) / count,
  precision: macro((k) => ratio(at(hits, k), at(found, k))),
  recall: macro((k) => ratio(at(hits, k), at(truth, k))),
  f1: macro((k) => ratio(2 * at(hits, k), at(truth, k) + at(found, k))),
  'spread(2)': 2 * Math.sqrt(meanOf(all.map((v) => v * v)) - meanOf(all) ** 2),
};

describeOnEveryTarget('metrics over all examples', (target) => {
  it('agree with loops over the examples', async () => {
    const model = await modelOn(target, text);
    const { metrics, statistics } = await model.evaluate(arrays);
    for (const [name, value] of Object.entries(expected)) expect(metrics[name], name).toBeCloseTo(value, 5);
    expect(metrics['confusion_matrix']).toEqual({
      shape: [classes, classes],
      data: Float32Array.from(matrix.flat()),
    });
    expect(Object.keys(statistics)).toContain('f1.hits');
    expect(Object.keys(statistics)).not.toContain('f1');
    await model.destroy();
  });

  it('are those of the batch in a training step, and of all batches from the means', async () => {
    const model = await modelOn(target, text);
    const part = (from: number) => ({
      scores: arrays.scores.slice(from * classes, (from + 5) * classes),
      label: arrays.label.slice(from, from + 5),
    });
    const steps = [await model.step(part(0)), await model.step(part(5))];
    const both = await model.evaluate({
      scores: arrays.scores.slice(0, 10 * classes),
      label: arrays.label.slice(0, 10),
    });
    expect(steps[0]?.metrics['f1']).toBeCloseTo(Number((await model.evaluate(part(0))).metrics['f1']), 5);
    const merged = mergeStatistics(
      model.specification,
      steps.map(({ statistics }) => ({ statistics, count: 5 })),
    );
    const joined = await model.metrics(merged, 10);
    expect(joined['f1']).toBeCloseTo(Number(both.metrics['f1']), 5);
    expect(joined['spread(2)']).toBeCloseTo(Number(both.metrics['spread(2)']), 5);
    expect(joined['confusion_matrix']).toEqual(both.metrics['confusion_matrix']);
    await model.destroy();
  });
});

it('r2 is one minus the share of the variance that is left, feature by feature', async () => {
  const model = await modelOn(
    'interpreter',
    `model R {
      input  x: [2]
      target t: [2]
      param gain: [] = ones
      output gain * x
      loss      MSE
      optimizer SGD(lr = 0)
      metrics   r2
      train { batch = 3 }
    }`,
  );
  const t = Array.from({ length: 14 }, () => 3 * random() + 1);
  const x = t.map((value) => value + 0.4 * random() - 0.2);
  const each = [0, 1].map((feature) => {
    const expectedValues = t.filter((_, i) => i % 2 === feature);
    const values = x.filter((_, i) => i % 2 === feature);
    const mean = meanOf(expectedValues);
    const error = sum(values.map((value, i) => (value - at(expectedValues, i)) ** 2));
    return 1 - error / sum(expectedValues.map((value) => (value - mean) ** 2));
  });
  const { metrics } = await model.evaluate({ x, t });
  expect(metrics['r2']).toBeCloseTo(meanOf(each), 4);
  expect(await model.evaluate({ x: t, t }).then((same) => same.metrics['r2'])).toBeCloseTo(1, 5);
  await model.destroy();
});

it('a metric whose examples all have the same value is one', async () => {
  const model = await modelOn(
    'interpreter',
    `model R {
      input  x: [2]
      target t: [2]
      net { Linear(2) }
      loss      MSE
      optimizer SGD
      metrics   one
      train { batch = 3 }
    }
    metric one (y: [...], expected: [...]) = 1 + 0 * mean(mean(y, axis = batch))`,
  );
  const { metrics } = await model.evaluate({ x: [1, 2, 3, 4], t: [1, 2, 3, 4] });
  expect(metrics['one']).toBe(1);
  await model.destroy();
});

// An air pressure, and values of which a variance from means of squares would leave nothing.
const far = [
  { mean: 101_325, deviation: 50 },
  { mean: 20_000, deviation: 1 },
  { mean: -1e6, deviation: 8 },
] as const;

const farText = `model F {
  input  x: [2]
  target t: [2]
  param gain: [] = ones
  output gain * x
  loss      MSE
  optimizer SGD(lr = 0)
  metrics   r2, correlation
  train { batch = 8 }
}
metric correlation (y: [...], expected: [...]) {
  return y, expected
  overall (y, expected) {
    return mean(covariance(y, expected) / sqrt(variance(y) * variance(expected)))
  }
}`;

/** A drift from batch to batch, so that the means of the batches differ; x errs by half a deviation. */
function farValues({ mean, deviation }: (typeof far)[number], count: number) {
  const t = Float32Array.from({ length: 2 * count }, (_, i) => {
    return mean + deviation * (2 * random() - 1 + Math.sin(i / 40));
  });
  const x = t.map((value) => value + deviation * (random() - 0.5));
  const each = [0, 1].map((feature) => {
    const [a, b] = [x, t].map((values) => [...values].filter((_, i) => i % 2 === feature)) as [
      number[],
      number[],
    ];
    const centered = (values: readonly number[]) => values.map((value) => value - meanOf(values));
    const [da, db] = [centered(a), centered(b)];
    const product = (left: readonly number[], right: readonly number[]) =>
      sum(left.map((value, i) => value * at(right, i)));
    return {
      r2: 1 - sum(a.map((value, i) => (value - at(b, i)) ** 2)) / product(db, db),
      correlation: product(da, db) / Math.sqrt(product(da, da) * product(db, db)),
    };
  });
  return { x, t, r2: meanOf(each.map(({ r2 }) => r2)), correlation: meanOf(each.map((e) => e.correlation)) };
}

describeOnEveryTarget('variances where the mean is large', (target) => {
  it.each(far)('r2 and a correlation of $mean ± $deviation keep their digits', async (place) => {
    const model = await modelOn(target, farText);
    const { x, t, r2, correlation } = farValues(place, 43);
    const { metrics } = await model.evaluate({ x, t });
    expect(metrics['r2']).toBeCloseTo(r2, 3);
    expect(metrics['correlation']).toBeCloseTo(correlation, 3);
    await model.destroy();
  });

  it('the metrics of an epoch are those of its examples, with a checkpoint in between', async () => {
    const model = await modelOn(target, farText);
    const { x, t, r2, correlation } = farValues(far[0], 48);
    let means = new MetricMeans(model.specification.metrics);
    for (let step = 0; step < 6; step++) {
      const part = (values: Float32Array) => values.subarray(step * 16, (step + 1) * 16);
      if (step === 4)
        means = new MetricMeans(
          model.specification.metrics,
          JSON.parse(JSON.stringify(means.sums())) as ReturnType<MetricMeans['sums']>,
          step,
        );
      means.add((await model.step({ x: part(x), t: part(t) })).statistics, 1);
    }
    const metrics = await means.metrics(model, 48);
    expect(metrics.get('r2')).toBeCloseTo(r2, 3);
    expect(metrics.get('correlation')).toBeCloseTo(correlation, 3);
    await model.destroy();
  });
});

it('an evaluation in several pieces has the variance of all of them', async () => {
  const model = await modelOn('interpreter', farText);
  const count = 1_300;
  const { x, t, r2 } = farValues(far[1], count);
  const examples = {
    count,
    slice: (start: number, end: number) => ({
      x: x.subarray(2 * start, 2 * end),
      t: t.subarray(2 * start, 2 * end),
    }),
  };
  const found = await evaluateExamples(model, examples, new AbortController().signal);
  expect(found?.metrics.get('r2')).toBeCloseTo(r2, 3);
  await model.destroy();
});

it('a variance from means of squares gets a warning where it is written, and r2 none', () => {
  const warningsOf = (overall: string, metrics = 'spread') =>
    compile({
      path: 'm.nn',
      library: false,
      text: `model M {
  input  x: [2]
  target t: [2]
  net { Linear(2) }
  loss      MSE
  optimizer SGD
  metrics   ${metrics}
}
metric spread (y: [...], expected: [...]) {
  return y, y^2, expected, y * expected
  overall (first, second, other, product) { return mean(${overall}) }
}`,
    }).diagnostics.map(({ code, span }) => `${code} ${span && span.source.text.slice(span.start, span.end)}`);
  expect(warningsOf('second - first^2')).toEqual(['overall.digits second - first^2']);
  expect(warningsOf('second - first * first')).toEqual(['overall.digits second - first * first']);
  expect(warningsOf('product - first * other')).toEqual(['overall.digits product - first * other']);
  expect(warningsOf('variance(first)')).toEqual([]);
  expect(warningsOf('variance(first)', 'r2')).toEqual([]);
});
