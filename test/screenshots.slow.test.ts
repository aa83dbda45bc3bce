// Pictures of the report and the dashboard as a browser shows them, of runs that really took place. They are made in every run of the
// tests, small and into a folder of their own; `npm run screenshots` makes those of docs/, of longer runs.
import { cpSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PNG } from 'pngjs';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDashboard } from '../src/dash/server.ts';
import { lacksChromium, openBrowser, openPage } from './browser.ts';
import { folderWith, nnc } from './cli/program.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** A folder of the repository; absent in an ordinary run of the tests. */
const wanted = process.env['NNC_SCREENSHOTS'];
const model = wanted === undefined ? 'mnist-mlp.nn' : 'mnist-cnn.nn';
const limits =
  wanted === undefined
    ? ['--limit-batches', '60', '--epochs', '2']
    : ['--limit-batches', '200', '--epochs', '3'];
const largest = 200_000;

let browser: Browser;
beforeAll(async () => {
  if (!lacksChromium) browser = await openBrowser();
});
afterAll(async () => {
  if (!lacksChromium) await browser.close();
});

function placeFor(): string {
  if (wanted === undefined) return folderWith({});
  mkdirSync(join(root, wanted), { recursive: true });
  return join(root, wanted);
}

async function trainSome(rates: readonly string[]): Promise<string> {
  const cwd = folderWith({});
  cpSync(join(root, 'models', model), join(cwd, model));
  for (const rate of rates) {
    const options = ['--validation', '0.05', '--set', `lr=${rate}`, ...limits];
    const { code, stderr } = await nnc(['train', model, ...options], { cwd });
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  }
  return join(cwd, 'runs', model.replace('.nn', ''));
}

/** A picture of the page's upper part, down to the end of an element. */
async function takePicture(page: Page, path: string, from: string, to: string): Promise<PNG> {
  const top = await page.$eval(from, (element) => element.getBoundingClientRect().top + scrollY);
  const bottom = await page.$eval(to, (element) => element.getBoundingClientRect().bottom + scrollY);
  const width = page.viewport()?.width ?? 0;
  const bytes = await page.screenshot({
    clip: { x: 0, y: Math.max(0, top - 12), width, height: bottom - Math.max(0, top - 12) + 12 },
    captureBeyondViewport: true,
    path,
  });
  return PNG.sync.read(Buffer.from(bytes));
}

/** Of every seventh pixel: a page that was not drawn has a handful. */
function colorsIn({ data }: PNG): number {
  const colors = new Set<number>();
  for (let i = 0; i < data.length; i += 28)
    colors.add(((data[i] ?? 0) << 16) | ((data[i + 1] ?? 0) << 8) | (data[i + 2] ?? 0));
  return colors.size;
}

describe.skipIf(lacksChromium)('pictures', () => {
  it('of the report and the dashboard', { timeout: 1_800_000 }, async () => {
    const place = placeFor();
    const runs = await trainSome(wanted === undefined ? ['0.01', '0.05'] : ['0.002', '0.01', '0.05']);
    const pictures: PNG[] = [];

    const { page: report, complaints } = await openPage(browser);
    await report.setViewport({ width: 1160, height: 1000 });
    const folders = readdirSync(runs).sort();
    const file = join(runs, folders.at(-1) ?? '', 'report.html');
    await report.goto(pathToFileURL(file).href);
    await report.waitForSelector('.chart canvas');
    pictures.push(await takePicture(report, join(place, 'report.png'), 'header', '#charts'));
    pictures.push(
      await takePicture(report, join(place, 'report-mistakes.png'), 'section:has(.confusion)', '.mistakes'),
    );
    pictures.push(
      await takePicture(report, join(place, 'report-model.png'), 'section:has(#layers)', '#layers'),
    );

    const dash = await startDashboard({ folder: dirname(runs) });
    try {
      const { page, complaints: others } = await openPage(browser);
      await page.setViewport({ width: 1280, height: 900 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
      await page.goto(dash.address);
      await page.waitForSelector('.chart canvas');
      for (let run = 1; run < folders.length; run++) {
        await page.evaluate(() =>
          document.querySelector<HTMLInputElement>('.run input:not(:checked)')?.click(),
        );
        const label = (count: number) =>
          document.querySelectorAll('.run input:checked').length === count &&
          document.querySelector('.chart [role=img]')?.getAttribute('aria-label')?.split(';').length ===
            2 * count;
        await page.waitForFunction(label, { timeout: 20_000 }, run + 1);
      }
      pictures.push(await takePicture(page, join(place, 'dashboard.png'), 'aside', 'aside'));
      expect([...complaints, ...others]).toEqual([]);
    } finally {
      await dash.close();
    }

    for (const picture of pictures) {
      expect(Math.min(picture.width, picture.height)).toBeGreaterThan(150);
      expect(colorsIn(picture)).toBeGreaterThan(60);
    }
    for (const name of readdirSync(place).filter((each) => each.endsWith('.png')))
      expect([name, statSync(join(place, name)).size < largest]).toEqual([name, true]);
  });
});
