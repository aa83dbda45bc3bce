// The results in a report: the key figures, the results of every part, and the table of epochs.
import type { EpochLine, EvaluationEntry, TestLine } from '../train/logs/metric-lines.ts';
import type { MetricValue } from '../train/loop/events.ts';
import { showCount, showMetricValue, showNumber, showSeconds } from '../train/progress/text.ts';
import { html, type Html, type Insertable } from './html.ts';
import type { ReportInput } from './report-input.ts';

function epochsOf({ lines }: ReportInput): readonly EpochLine[] {
  return lines.filter((line) => line.kind === 'epoch');
}

function testsOf({ lines }: ReportInput): readonly TestLine[] {
  return lines.filter((line) => line.kind === 'test');
}

function scalarsOf(metrics: ReadonlyMap<string, MetricValue>): (readonly [string, number])[] {
  return [...metrics].flatMap(([name, value]) => (typeof value === 'number' ? [[name, value] as const] : []));
}

/** The key figures. */
export function figures(input: ReportInput): Html {
  const epochs = epochsOf(input);
  const last = epochs.at(-1);
  const test = testsOf(input).at(-1)?.result;
  const [part, evaluation] = input.evaluation
    ? ([input.evaluation.part, input.evaluation.found] as const)
    : test
      ? (['test', test] as const)
      : (['validation', last?.validation] as const);
  const found: (readonly [string, string])[] = [];
  const metrics = evaluation ? scalarsOf(evaluation.metrics).slice(0, 2) : [];
  for (const [name, value] of metrics) found.push([`${part} ${name}`, showMetricValue(name, value)]);
  if (evaluation) found.push([`${part} loss`, showNumber(evaluation.loss)]);
  if (last) found.push(['training loss', showNumber(last.loss)]);
  const epochCount = input.record?.epochs ?? last?.epoch;
  if (epochCount !== undefined) found.push(['epochs', showCount(epochCount)]);
  const seconds = epochs.reduce((sum, epoch) => sum + (epoch.seconds || 0), 0);
  if (last) found.push(['time in steps', showSeconds(seconds)]);
  if (last) found.push(['examples a second', showCount(last.samples_per_second)]);
  const parameters = input.record?.parameters ?? input.facts?.totals.parameters;
  if (parameters !== undefined) found.push(['parameters', showCount(parameters)]);
  return html`<dl class="figures">
    ${found.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** Loss and metrics of the parts side by side, of the last and of the best epoch. */
export function resultsSection(input: ReportInput): Html {
  const epochs = epochsOf(input);
  const last = epochs.at(-1);
  const best = epochs.findLast((epoch) => epoch.best);
  const columns: (readonly [string, EvaluationEntry | undefined])[] = [
    ['training, last epoch', last && { examples: NaN, loss: last.loss, metrics: last.metrics }],
    ['validation, last epoch', last?.validation],
    ...(best && best !== last ? [[`validation, epoch ${best.epoch} (best)`, best.validation] as const] : []),
    ...testsOf(input).map(
      ({ state, result }) => [state === 'best' ? 'test, best epoch' : 'test', result] as const,
    ),
  ];
  const shown = columns.flatMap(([name, entry]) => (entry ? [{ name, entry }] : []));
  if (shown.length === 0) return html``;
  const names = [...new Set(shown.flatMap(({ entry }) => scalarsOf(entry.metrics).map(([name]) => name)))];
  const row = (name: string, cells: readonly Insertable[]) =>
    html`<tr>
      <th>${name}</th>
      ${cells.map((cell) => html`<td class="number">${cell}</td>`)}
    </tr>`;
  const monitor = best && input.record?.best;
  return html`<section>
    <h2>Results</h2>
    <div class="card scroll">
      <table>
        <thead>
          <tr>
            <th></th>
            ${shown.map(({ name }) => html`<th class="number">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${row(
            'loss',
            shown.map(({ entry }) => showNumber(entry.loss)),
          )}
          ${names.map((name) =>
            row(
              name,
              shown.map(({ entry }) => {
                const value = entry.metrics.get(name);
                return typeof value === 'number' ? showMetricValue(name, value) : '–';
              }),
            ),
          )}
          ${row(
            'examples',
            shown.map(({ entry }) => (Number.isFinite(entry.examples) ? showCount(entry.examples) : '')),
          )}
        </tbody>
      </table>
    </div>
    ${last && html`<p class="muted">${monitor && `The best epoch is ${monitor.epoch}, with ${monitor.metric} ${showNumber(monitor.value)}. `}Training’s numbers are means over the epoch’s steps, each before its update.</p>`}
  </section>`;
}

/** Every epoch's numbers. */
export function epochsTable(input: ReportInput): Html {
  const epochs = epochsOf(input);
  if (epochs.length === 0) return html``;
  const metrics = [...new Set(epochs.flatMap((epoch) => scalarsOf(epoch.metrics).map(([name]) => name)))];
  const validated = epochs.some(({ validation }) => validation);
  const number = (text: string) => html`<td class="number">${text}</td>`;
  const metric = (name: string, value: MetricValue | undefined) =>
    number(typeof value === 'number' ? showMetricValue(name, value) : '–');
  return html`<details>
    <summary>All ${showCount(epochs.length)} epochs as a table</summary>
    <div class="card scroll">
      <table>
        <thead>
          <tr>
            <th class="number">epoch</th>
            <th class="number">steps</th>
            <th class="number">loss</th>
            ${metrics.map((name) => html`<th class="number">${name}</th>`)}${
              validated
                ? html`<th class="number">validation loss</th>
                    ${metrics.map((name) => html`<th class="number">validation ${name}</th>`)}`
                : ''
            }
            <th class="number">time</th>
            <th class="number">examples/s</th>
          </tr>
        </thead>
        <tbody>
          ${epochs.map(
            (epoch) =>
              html`<tr>
                ${number(epoch.best ? `${epoch.epoch} ★` : String(epoch.epoch))}${number(showCount(epoch.step))}${number(showNumber(epoch.loss))}${metrics.map((name) => metric(name, epoch.metrics.get(name)))}${
                  validated
                    ? html`${number(epoch.validation ? showNumber(epoch.validation.loss) : '–')}${metrics.map((name) => metric(name, epoch.validation?.metrics.get(name)))}`
                    : ''
                }${number(showSeconds(epoch.seconds))}${number(showCount(epoch.samples_per_second))}
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}
