// Draws the range test: the loss over the logarithm of the learning rate, in characters for a terminal and as an SVG. Both clip losses
// far above the first ones, where the loss diverges.
import type { RangePoint, RangeTest } from './rate-range.ts';
import { showNumber } from '../progress/text.ts';

interface Extent {
  readonly low: number;
  readonly high: number;
}

function lossExtent(points: readonly RangePoint[]): Extent {
  const losses = points.map(({ smoothed }) => smoothed);
  const low = Math.min(...losses);
  const high = Math.min(Math.max(...losses), 1.5 * (losses[0] ?? 0));
  return { low, high: high > low ? high : low + 1 };
}

const share = (value: number, { low, high }: Extent) =>
  Math.min(1, Math.max(0, (value - low) / (high - low)));

/** The dots of a Braille character in Unicode, by row and column. */
const dots = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/**
 * @param width in characters, labels included
 * @returns lines of equal width: the smoothed loss with its scale on the left, the rates below, an arrow at the suggestion
 */
export function drawText({ points, suggestion }: RangeTest, width: number, height = 10): string {
  const extent = lossExtent(points);
  const label = 9;
  const columns = Math.max(10, width - label - 1);
  const cells = Array.from({ length: height }, () => new Array<number>(columns).fill(0));
  const rates = rateExtent(points);
  let before: { readonly x: number; readonly y: number } | undefined;
  for (const { rate, smoothed } of points) {
    const x = Math.round(share(Math.log(rate), rates) * (2 * columns - 1));
    const y = Math.round((1 - share(smoothed, extent)) * (4 * height - 1));
    const from = before ?? { x, y };
    const steps = Math.max(1, Math.abs(x - from.x), Math.abs(y - from.y));
    for (let i = 0; i <= steps; i++) {
      const [px, py] = [from.x + ((x - from.x) * i) / steps, from.y + ((y - from.y) * i) / steps].map(
        Math.round,
      );
      const row = cells[(py ?? 0) >> 2];
      if (row) row[(px ?? 0) >> 1] = (row[(px ?? 0) >> 1] ?? 0) | (dots[(py ?? 0) & 3]?.[(px ?? 0) & 1] ?? 0);
    }
    before = { x, y };
  }
  const lines = cells.map((row, i) => {
    const scale = i === 0 ? showNumber(extent.high) : i === height - 1 ? showNumber(extent.low) : '';
    return `${scale.padStart(label)} ${row.map((bits) => String.fromCharCode(0x2800 + bits)).join('')}`;
  });
  const [first, last] = [points[0]?.rate ?? 0, points.at(-1)?.rate ?? 0].map((rate) => rate.toExponential(0));
  const axis = `${first}${(last ?? '').padStart(Math.max(1, columns - (first?.length ?? 0)))}`;
  const arrow =
    suggestion === null
      ? []
      : [
          `${' '.repeat(label + 1 + Math.round(share(Math.log(suggestion), rates) * (columns - 1)))}↑ ${suggestion}`,
        ];
  return [...lines, `${' '.repeat(label + 1)}${axis}`, ...arrow].join('\n');
}

function rateExtent(points: readonly RangePoint[]): Extent {
  const low = Math.log(points[0]?.rate ?? 1);
  const high = Math.log(points.at(-1)?.rate ?? 1);
  return { low, high: high > low ? high : low + 1 };
}

const size = { width: 720, height: 420, left: 70, right: 20, top: 40, bottom: 50 } as const;

/** A self-contained page: no external script, font or style. */
export function drawSvg(test: RangeTest, title: string): string {
  const { points, suggestion } = test;
  const [losses, rates] = [lossExtent(points), rateExtent(points)];
  const x = (rate: number) =>
    round(size.left + share(Math.log(rate), rates) * (size.width - size.left - size.right));
  const y = (loss: number) =>
    round(size.top + (1 - share(loss, losses)) * (size.height - size.top - size.bottom));
  const bottom = size.height - size.bottom;
  const decades = powersOfTen(points);
  const text = (at: readonly [number, number], anchor: string, shown: string) =>
    `<text x="${at[0]}" y="${at[1]}" text-anchor="${anchor}">${escapeXml(shown)}</text>`;
  const line = (of: (point: RangePoint) => number, style: string) =>
    `<polyline fill="none" ${style} points="${points.map((point) => `${x(point.rate)},${y(of(point))}`).join(' ')}"/>`;
  const levels = [0, 0.25, 0.5, 0.75, 1].map((part) => losses.low + part * (losses.high - losses.low));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${size.width}" height="${size.height}" fill="#ffffff"/>`,
    text([size.left, 24], 'start', title),
    ...levels.map(
      (level) =>
        `<path d="M${size.left} ${y(level)}H${size.width - size.right}" stroke="#dddddd"/>${text([size.left - 8, y(level) + 4], 'end', showNumber(level))}`,
    ),
    ...decades.map(
      (rate) =>
        `<path d="M${x(rate)} ${size.top}V${bottom}" stroke="#eeeeee"/>${text([x(rate), bottom + 18], 'middle', rate.toExponential(0))}`,
    ),
    line(({ loss }) => loss, 'stroke="#b8c7e0"'),
    line(({ smoothed }) => smoothed, 'stroke="#1f5fbf" stroke-width="2"'),
    ...(suggestion === null
      ? []
      : [
          `<path d="M${x(suggestion)} ${size.top}V${bottom}" stroke="#c0392b" stroke-dasharray="4 3"/>`,
          text([x(suggestion) + 6, size.top + 14], 'start', `steepest at ${suggestion}`),
        ]),
    text([size.left, size.height - 12], 'start', 'learning rate; the loss of each step, and smoothed'),
    '</svg>',
    '',
  ].join('\n');
}

const round = (value: number) => Math.round(10 * value) / 10;

function powersOfTen(points: readonly RangePoint[]): number[] {
  const [low, high] = [points[0]?.rate ?? 1, points.at(-1)?.rate ?? 1];
  const from = Math.ceil(Math.log10(low) - 1e-9);
  const powers = Array.from(
    { length: Math.max(0, Math.floor(Math.log10(high) + 1e-9) - from + 1) },
    (_, i) => 10 ** (from + i),
  );
  return powers.map((power) => Number(power.toPrecision(1)));
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
