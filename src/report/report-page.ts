// The report of a run as one self-contained page: nothing is fetched, and only scripts and styles whose hashes are in its content
// security policy run. Everything from files is text.
import { createHash } from 'node:crypto';
import { showLine } from '../train/logs/metric-lines.ts';
import { html, Html, scriptJson, type Insertable } from './html.ts';
import { chartLibrary, joinModules, pageScript, pageStyle } from './page-assets.ts';
import type { ReportInput } from './report-input.ts';
import { examinationSection } from './section-examination.ts';
import { forecastSection } from './section-forecast.ts';
import { modelSection } from './section-model.ts';
import { epochsTable, figures, resultsSection } from './section-results.ts';
import { factsSection } from './section-facts.ts';
import { thinLines } from './thin-lines.ts';

/** Maximum number of step lines drawn. */
const mostSteps = 1000;

/** @returns the page's text, in UTF-8 well below a megabyte */
export async function renderReport(input: ReportInput): Promise<string> {
  const [library, theme, style, ...modules] = await Promise.all([
    chartLibrary(),
    pageStyle('theme'),
    pageStyle('report'),
    pageScript('curves'),
    pageScript('chart-grid'),
    pageScript('report'),
  ]);
  const styles = [library.style, theme, style];
  const drawing = [`${libraryNotice}\n${library.script}`, joinModules(modules)];
  const scripts = input.lines.some(({ kind }) => kind === 'step' || kind === 'epoch') ? drawing : [];
  const lines = thinLines(input.lines, mostSteps).map((line) => JSON.parse(showLine(line)) as unknown);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy(scripts, styles)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${input.model}: ${input.place}</title>
        ${styles.map((text) => element('style', text))}
      </head>
      <body>
        <main>
          <header>
            <div class="title">
              <h1>${input.model}${input.label?.name === undefined ? '' : `: ${input.label.name}`}</h1>
              <span class="badge ${stateClass(input.state)}">${input.state}</span>
            </div>
            <div class="muted">
              ${input.place}, begun ${showTime(input.begun)}, ended ${showTime(input.ended)}
            </div>
            ${input.label?.note === undefined ? '' : html`<p>${input.label.note}</p>`} ${figures(input)}
          </header>
          ${scripts.length > 0 ? curvesSection(input) : ''} ${resultsSection(input)}
          ${input.forecast && forecastSection(input.forecast)}
          ${input.examination && examinationSection(input.examination)}
          ${input.facts && modelSection(input.facts, input.allocated)} ${factsSection(input)}
          <footer>Written by nnc. Charts by uPlot (MIT licence, © Leon Sorokin).</footer>
        </main>
        <script id="lines" type="application/json">
          ${scriptJson(lines)}
        </script>
        ${scripts.map((text) => element('script', text))}
      </body>
    </html> `;
  return page.text;
}

function curvesSection(input: ReportInput): Html {
  return html`<section>
    <h2>Curves</h2>
    <div class="controls">
      <label
        >Across
        <select id="axis">
          <option value="epoch">epochs</option>
          <option value="step">steps</option>
          <option value="time">seconds</option>
        </select></label
      >
      <label
        >Smoothing <input id="smoothing" type="range" min="0" max="0.98" step="0.02" value="0.9"
      /></label>
      <label><input id="logarithmic" type="checkbox" /> Logarithmic</label>
    </div>
    <div id="charts"></div>
    <noscript
      ><p class="muted">The charts need scripts; the table of epochs below has the same numbers.</p></noscript
    >
    ${epochsTable(input)}
  </section>`;
}

const libraryNotice = '/* uPlot, © Leon Sorokin, MIT licence: https://github.com/leeoniya/uPlot */';

/**
 * A script or style element without whitespace around its text, for the policy's hash; the text is ours, and must not close its element.
 */
function element(name: 'script' | 'style', text: string): Html {
  if (/<\/(?:script|style)|<!--/i.test(text)) throw new Error(`a ${name} of the page would end itself`);
  return new Html(`<${name}>${text}</${name}>`);
}

function policy(scripts: readonly string[], styles: readonly string[]): string {
  const hashes = (texts: readonly string[]) =>
    texts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`).join(' ');
  return [
    `default-src 'none'`,
    `img-src data:`,
    scripts.length > 0 ? `script-src ${hashes(scripts)}` : `script-src 'none'`,
    `style-src ${hashes(styles)}`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
}

/** A state as a class of the style sheet; only known states have a color. */
function stateClass(state: string): Insertable {
  return state.replace(/[^a-z]/g, '-');
}

function showTime(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
