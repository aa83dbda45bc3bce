// With `normalize = true` a model learns targets of any size, and everything but its loss is in the data's units.
import { expect, it } from 'vitest';
import { compile } from '../../../src/compile.ts';
import { readCheckpoint, restoreCheckpoint } from '../../../src/train/checkpoint/checkpoint.ts';
import { compileText, openInterpreted, placesIn, runInterpreted, testFolder } from '../interpreted-run.ts';

const priceOf = (a: number, b: number) => 374_588 + 90_000 * a - 40_000 * b;
const rows = Array.from({ length: 60 }, (_, i) => {
  const [a, b] = [((i * 7) % 20) / 10 - 1, ((i * 11) % 30) / 15 - 1];
  return [a, b, priceOf(a, b)] as const;
});
const csv = `a,b,price\n${rows.map((row) => `${row.join(',')}\n`).join('')}`;

const text = (normalize: string, loss = 'MSE') => `model Price {
  input  x: [2]
  target price: [1]
  net { Linear(1) }
  loss      ${loss}
  optimizer Adam(lr = 0.05)
  metrics   r2, mean_absolute_error
  data  csv("t.csv", target = "price"${normalize}, test = 0.2)  // allow(data.target-scale)
  train { epochs = 40  batch = 8  seed = 1  validation = 0.1 }
}`;

const scaled = text(', normalize = true');

it('learns prices as well as their deviations, and says its metrics of prices', async () => {
  const folder = testFolder({ 't.csv': csv });
  const lines: string[] = [];
  const compilation = compileText(scaled);
  const record = await runInterpreted({
    compilation,
    folder,
    changes: { prepared: ({ data }) => void lines.push(data) },
  });
  expect(lines[0]).toMatch(/; the loss is of price in deviations of \d+\.\d from the mean 3\d+\.\d$/);
  // the loss is in squared deviations, the absolute error in the data's units
  expect(record.losses[0]).toBeLessThan(5);
  expect(record.losses[0]).toBeGreaterThan(0.1);
  expect(record.test?.['r2']).toBeGreaterThan(0.999);
  expect(record.history[0]?.['mean_absolute_error']).toBeGreaterThan(10_000);
  expect(record.test?.['mean_absolute_error']).toBeLessThan(3000);
  expect(record.test?.['mean_absolute_error']).toBeGreaterThan(record.test?.['loss'] as number);

  const model = await openInterpreted(compilation);
  await restoreCheckpoint(await readCheckpoint(record.checkpoint ?? ''), model);
  const [mean] = (await model.read('price.mean')).data;
  const [deviation] = (await model.read('price.deviation')).data;
  expect(mean).toBeGreaterThan(340_000);
  expect(deviation).toBeGreaterThan(30_000);
  // predictions and evaluations take and give what the file holds
  const { preprocessing } = (await readCheckpoint(record.checkpoint ?? '')).training;
  expect(JSON.stringify(preprocessing)).not.toContain('price.mean');
  const x = [0, 0];
  const { output } = await model.forward({ x }, { prepared: true });
  const found = await model.evaluate({ x, price: [output?.data[0] ?? NaN] });
  expect(found.loss).toBeCloseTo(0, 6);
  expect(found.metrics['mean_absolute_error']).toBe(0);
  expect(Math.abs((output?.data[0] ?? NaN) - (mean ?? NaN))).toBeLessThan(2 * (deviation ?? NaN));
  const off = await model.evaluate({ x, price: [(output?.data[0] ?? NaN) + 1000] });
  expect(off.metrics['mean_absolute_error']).toBeCloseTo(1000, 0);
  expect(off.loss).toBeCloseTo((1000 / (deviation ?? NaN)) ** 2, 5);
});

