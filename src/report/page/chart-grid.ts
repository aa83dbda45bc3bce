// A grid of charts, one per name for which any of the shown runs has a curve. Charts are updated when the runs have more points. Names
// are inserted as text only.
import type UPlot from 'uplot';
import type { Axis, Part, Points, RunCurves } from './curves.ts';

/** The library is a separate script of the page. */
declare const uPlot: typeof UPlot;

export interface ShownRun {
  readonly label: string;
  /** Index into the page's colors. */
  readonly color: number;
  readonly curves: RunCurves;
}

export interface ChartOptions {
  readonly axis: Axis;
  /** From 0 to 1. */
  readonly smoothing: number;
  /** Only the charts of losses and the learning rate. */
  readonly logarithmic: boolean;
}

interface Curve {
  readonly label: string;
  readonly color: string;
  readonly points: Points;
  readonly dash?: readonly number[];
  readonly width: number;
  readonly marked: boolean;
}

interface Drawn {
  readonly card: HTMLElement;
  readonly place: HTMLElement;
  chart: UPlot | undefined;
  /** A key of the chart's form: if it is unchanged, only the points are updated. */
  made: string;
}

const height = 230;
const partNames: { readonly [K in Part]: string } = {
  steps: 'training',
  epochs: 'training, epoch',
  validation: 'validation',
};
const axisNames: { readonly [K in Axis]: string } = { step: 'step', epoch: 'epoch', time: 'seconds' };

export class ChartGrid {
  readonly #drawn = new Map<string, Drawn>();
  #again: () => void = () => undefined;

  constructor(private readonly container: HTMLElement) {
    new ResizeObserver(() => this.#fit()).observe(container);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.redraw());
  }

  draw(runs: readonly ShownRun[], options: ChartOptions): void {
    this.#again = () => this.draw(runs, options);
    const names = [...new Set(runs.flatMap(({ curves }) => curves.names()))];
    for (const [name, { card, chart }] of this.#drawn) {
      if (names.includes(name)) continue;
      chart?.destroy();
      card.remove();
      this.#drawn.delete(name);
    }
    for (const name of names) this.#drawOne(name, runs, options);
  }

  /** Redraws everything, for another color theme. */
  redraw(): void {
    for (const drawn of this.#drawn.values()) drawn.made = '';
    this.#again();
  }

  #drawOne(name: string, runs: readonly ShownRun[], options: ChartOptions): void {
    const logarithmic = options.logarithmic && /loss|learning rate/.test(name);
    const curves = curvesOf(name, runs, options);
    const drawn = this.#drawn.get(name) ?? this.#addCard(name);
    const data = aligned(curves, logarithmic);
    drawn.place.setAttribute('aria-label', describe(name, curves));
    const made = JSON.stringify([
      options.axis,
      logarithmic,
      curves.map(({ label, color, dash }) => [label, color, dash]),
    ]);
    if (drawn.chart && drawn.made === made) {
      drawn.chart.setData(data);
      return;
    }
    drawn.chart?.destroy();
    drawn.chart = new uPlot(
      settings(curves, options.axis, logarithmic, widthOf(drawn.place)),
      data,
      drawn.place,
    );
    drawn.made = made;
  }

  #addCard(name: string): Drawn {
    const card = document.createElement('figure');
    card.className = 'chart';
    const heading = document.createElement('figcaption');
    heading.textContent = name;
    const place = document.createElement('div');
    place.setAttribute('role', 'img');
    card.append(heading, place);
    this.container.append(card);
    const drawn = { card, place, chart: undefined, made: '' };
    this.#drawn.set(name, drawn);
    return drawn;
  }

  #fit(): void {
    for (const { chart, place } of this.#drawn.values()) {
      const width = widthOf(place);
      if (chart && chart.width !== width) chart.setSize({ width, height });
    }
  }
}

/** A text alternative: `loss: training 120 points, the last 0.1234; …` */
function describe(name: string, curves: readonly Curve[]): string {
  const parts = curves.map(({ label, points: { y } }) => {
    const last = y.at(-1);
    return `${label} ${y.length} points${typeof last === 'number' ? `, the last ${short(last)}` : ''}`;
  });
  return `${name}: ${parts.join('; ')}`;
}

