// Forecasts of a series over held-back time: drawings of truth and forecast, and errors beside the naive forecasts'.
import type { ForecastErrors } from '../train/forecast/errors.ts';
import type { ForecastResult } from '../train/forecast/forecast-score.ts';
import { compare } from '../train/forecast/text.ts';
import { showCount, showMany, showNumber } from '../train/progress/text.ts';
import { forecastPlot } from './forecast-plot.ts';
import { html, type Html } from './html.ts';

/** Maximum number of rows in the table of steps ahead. */
const mostSteps = 24;

export function forecastSection(result: ForecastResult): Html {
  const { part, examples, column, curves, steps, timeKind } = result;
  const ahead = steps.length > 1 ? ', one step ahead' : '';
  return html`<section>
    <h2>Forecast of ${column}</h2>
    <p class="muted">Over ${showMany(examples, 'example')} of the ${part} part${ahead}.</p>
    ${curves.map(
      (curve) =>
        html`<div class="card series">
          <h3>${curve.group}</h3>
          <p class="legend">
            <span class="actual">what came</span> <span class="forecast">forecast</span>
            <span class="naive">naive: the last value again</span>
          </p>
          <div class="scroll">${forecastPlot(curve, timeKind)}</div>
        </div>`,
    )}
    <div class="columns">
      <div class="card">
        <h3>Errors${steps.length > 1 ? ` over ${showCount(steps.length)} steps ahead` : ''}</h3>
        ${errorTable(result)}
      </div>
      ${
        steps.length > 1
          ? html`<div class="card">
              <h3>By steps ahead</h3>
              ${stepTable(result)}
            </div>`
          : ''
      }
    </div>
  </section>`;
}

function errorTable({ model, naive, seasonal, period }: ForecastResult): Html {
  const row = (name: string, errors: ForecastErrors, beside?: ForecastErrors) =>
    html`<tr>
      <th>${name}</th>
      <td class="number">${showNumber(errors.meanAbsolute)}</td>
      <td class="number">${showNumber(errors.rootMeanSquared)}</td>
      <td>${beside ? compare(beside.meanAbsolute, errors.meanAbsolute) : ''}</td>
    </tr>`;
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th></th>
          <th class="number">mean absolute</th>
          <th class="number">root mean squared</th>
          <th>the model’s mean absolute error is</th>
        </tr>
      </thead>
      <tbody>
        ${row('model', model)}${row('naive', naive, model)}
        ${seasonal && row(`seasonal naive, ${period ?? ''} rows`, seasonal, model)}
      </tbody>
    </table>
  </div>`;
}

/** Of many steps, some at equal distances, the first and the last among them. */
function stepTable({ steps }: ForecastResult): Html {
  const count = Math.min(mostSteps, steps.length);
  const shown = Array.from({ length: count }, (_, i) => Math.round((i * (steps.length - 1)) / (count - 1)));
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th class="number">steps</th>
          <th class="number">model, mean absolute</th>
          <th class="number">naive</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map(
          (step) =>
            html`<tr>
              <td class="number">${step + 1}</td>
              <td class="number">${showNumber(steps[step]?.model ?? NaN)}</td>
              <td class="number">${showNumber(steps[step]?.naive ?? NaN)}</td>
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}