it('is not done where the line says so, or the loss does not allow it', async () => {
  const scales = (given: string, changes: (text: string) => string = (same) => same) =>
    compileText(changes(given)).specification.stored.flatMap(({ path, scale }) => (scale ? [path] : []));
  expect(scales(scaled)).toEqual(['price.mean', 'price.deviation']);
  expect(scales(text(', normalize = inputs'))).toEqual([]);
  expect(scales(text(''))).toEqual([]);
  for (const loss of ['MAE', 'Huber', 'MSE(reduce = sum)', 'mean((price - output)^2) + 1'])
    expect(scales(text(', normalize = true', loss)), loss).toEqual(['price.mean', 'price.deviation']);
  // the target is read otherwise than as a difference
  for (const loss of ['BinaryCrossEntropy', 'mean((output - price) / price)', 'MSE(output, log(price))'])
    expect(scales(text(', normalize = true', loss)), loss).toEqual([]);
  // the output cannot be below the mean
  for (const last of ['ReLU', 'Sigmoid', 'SoftPlus', 'Swish'])
    expect(
      scales(scaled, (given) => given.replace('Linear(1)', `Linear(1)  ${last}`)),
      last,
    ).toEqual([]);
  expect(
    scales(scaled, (given) => given.replace('net { Linear(1) }', 'output 1e6 * sigmoid(Linear(1)(x))')),
  ).toEqual([]);
  // another value depends on the output
  expect(
    scales(scaled, (given) =>
      given
        .replace('net { Linear(1) }', 'let y = Linear(1)(x)\n  output y\n  output half = 0.5 * y')
        .replace('MSE', 'MSE(output, price)')
        .replace('r2, mean_absolute_error', 'r2(output, price)'),
    ),
  ).toEqual([]);
});

it('learns the same function as scaling by hand', async () => {
  const mean = rows.reduce((sum, [, , price]) => sum + price, 0) / rows.length;
  const deviation = Math.sqrt(rows.reduce((sum, [, , price]) => sum + (price - mean) ** 2, 0) / rows.length);
  const byHand = `a,b,price\n${rows.map(([a, b, price]) => `${a},${b},${(price - mean) / deviation}\n`).join('')}`;
  const folder = testFolder({ 't.csv': csv });
  const plain = (given: string) => given.replace(', test = 0.2', '').replace('  validation = 0.1', '');
  const found = await runInterpreted({ compilation: compileText(plain(scaled)), folder });
  const other = testFolder({ 't.csv': byHand });
  const expected = await runInterpreted({
    compilation: compileText(plain(text(', normalize = inputs'))),
    folder: other,
  });
  found.losses.forEach((loss, i) => expect(loss).toBeCloseTo(expected.losses[i] ?? NaN, 4));
});

it('a state saved without a scale keeps its meaning, and goes on without', async () => {
  const folder = testFolder({ 't.csv': csv });
  const before = compileText(text(', normalize = inputs'));
  const record = await runInterpreted({ compilation: before, folder, changes: { wishes: { epochs: 1 } } });
  const old = await readCheckpoint(record.checkpoint ?? '');
  expect([...old.state.tensors.keys()].filter((path) => path.startsWith('price.'))).toEqual([]);
  const compilation = compileText(scaled);
  const model = await openInterpreted(compilation);
  await model.write('price.mean', [5]);
  await restoreCheckpoint(old, model);
  expect([...(await model.read('price.mean')).data, ...(await model.read('price.deviation')).data]).toEqual([
    0, 1,
  ]);

  const lines: string[] = [];
  const resumed = await runInterpreted({
    compilation,
    folder,
    resume: old,
    changes: {
      places: placesIn(folder, 'resumed'),
      wishes: { epochs: 2 },
      prepared: ({ data }) => void lines.push(data),
    },
  });
  expect(lines[0]).not.toContain('deviations');
  expect(resumed.losses[1]).toBeGreaterThan(1e9);
});

it('forward alone gives the data’s units too', () => {
  const source = { path: 'case.nn', text: scaled, library: false };
  const { programs } = compile(source, { programs: ['forward'] });
  const stored = programs.get('forward')?.graph.nodes.flatMap(({ attributes }) => attributes['path'] ?? []);
  expect(stored).toEqual(expect.arrayContaining(['price.mean', 'price.deviation']));
});
