// Dates of ISO 8601 as numbers, and their cyclic features. No time zone is looked up: an offset is what the text says, UTC if it says none.

/** What becomes of a column of dates: seconds, or one cyclic feature as a sine and a cosine. */
export const dateFeatures = ['seconds', 'hour', 'weekday', 'month', 'yearday'] as const;
export type DateFeature = (typeof dateFeatures)[number];

export interface ParsedDate {
  /** Seconds since 1970-01-01T00:00Z. */
  readonly seconds: number;
  /** The same of the clock that the text shows, without its offset: the calendar's features are of this. */
  readonly clock: number;
}

const day = 86_400;

const pattern =
  /^(\d{4})-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d(?:[.,]\d+)?))?(?:\s?(Z|[+-]\d\d(?::?\d\d)?))?)?)?$/i;

/** Undefined if the text is no date: `2024-03`, `2024-03-31`, `2024-03-31T14:05:59.25+02:00`. */
export function parseDate(text: string): ParsedDate | undefined {
  const found = pattern.exec(text);
  if (!found) return undefined;
  const part = (i: number, absent: number) => Number(found[i]?.replace(',', '.') ?? absent);
  const [year, month, date] = [part(1, 0), part(2, 1), part(3, 1)];
  const [hour, minute, second] = [part(4, 0), part(5, 0), part(6, 0)];
  // setUTCFullYear takes years below 100 as they are, which Date.UTC does not
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, date);
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== date) return undefined;
  if (hour > 23 || minute > 59 || second >= 60) return undefined;
  const clock = midnight.getTime() / 1000 + 3600 * hour + 60 * minute + second;
  const offset = offsetOf(found[7]);
  return offset === undefined ? undefined : { seconds: clock - offset, clock };
}

/** What is wrong with a cell that is no date. */
export function noDate(text: string): string {
  return `it is ${JSON.stringify(text.slice(0, 40))}, which is no date like 2024-03-31 or 2024-03-31T14:05`;
}

/** Seconds east of Greenwich. */
function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (3600 * hours + 60 * minutes);
}

/** The number of elements of a feature. */
export function dateWidth(feature: DateFeature): number {
  return feature === 'seconds' ? 1 : 2;
}

/** Writes a feature's elements. @param time seconds since 1970: in UTC for `seconds`, of the clock shown for the others */
export function writeDate(feature: DateFeature, time: number, out: Float64Array, at: number): void {
  if (feature === 'seconds') {
    out[at] = time;
    return;
  }
  const angle = 2 * Math.PI * turnOf(feature, time);
  out[at] = Math.sin(angle);
  out[at + 1] = Math.cos(angle);
}

/** How much of the feature's cycle has passed, from 0 to 1. */
function turnOf(feature: Exclude<DateFeature, 'seconds'>, time: number): number {
  const days = Math.floor(time / day);
  switch (feature) {
    case 'hour':
      return (time - days * day) / day;
    case 'weekday':
      // 1970-01-01 was a Thursday
      return ((((days + 3) % 7) + 7) % 7) / 7;
    case 'month':
      return new Date(1000 * time).getUTCMonth() / 12;
    case 'yearday': {
      const date = new Date(1000 * time);
      const start = new Date(date);
      start.setUTCMonth(0, 1);
      const next = new Date(start);
      next.setUTCFullYear(start.getUTCFullYear() + 1);
      return (
        Math.floor((date.getTime() - start.getTime()) / 864e5) / ((next.getTime() - start.getTime()) / 864e5)
      );
    }
  }
}

/** `2024-03-31`, with the time of day if there is one: `2024-03-31 14:05`. */
export function showDate(seconds: number): string {
  const date = new Date(1000 * seconds);
  if (Number.isNaN(date.getTime())) return String(seconds);
  const text = date.toISOString().replace('T', ' ');
  if (seconds % day === 0) return text.slice(0, -14);
  return seconds % 60 === 0 ? text.slice(0, -8) : text.slice(0, -5);
}
