// The example of a series: trained as `nnc train` does it, it forecasts held-back years better than the naive forecasts.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compileText, runInterpreted, testFolder } from '../interpreted-run.ts';

it(
  'models/sunspots.nn beats the last value, and the value a cycle earlier',
  { timeout: 120_000 },
  async () => {
    const folder = testFolder({ 'sunspots.csv': readFileSync('models/sunspots.csv') });
    const compilation = compileText(readFileSync('models/sunspots.nn', 'utf8'));
    const { forecast, test } = await runInterpreted({ compilation, folder });
    expect(forecast?.part).toBe('test');
    // the years from 1943 on, each after eleven held back as well
    expect(forecast?.examples).toBe(66);
    expect(forecast?.mean_absolute_error).toBeCloseTo(Number(test?.['mean_absolute_error']), 3);
    expect(forecast?.naive.mean_absolute_error).toBeCloseTo(25.48, 2);
    expect(forecast?.seasonal?.mean_absolute_error).toBeCloseTo(27.62, 2);
    expect(forecast?.mean_absolute_error).toBeLessThan(0.7 * 25.48);
  },
);
