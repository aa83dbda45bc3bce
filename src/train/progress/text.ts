// Formats numbers for lines of progress.

/** `12,345` */
export function showCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `1 epoch`, `2 epochs` */
export function showMany(count: number, what: string): string {
  return `${showCount(count)} ${what}${count === 1 ? '' : 's'}`;
}

/** Four significant digits; in scientific notation only if the plain form would be long. */
export function showNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential(3);
  return size >= 1000 ? value.toFixed(1) : value.toPrecision(4);
}

/** `24 ms`, `4.2 s`, `2:07`, `1:02:07` */
export function showSeconds(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(1000 * seconds)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return showClock(seconds);
}

/** `0:09`, `2:07`, `1:02:07` */
export function showClock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown
    .map((part, position) => (position === 0 ? String(part) : String(part).padStart(2, '0')))
    .join(':');
}

/** `512 B`, `3.1 MB`, `2.0 GB`, in powers of ten */
export function showBytes(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'];
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${units[power - 1]}`;
}

/** Metrics that are fractions of the examples, shown as percentages. */
const shares = /^(accuracy|top_k)/;

/** Maximum number of elements listed on a line. */
const mostListed = 16;

/** `accuracy 97.61 %`; all elements of a metric with several, row by row if it is square: `[9 1, 0 11]`. */
export function showMetric(name: string, value: number | readonly number[]): string {
  return `${name} ${showMetricValue(name, value)}`;
}

/** `97.61 %`, or the number, or the elements. */
export function showMetricValue(name: string, value: number | readonly number[]): string {
  if (typeof value !== 'number') return showList(value);
  return shares.test(name) ? `${(100 * value).toFixed(2)} %` : showNumber(value);
}

function showList(values: readonly number[]): string {
  if (values.length > mostListed) return `(${values.length} numbers)`;
  const side = Math.sqrt(values.length);
  const length = Number.isInteger(side) ? side : values.length;
  const rows = Array.from({ length: values.length / length }, (_, row) =>
    values
      .slice(row * length, (row + 1) * length)
      .map((value) => (Number.isInteger(value) ? String(value) : showNumber(value)))
      .join(' '),
  );
  return `[${rows.join(', ')}]`;
}
