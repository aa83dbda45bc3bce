// Finds out whether a table's rows are in the order of time: then examples drawn at random for test and validation lie between those that
// are trained on, and say little of the future.
import type { TableReader } from './table.ts';

const timeWords = new Set(['date', 'datetime', 'day', 'hour', 'month', 'time', 'timestamp', 'week', 'year']);
/** Fewer rows may be in any order by chance. */
const fewest = 20;

/** The first column that is named after a time and never goes back from row to row. */
export async function timeOrder(reader: TableReader): Promise<string | undefined> {
  for (const [column, name] of reader.names.entries()) {
    if (!wordsOf(name).some((word) => timeWords.has(word))) continue;
    const as = (await reader.hasText(column)) ? 'text' : 'number';
    const [found] = (await reader.read([{ column, as }])).columns;
    const texts = found?.texts?.map((text) => (isoDate.test(text) ? text : undefined));
    const times = Array.from(found?.values ?? [], (value) => (texts ? texts[value] : value));
    if (neverGoesBack(times)) return name;
  }
  return undefined;
}

/** Such dates, and none of another form, are ordered as their characters are. */
const isoDate = /^\d{4}-\d{2}/;

function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
}

function neverGoesBack(times: readonly (string | number | undefined)[]): boolean {
  const [first] = times;
  const last = times.at(-1);
  if (times.length < fewest || first === undefined || last === undefined || first === last) return false;
  return times.every((time, i) => {
    const before = times[i - 1];
    return i === 0 || (time !== undefined && before !== undefined && before <= time);
  });
}
