// The loss so far, drawn in a terminal: a sparkline beside the progress bar during training, and a chart of a few lines at the end. It
// receives one loss per step; memory is bounded for any length of run.

/** Maximum number of values kept; when it is reached, neighbors are merged. */
const mostKept = 512;

/** Means over intervals of steps, all of the same length except the last. */
export class LossHistory {
  #means: number[] = [];
  #size = 1;
  #sum = 0;
  #count = 0;

  /** A loss that is not finite is skipped: it ends the loop anyway. */
  add(loss: number): void {
    if (!Number.isFinite(loss)) return;
    this.#sum += loss;
    if (++this.#count < this.#size) return;
    this.#means.push(this.#sum / this.#count);
    this.#sum = 0;
    this.#count = 0;
    if (this.#means.length < mostKept) return;
    this.#means = Array.from(
      { length: mostKept / 2 },
      (_, i) => ((this.#means[2 * i] ?? 0) + (this.#means[2 * i + 1] ?? 0)) / 2,
    );
    this.#size *= 2;
  }

  /** The history in at most `most` values, each a mean over equally many steps. */
  values(most: number): number[] {
    const length = Math.min(most, this.#means.length);
    return Array.from({ length }, (_, i) => {
      const from = Math.floor((i * this.#means.length) / length);
      const to = Math.floor(((i + 1) * this.#means.length) / length);
      const part = this.#means.slice(from, to);
      return part.reduce((sum, value) => sum + value, 0) / part.length;
    });
  }
}

const blocks = '▁▂▃▄▅▆▇█';

/** `█▅▃▂▁▁`: from the minimum to the maximum of the values; a line in the middle if all are equal. */
export function sparkline(values: readonly number[]): string {
  const { least, range } = extent(values);
  return values
    .map((value) => {
      const height = range > 0 ? (value - least) / range : 0.5;
      return blocks[Math.min(blocks.length - 1, Math.floor(height * blocks.length))] ?? '';
    })
    .join('');
}

/** The dots of a Braille character, by column (from the left) and row (from the top): Unicode 2800 to 28FF. */
const dots = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;
const emptyBraille = 0x2800;

/**
 * A line chart of dots, two across and four down per character; the maximum and minimum are printed before its first and last row.
 * @param width in characters, labels included
 * @param show formats a value
 */
export function dotChart(
  values: readonly number[],
  width: number,
  rows: number,
  show: (value: number) => string,
): string {
  const { least, range } = extent(values);
  const labels = [show(least + range), show(least)];
  const margin = Math.max(...labels.map((label) => label.length));
  const across = Math.max(1, width - margin - 2);
  const cells = Array.from({ length: rows }, () => new Array<number>(across).fill(0));
  const rowOf = (value: number) =>
    Math.round((range > 0 ? (least + range - value) / range : 0.5) * (4 * rows - 1));
  const set = (x: number, y: number) => {
    const row = cells[Math.floor(y / 4)];
    const dot = dots[x % 2]?.[y % 4] ?? 0;
    const cell = Math.floor(x / 2);
    if (row) row[cell] = (row[cell] ?? 0) | dot;
  };
  let before: number | undefined;
  for (let x = 0; x < 2 * across; x++) {
    const position = (x / Math.max(1, 2 * across - 1)) * (values.length - 1);
    const left = values[Math.floor(position)] ?? 0;
    const right = values[Math.ceil(position)] ?? left;
    const y = rowOf(left + (right - left) * (position - Math.floor(position)));
    // a steep line is connected: it continues from the dot beside the previous one
    const from = before === undefined || before === y ? y : before + Math.sign(y - before);
    for (let at = Math.min(y, from); at <= Math.max(y, from); at++) set(x, at);
    before = y;
  }
  return cells
    .map((row, i) => {
      const label = i === 0 ? labels[0] : i === rows - 1 ? labels[1] : '';
      const drawn = row.map((cell) => String.fromCharCode(emptyBraille + cell)).join('');
      return `${(label ?? '').padStart(margin)} │${drawn}`.trimEnd();
    })
    .join('\n');
}

function extent(values: readonly number[]): { readonly least: number; readonly range: number } {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return values.length > 0 ? { least, range: most - least } : { least: 0, range: 0 };
}
