import { describe, expect, it } from 'vitest';
import {
  dateWidth,
  parseDate,
  showDate,
  writeDate,
  type DateFeature,
} from '../../../src/runtime/preparation/dates.ts';

const utc = (text: string) => Date.parse(text) / 1000;

describe('dates of ISO 8601', () => {
  it.each([
    ['2024-03-31', utc('2024-03-31T00:00Z')],
    ['2024-03', utc('2024-03-01T00:00Z')],
    ['2024-02-29', utc('2024-02-29T00:00Z')],
    ['1969-12-31T23:59:58', -2],
    ['0001-01-01', -62135596800],
    ['2024-03-31T14:05', utc('2024-03-31T14:05Z')],
    ['2024-03-31 14:05:59.25', utc('2024-03-31T14:05:59.250Z')],
    ['2024-03-31T14:05:59,5z', utc('2024-03-31T14:05:59.500Z')],
    ['2024-03-31T14:05+02:00', utc('2024-03-31T12:05Z')],
    ['2024-03-31T14:05 -0330', utc('2024-03-31T17:35Z')],
    ['2024-03-31T14:05-05', utc('2024-03-31T19:05Z')],
  ])('%s is %d seconds since 1970', (text, seconds) => {
    expect(parseDate(text)?.seconds).toBe(seconds);
  });

  it.each([
    '', '2024', '31.03.2024', '03/31/2024', '2023-02-29', '2024-04-31', '2024-13-01', '2024-00-10', '2024-01-00', '2024-03-31T24:00',
    '2024-03-31T14:60', '2024-03-31T14:05:60', '2024-03-31T14:05+24:00', '2024-03-31T14:05+02:60', '2024-3-1', '2024-03-31T14',
    ' 2024-03-31', '2024-03-31T14:05:59.25.1',
  ])('%j is none', (text) => {
    expect(parseDate(text)).toBeUndefined();
  }); // prettier-ignore

  it('show a clock of their own where they have an offset', () => {
    expect(parseDate('2024-03-31T23:30+02:00')).toEqual({
      seconds: utc('2024-03-31T21:30Z'),
      clock: utc('2024-03-31T23:30Z'),
    });
  });

  it('are shown with as much of the time of day as they have', () => {
    expect(['2024-03-31', '2024-03-31T14:05', '2024-03-31T14:05:09'].map((text) => showDate(utc(`${text}Z`.replace(/^(.{10})Z/, '$1T00:00Z'))))).toEqual(['2024-03-31', '2024-03-31 14:05', '2024-03-31 14:05:09']); // prettier-ignore
  });
});

describe('features of dates', () => {
  const of = (feature: DateFeature, text: string) => {
    const out = new Float64Array(dateWidth(feature));
    writeDate(feature, parseDate(text)?.clock ?? NaN, out, 0);
    return [...out];
  };
  const turn = (share: number) => [Math.sin(2 * Math.PI * share), Math.cos(2 * Math.PI * share)];

  it.each<[DateFeature, string, number]>([
    ['hour', '2024-03-31T00:00', 0],
    ['hour', '2024-03-31T06:00+02:00', 0.25],
    ['hour', '1969-12-31T18:00', 0.75],
    ['weekday', '2024-03-25', 0],
    ['weekday', '2024-03-31T23:59', 6 / 7],
    ['weekday', '1969-12-31', 2 / 7],
    ['month', '2024-01-31', 0],
    ['month', '2024-12-01', 11 / 12],
    ['yearday', '2023-01-01T12:00', 0],
    ['yearday', '2023-12-31', 364 / 365],
    ['yearday', '2024-12-31', 365 / 366],
  ])('%s of %s is %d of a turn', (feature, text, share) => {
    const [sine, cosine] = of(feature, text);
    expect(sine).toBeCloseTo(turn(share)[0] ?? NaN, 12);
    expect(cosine).toBeCloseTo(turn(share)[1] ?? NaN, 12);
  });

  it('are the seconds themselves, without rounding', () => {
    expect(of('seconds', '2024-03-31T14:05:09')).toEqual([utc('2024-03-31T14:05:09Z')]);
  });
});
