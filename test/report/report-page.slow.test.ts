// The report of a made-up run, hostile in every name, as text and in a real browser.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ReportInput } from '../../src/report/report-input.ts';
import { renderReport } from '../../src/report/report-page.ts';
import type { MetricLine } from '../../src/train/logs/metric-lines.ts';
import { lacksChromium, openBrowser, openPage } from '../browser.ts';
import { folderWith } from '../cli/program.ts';

const hostile = `</script><img src=x onerror="alert(1)">'`;

const step = (at: number): MetricLine => ({
  kind: 'step',
  step: at,
  epoch: 1 + Math.floor((at - 1) / 5000),
  time: at,
  loss: 1 / at,
  metrics: new Map([[hostile, at / 10_000]]),
  learning_rate: 0.1,
  samples_per_second: 10,
});
const epoch = (number: number): MetricLine => ({
  kind: 'epoch',
  step: 5000 * number,
  epoch: number,
  time: 5000 * number,
  loss: 0.5 / number,
  metrics: new Map([[hostile, 0.5]]),
  validation: { examples: 3, loss: 0.25, metrics: new Map([[hostile, 0.75]]) },
  seconds: 2,
  samples_per_second: 10,
  best: number === 1,
});

const input: ReportInput = {
  model: hostile,
  place: hostile,
  label: { name: hostile, note: hostile },
  state: hostile,
  begun: new Date(0),
  ended: new Date(65_000),
  config: new Map(Object.entries({ settings: { [hostile]: hostile }, machine: { memory: 2e9 } })),
  record: undefined,
  lines: [
    { kind: 'start', step: 0, time: 0, epochs: 2, steps_per_epoch: 5000, batch: 1 },
    ...Array.from({ length: 10_000 }, (_, i) => i + 1).flatMap((at) =>
      at % 5000 === 0 ? [step(at), epoch(at / 5000)] : [step(at)],
    ),
    {
      kind: 'test',
      step: 10_000,
      time: 10_001,
      state: 'last',
      result: { examples: 4, loss: 0.125, metrics: new Map([['accuracy', 0.875]]) },
    },
  ],
  facts: {
    layers: [{ path: 'linear', layer: hostile, outputShape: [3], parameters: 12, multiplyAdds: 9 }],
    totals: { parameters: 12, multiplyAdds: 9 },
    diagram: {
      svg: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(2)</script></svg>',
    },
    text: `model Hostile {\n  // ${hostile}\n}`,
  },
  examination: {
    part: 'test',
    examples: 4,
    confusion: {
      classes: [hostile, 'two'],
      counts: [
        [1, 1],
        [0, 2],
      ],
    },
    worst: [
      {
        index: 7,
        loss: 3,
        truth: hostile,
        answer: 'two',
        certainty: 0.625,
        inputs: new Map([['image', Float32Array.of(0, 0.5, 1, 0)]]),
      },
    ],
    forms: [{ kind: 'image', name: 'image', shape: [2, 2], resize: false }],
  },
};

let page = '';
beforeAll(async () => {
  page = await renderReport(input);
});

describe('a report', () => {
  it('is one small page that fetches nothing and has every name as text', () => {
    expect(page.length).toBeLessThan(400_000);
    expect(page).not.toContain('<img src=x');
    expect(page).not.toMatch(/(?:src|href)="(?!data:)/);
    expect(page).not.toMatch(/ style="| on[a-z]+="/);
    expect(page.match(/<\/script>/g)).toHaveLength(3);
  });

  it('says what was reached, and what is taken for what', () => {
    const text = page.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
    expect(text).toContain('test accuracy 87.50 %');
    expect(text).toContain('test loss 0.1250');
    expect(text).toContain('epochs 2');
    expect(text).toContain('time in steps 4.0 s');
    expect(text).toContain('time from start to end 1:05');
    // recall of the first class, precision of the second
    expect(text).toMatch(/ 2 100\.0 % 50\.0 % two \(1\)/);
    expect(text).toMatch(/two 2 66\.7 % 100\.0 % –/);
    expect(text).toContain('(63 %), is');
    expect(text).toContain('2.0 GB');
    expect(text).toContain('validation, epoch 1 (best)');
  });

  it('leaves out what a run has not', async () => {
    const { examination, facts, ...bare } = input;
    expect([examination, facts]).not.toContain(undefined);
    const small = await renderReport({ ...bare, lines: [], config: undefined });
    expect(small).not.toContain('Confusion');
    expect(small).not.toContain('<script>');
    const evaluated = await renderReport({
      ...bare,
      lines: [],
      evaluation: { part: 'train', found: { examples: 5, loss: 0.5, metrics: new Map([['r2', 0.25]]) } },
    });
    expect(evaluated.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')).toContain(
      'train r2 0.2500 train loss 0.5000',
    );
  });
});

describe.skipIf(lacksChromium)('a report in a browser', () => {
  it('draws its curves from itself alone, and runs nothing that is not its own', async () => {
    const file = join(folderWith({}), 'report.html');
    writeFileSync(file, page);
    const browser = await openBrowser();
    onTestFinished(() => browser.close());
    const { page: tab, complaints, requests } = await openPage(browser);
    await tab.goto(`file://${file}`);
    await tab.waitForSelector('.chart canvas');
    const labels = await tab.$$eval('.chart [role=img]', (charts) =>
      charts.map((chart) => chart.getAttribute('aria-label') ?? ''),
    );
    expect(labels.map((label) => label.split(':')[0])).toEqual([
      'loss',
      hostile,
      'learning rate',
      'samples a second',
    ]);
    expect(labels[0]).toContain('training, epoch 2 points');
    expect(labels[0]).toContain('validation 2 points');
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([`file://${file}`]);
    // every picture in it can be seen
    const widths = await tab.$$eval('img', (images) => images.map((image) => image.naturalWidth));
    expect(widths).toEqual([2, 9]);
    // the controls are heard
    const before = await tab.$eval('.chart canvas', (canvas) => canvas.toDataURL());
    await tab.select('#axis', 'step');
    const after = await tab.$eval('.chart canvas', (canvas) => canvas.toDataURL());
    expect(after).not.toBe(before);
  });
});
