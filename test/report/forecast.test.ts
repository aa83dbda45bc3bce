import { describe, expect, it } from 'vitest';
import { forecastSection } from '../../src/report/section-forecast.ts';
import type { ForecastResult } from '../../src/train/forecast/forecast-score.ts';

const errors = (meanAbsolute: number) => ({ meanAbsolute, rootMeanSquared: meanAbsolute });
const day = 86_400;
const result: ForecastResult = {
  part: 'test',
  examples: 4,
  column: 'load <MW>',
  model: errors(1),
  naive: errors(2),
  seasonal: errors(0.5),
  period: 7,
  steps: [{ model: 1, naive: 2 }],
  curves: [
    {
      group: '',
      times: [0, 10 * day, 20 * day, 30 * day],
      actual: [10, 20, NaN, 40],
      forecast: [10, 10, 40, 40],
      naive: [10, 10, 10, 10],
    },
  ],
  timeKind: 'date',
};

describe('the forecast in a report', () => {
  const { text } = forecastSection(result);

  it('is a drawing of truth and forecast, over the whole width and height', () => {
    const path = (name: string) => new RegExp(`<path class="${name}" d="([^"]*)"`).exec(text)?.[1];
    expect(path('forecast')).toBe('M64 234L338.7 234L613.3 10L888 10');
    expect(path('naive')).toBe('M64 234L338.7 234L613.3 234L888 234');
    // a value that is no number interrupts the line
    expect(path('actual')).toBe('M64 234L338.7 159.3M888 10');
  });

  it('has dates below and round numbers beside it', () => {
    expect([...text.matchAll(/class="middle"[^>]*>([^<]*)</g)].map(([, label]) => label)).toEqual(['1970-01-04', '1970-01-10', '1970-01-16', '1970-01-22', '1970-01-28']); // prettier-ignore
    expect([...text.matchAll(/class="end"[^>]*>([^<]*)</g)].map(([, label]) => label)).toEqual(['10', '20', '30', '40']); // prettier-ignore
  });

  it('says by how much the model is better than each naive forecast', () => {
    expect(text).toContain('50 % less');
    expect(text).toContain('seasonal naive, 7 rows');
    expect(text).toContain('100 % more');
    expect(text).not.toContain('By steps ahead');
  });

  it('has the error of each step ahead, of many some', () => {
    const steps = Array.from({ length: 100 }, (_, i) => ({ model: i, naive: 2 * i }));
    const many = forecastSection({ ...result, steps }).text;
    const rows = [...many.slice(many.indexOf('By steps ahead')).matchAll(/<tr>\s*<td class="number">(\d+)/g)];
    expect(rows.length).toBe(24);
    expect([rows[0]?.[1], rows.at(-1)?.[1]]).toEqual(['1', '100']);
  });

  it('escapes the names of columns and groups', () => {
    expect(text).toContain('load &lt;MW&gt;');
    const [curve] = result.curves;
    const hostile = forecastSection({
      ...result,
      curves: curve ? [{ ...curve, group: '<script>' }] : [],
    }).text;
    expect(hostile).not.toContain('<script>');
  });

  it('draws a constant in the middle', () => {
    const flat = { group: '', times: [1, 2], actual: [3, 3], forecast: [3, 3], naive: [3, 3] };
    const drawn = forecastSection({ ...result, timeKind: 'row', curves: [flat] }).text;
    expect(drawn).toContain('d="M64 122L888 122"');
  });
});