function widthOf(place: HTMLElement): number {
  return Math.max(200, place.clientWidth);
}

/** One run: a color per part. Several: a color per run, and validation is dashed. */
function curvesOf(name: string, runs: readonly ShownRun[], { axis, smoothing }: ChartOptions): Curve[] {
  const [only, another] = runs;
  if (only && !another) {
    const { curves } = only;
    const raw = curves.points(name, 'steps', axis, 0);
    const smooth = curves.points(name, 'steps', axis, smoothing);
    const steps: Curve[] = [
      { label: 'as logged', color: colorOf('--faint'), points: raw, width: 1, marked: false },
      {
        label: partNames.steps,
        color: colorOf('--training'),
        points: smooth,
        width: 2,
        marked: raw.x.length < 3,
      },
    ];
    const isMeasure = !['learning rate', 'samples a second'].includes(name);
    const shown =
      isMeasure && smoothing > 0 ? steps : steps.slice(1).map((curve) => ({ ...curve, points: raw }));
    const others = (['epochs', 'validation'] as const).map((part) => ({
      label: partNames[part],
      color: colorOf(part === 'epochs' ? '--epochs' : '--validation'),
      points: curves.points(name, part, axis, 0),
      width: 2,
      marked: true,
    }));
    return [...shown, ...others].filter(({ points }) => points.x.length > 0);
  }
  return runs.flatMap(({ label, color, curves }) => {
    const stroke = colorOf(`--run-${color}`);
    const steps = curves.points(name, 'steps', axis, smoothing);
    const training = steps.x.length > 0 ? steps : curves.points(name, 'epochs', axis, 0);
    const validation = curves.points(name, 'validation', axis, 0);
    return [
      { label, color: stroke, points: training, width: 2, marked: training.x.length < 3 },
      {
        label: `${label}, validation`,
        color: stroke,
        points: validation,
        width: 2,
        marked: true,
        dash: [6, 4],
      },
    ].filter(({ points }) => points.x.length > 0);
  });
}

/** All curves over the union of their x values. */
function aligned(curves: readonly Curve[], logarithmic: boolean): UPlot.AlignedData {
  const x = [...new Set(curves.flatMap(({ points }) => points.x))].sort((a, b) => a - b);
  const y = curves.map(({ points }) => {
    // of two points at one x the later is used
    const values = new Map(points.x.map((at, i) => [at, points.y[i] ?? null]));
    return x.map((at) => {
      const value = values.get(at) ?? null;
      return value === null || (logarithmic && value <= 0) ? null : value;
    });
  });
  return [x, ...y];
}

function settings(curves: readonly Curve[], axis: Axis, logarithmic: boolean, width: number): UPlot.Options {
  const lines = {
    stroke: colorOf('--muted'),
    grid: { stroke: colorOf('--grid'), width: 1 },
    ticks: { stroke: colorOf('--grid'), width: 1 },
    font: '12px system-ui, sans-serif',
  };
  return {
    width,
    height,
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the enum is ambient: there are its numbers alone
    scales: { x: { time: false }, y: { distr: logarithmic ? 3 : 1 } },
    cursor: { sync: { key: 'charts' }, points: { size: 7 } },
    legend: { live: true },
    axes: [
      { ...lines, label: axisNames[axis], labelSize: 18, labelFont: lines.font, size: 34 },
      {
        ...lines,
        size: 62,
        values: (_, ticks: readonly (number | null)[]) =>
          ticks.map((tick) => (tick === null ? '' : short(tick))),
      },
    ],
    series: [
      { label: axisNames[axis], value: (_, value: number | null) => (value === null ? '' : short(value)) },
      ...curves.map(({ label, color, width: stroke, dash, marked }) => ({
        label,
        stroke: color,
        width: stroke,
        spanGaps: true,
        points: { show: marked, size: 5, fill: color },
        value: (_: UPlot, value: number | null) => (value === null ? '' : short(value)),
        ...(dash && { dash: [...dash] }),
      })),
    ],
  };
}

/** Four significant digits at most. */
function short(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(1);
  return Number(value.toPrecision(4)).toLocaleString('en-US', { maximumFractionDigits: 6 });
}

function colorOf(property: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim();
}
