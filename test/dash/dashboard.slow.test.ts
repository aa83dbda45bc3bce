// The dashboard in a real browser: curves grow as a run logs, names are text, nothing is refused by the page's own policy.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startDashboard } from '../../src/dash/server.ts';
import { showLine, type MetricLine } from '../../src/train/logs/metric-lines.ts';
import { lacksChromium, openBrowser, openPage, type WatchedPage } from '../browser.ts';
import { folderWith } from '../cli/program.ts';

const start: MetricLine = { kind: 'start', step: 0, time: 0, epochs: 2, steps_per_epoch: 10, batch: 4 };
const step = (at: number): MetricLine => ({
  kind: 'step',
  step: at,
  epoch: 1,
  time: at,
  loss: 1 / at,
  metrics: new Map([['accuracy', at / 100]]),
  samples_per_second: 10,
});
const text = (...lines: readonly MetricLine[]) => lines.map(showLine).join('');
const steps = (from: number, to: number) =>
  text(...Array.from({ length: to - from + 1 }, (_, i) => step(from + i)));

async function openDashboard(folder: string): Promise<WatchedPage> {
  const dash = await startDashboard({ folder });
  onTestFinished(() => dash.close());
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  const watched = await openPage(browser);
  await watched.page.goto(dash.address);
  return watched;
}

/** Waits until the chart of this name says so. */
async function chartSays(page: Page, name: string, words: string): Promise<string> {
  const handle = await page.waitForFunction(
    (wantedName, wantedWords) => {
      const charts = Array.from(document.querySelectorAll('.chart [role=img]'));
      const label = charts
        .map((chart) => chart.getAttribute('aria-label') ?? '')
        .find((each) => each.startsWith(wantedName));
      return label?.includes(wantedWords) === true ? label : undefined;
    },
    { timeout: 15_000 },
    `${name}:`,
    words,
  );
  return (await handle.jsonValue()) ?? '';
}

/** What the first chart looks like. */
const picture = (page: Page) => page.$eval('.chart canvas', (element) => element.toDataURL());

describe.skipIf(lacksChromium)('nnc dash in a browser', () => {
  it('draws a run as it goes on, and begins again where it was resumed', async () => {
    const folder = folderWith({ 'runs/digits/one/metrics.jsonl': text(start) + steps(1, 3) });
    const path = join(folder, 'runs/digits/one/metrics.jsonl');
    const { page, complaints, requests } = await openDashboard(join(folder, 'runs'));
    // the token has left the address
    expect(page.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    await chartSays(page, 'loss', 'training 3 points');
    const before = await picture(page);
    appendFileSync(path, steps(4, 9));
    expect(await chartSays(page, 'loss', 'training 9 points')).toContain(
      'as logged 9 points, the last 0.1111',
    );
    expect(await picture(page)).not.toBe(before);
    expect(await page.$eval('#shown', (table) => table.textContent)).toContain('digits one9');
    writeFileSync(path, text(start) + steps(1, 2));
    await chartSays(page, 'loss', 'training 2 points');
    expect(complaints).toEqual([]);
    // nothing but this server was asked for anything
    expect(new Set(requests.map((url) => new URL(url).host)).size).toBe(1);
  });

  it('shows runs that begin while it is open, and several over one another', async () => {
    const folder = folderWith({ 'runs/digits/one/metrics.jsonl': text(start) + steps(1, 5) });
    const { page, complaints } = await openDashboard(join(folder, 'runs'));
    await chartSays(page, 'loss', 'training 5 points');
    mkdirSync(join(folder, 'runs/letters/two'), { recursive: true });
    writeFileSync(join(folder, 'runs/letters/two/metrics.jsonl'), text(start) + steps(1, 7));
    await page.waitForFunction(() => document.querySelectorAll('.run').length === 2, { timeout: 15_000 });
    await page.evaluate(() => document.querySelector<HTMLInputElement>('.run input:not(:checked)')?.click());
    const label = await chartSays(page, 'loss', 'letters two 7 points');
    expect(label).toContain('digits one 5 points');
    await page.evaluate(() => document.querySelector<HTMLInputElement>('.run input:checked')?.click());
    await page.waitForFunction(() => document.querySelectorAll('.run input:checked').length === 1);
    expect(complaints).toEqual([]);
  });

  it('shows a name for what it is', async () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const folder = folderWith({});
    mkdirSync(join(folder, 'runs', hostile, hostile), { recursive: true });
    const line: MetricLine = {
      ...step(1),
      kind: 'step',
      metrics: new Map([['<b onclick=alert(2)>', 1]]),
    } as MetricLine;
    writeFileSync(join(folder, 'runs', hostile, hostile, 'metrics.jsonl'), text(start, line));
    const { page, complaints } = await openDashboard(join(folder, 'runs'));
    await chartSays(page, 'loss', 'training 1 points');
    expect(await page.$$eval('img, b', (found) => found.length)).toBe(0);
    expect(await page.$eval('#runs', (list) => list.textContent)).toContain(hostile);
    expect(await page.$$eval('figcaption', (found) => found.map((each) => each.textContent))).toContain(
      '<b onclick=alert(2)>',
    );
    expect(complaints).toEqual([]);
  });

  it('lets no script in that it did not bring', async () => {
    const folder = folderWith({ 'runs/digits/one/metrics.jsonl': text(start) + steps(1, 2) });
    const { page, complaints } = await openDashboard(join(folder, 'runs'));
    await chartSays(page, 'loss', 'training 2 points');
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.broken = true';
      document.body.append(script);
      return 'broken' in window;
    });
    expect(ran).toBe(false);
    expect(complaints.join('\n')).toContain('Content Security Policy');
  });
});
