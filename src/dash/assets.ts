// The static files of the dashboard, read once at its start: a fixed table from paths to contents. A request's path never becomes a file
// path.
import { chartLibrary, pageScript, pageStyle } from '../report/page-assets.ts';
import { dashboardPage } from './page.ts';

export interface Asset {
  readonly type: string;
  readonly body: Buffer;
}

export async function loadAssets(): Promise<ReadonlyMap<string, Asset>> {
  const [library, theme, style, curves, grid, dashboard] = await Promise.all([
    chartLibrary(),
    pageStyle('theme'),
    pageStyle('dashboard'),
    pageScript('curves'),
    pageScript('chart-grid'),
    pageScript('dashboard'),
  ]);
  const html = 'text/html; charset=utf-8';
  const script = 'text/javascript; charset=utf-8';
  const css = 'text/css; charset=utf-8';
  const table = [
    ['/', html, dashboardPage],
    ['/uplot.js', script, library.script],
    ['/uplot.css', css, library.style],
    ['/theme.css', css, theme],
    ['/dashboard.css', css, style],
    ['/curves.js', script, curves],
    ['/chart-grid.js', script, grid],
    ['/dashboard.js', script, dashboard],
  ] as const;
  return new Map(table.map(([path, type, text]) => [path, { type, body: Buffer.from(text) }]));
}
