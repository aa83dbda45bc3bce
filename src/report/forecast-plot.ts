// A drawing of a series: truth, forecast and naive forecast over time, as SVG whose colors are the page's.
import { showDate } from '../runtime/preparation/dates.ts';
import type { ForecastCurve, ForecastResult } from '../train/forecast/forecast-score.ts';
import { html, Html } from './html.ts';

const size = { width: 900, height: 260 } as const;
/** Room for the labels of the axes. */
const margin = { left: 64, right: 12, top: 10, bottom: 26 } as const;

interface Scale {
  readonly least: number;
  readonly most: number;
  /** The position in the drawing of a value. */
  at(value: number): number;
}

function scaleOf(values: readonly number[], from: number, to: number): Scale {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  // a constant, or nothing at all, is drawn in the middle
  const room = high > low ? 0 : Math.max(1, Math.abs(low)) / 2;
  const [least, most] = finite.length === 0 ? [0, 1] : [low - room, high + room];
  return { least, most, at: (value) => from + ((value - least) / (most - least)) * (to - from) };
}

export function forecastPlot(curve: ForecastCurve, kind: ForecastResult['timeKind']): Html {
  const { times, actual, forecast, naive } = curve;
  const x = scaleOf(times, margin.left, size.width - margin.right);
  const y = scaleOf([...actual, ...forecast, ...naive], size.height - margin.bottom, margin.top);
  const label = `Truth, forecast and naive forecast of ${times.length} moments`;
  const bottom = size.height - margin.bottom;
  return html`<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${label}">
    ${ticks(y, 5).map(
      (value) =>
        html`<line
            class="grid"
            x1="${margin.left}"
            x2="${size.width - margin.right}"
            y1="${near(y.at(value))}"
            y2="${near(y.at(value))}"
          />
          <text class="end" x="${margin.left - 8}" y="${near(y.at(value) + 4)}">${showTick(value)}</text>`,
    )}
    ${timeTicks(x, kind).map(
      ({ value, text }) =>
        html`<line
            class="grid"
            x1="${near(x.at(value))}"
            x2="${near(x.at(value))}"
            y1="${margin.top}"
            y2="${bottom}"
          />
          <text class="middle" x="${near(x.at(value))}" y="${bottom + 18}">${text}</text>`,
    )}
    ${(
      [
        ['naive', naive],
        ['actual', actual],
        ['forecast', forecast],
      ] as const
    ).map(([name, values]) => html`<path class="${name}" d="${pathOf(times, values, x, y)}" />`)}
  </svg>`;
}

/** Lines between neighbors; a value that is no number interrupts them. */
function pathOf(times: readonly number[], values: readonly number[], x: Scale, y: Scale): string {
  let isOpen = false;
  return times
    .map((time, i) => {
      const value = values[i] ?? NaN;
      const command = isOpen ? 'L' : 'M';
      isOpen = Number.isFinite(value);
      return isOpen ? `${command}${near(x.at(time))} ${near(y.at(value))}` : '';
    })
    .join('');
}

/** A tenth of a pixel is enough. */
function near(position: number): string {
  return String(Number(position.toFixed(1)));
}

/** Round numbers within the scale: 1, 2 or 5 times a power of ten apart. */
function ticks({ least, most }: Scale, wanted: number): number[] {
  const rough = (most - least) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(least / step);
  const count = Math.floor(most / step) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => (first + i) * step);
}

function showTick(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString('en-US', { maximumSignificantDigits: 6 });
}

function timeTicks(x: Scale, kind: ForecastResult['timeKind']): { value: number; text: string }[] {
  if (kind !== 'date')
    return ticks(x, 8).map((value) => ({ value, text: String(Number(value.toPrecision(10))) }));
  const day = 86_400;
  const unit = x.most - x.least > 6 * day ? day : 60;
  return Array.from({ length: 5 }, (_, i) => {
    // not at the very ends, where a label would be cut
    const moment = x.least + ((i + 0.5) / 5) * (x.most - x.least);
    const value = Math.min(x.most, Math.max(x.least, unit * Math.round(moment / unit)));
    return { value, text: showDate(value) };
  });
}
