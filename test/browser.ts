// A headless Chromium for the tests of pages.
import { existsSync } from 'node:fs';
import { launch, type Browser, type Page } from 'puppeteer-core';
import { lacks } from './support/facilities.ts';

const candidates = [
  process.env['NNC_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Where it is; undefined where there is none. */
export const chromium = candidates.find((path) => path !== undefined && existsSync(path));

/** Whether the tests of pages are skipped. */
export const lacksChromium = lacks(
  'chromium',
  chromium === undefined ? `there is none at ${candidates.filter(Boolean).join(', ')}` : undefined,
);

export function openBrowser(): Promise<Browser> {
  return launch({ executablePath: chromium ?? '', args: ['--no-sandbox'], headless: true });
}

export interface WatchedPage {
  readonly page: Page;
  /** What the page's scripts complained of: errors, and what its policy refused. */
  readonly complaints: string[];
  /** What it asked the network for. */
  readonly requests: string[];
}

export async function openPage(browser: Browser): Promise<WatchedPage> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error instanceof Error ? error.message : String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => requests.push(request.url()));
  await page.setViewport({ width: 1280, height: 900 });
  return { page, complaints, requests };
}
