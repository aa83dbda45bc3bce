// A model's forecasts of a series beside the naive ones, over a part of the data: built from the chunks of an evaluation that the loop
// reports. The naive forecast repeats the last value in the window, the seasonal one the value a period earlier.
import type { Evaluation, ModelArrays } from '../../runtime/model.ts';
import type { ModelSpecification } from '../../runtime/specification.ts';
import { elementCount } from '../../runtime/tensor.ts';
import type { Dataset, FloatColumn, SeriesData, Split } from '../data/dataset.ts';
import type { SeriesRows, Times } from '../data/series/series.ts';
import { ErrorSums, type ForecastErrors } from './errors.ts';

type Part = 'train' | 'validation' | 'test';

/** Truth and forecasts of the first step ahead, in the order of time. */
export interface ForecastCurve {
  /** The group's name; empty if there is one series. */
  readonly group: string;
  /** The time of each target, or the number of its row. */
  readonly times: readonly number[];
  readonly actual: readonly number[];
  readonly forecast: readonly number[];
  readonly naive: readonly number[];
}

export interface ForecastResult {
  readonly part: Part;
  readonly examples: number;
  /** The column that the curves are of. */
  readonly column: string;
  readonly model: ForecastErrors;
  readonly naive: ForecastErrors;
  /** If the period is known. */
  readonly seasonal?: ForecastErrors;
  readonly period?: number;
  /** Mean absolute errors by steps ahead, from 1. */
  readonly steps: readonly { readonly model: number; readonly naive: number }[];
  readonly curves: readonly ForecastCurve[];
  readonly timeKind: Times['kind'] | 'row';
}

/** Maximum number of curves, and of the newest points of each. */
const mostCurves = 4;
const mostPoints = 500;

export class ForecastScore {
  readonly #forecast: Forecast | undefined;
  readonly #parts = new Map<Part, PartScore>();

  constructor(
    specification: ModelSpecification,
    private readonly dataset: Dataset,
  ) {
    this.#forecast = forecastOf(specification, dataset);
  }

  /** Adds a chunk of an evaluation; the chunk with the first example restarts. */
  add(part: Part, first: number, arrays: ModelArrays, found: Evaluation): void {
    const split = this.dataset[part];
    if (!this.#forecast || !split) return;
    if (first === 0) this.#parts.set(part, new PartScore(this.#forecast, split, this.#rowsOf(part)));
    this.#parts.get(part)?.add(first, arrays, found);
  }

  #rowsOf(part: Part): SeriesRows | undefined {
    const { series } = this.dataset;
    return part === 'test' ? (series?.test ?? series?.train) : series?.train;
  }

  /** The test part's result if there is one, else the last validation's, else the training part's; undefined if nothing is forecast. */
  result(): ForecastResult | undefined {
    const part = (['test', 'validation', 'train'] as const).find((each) => this.#parts.has(each));
    const score = part && this.#parts.get(part);
    return part && score?.isForecast() ? { part, ...score.result() } : undefined;
  }
}

/** What is forecast of which rows. */
interface Forecast {
  readonly form: SeriesData['form'];
  readonly target: string;
  readonly output: string;
  /** Steps ahead, and values in each. */
  readonly horizon: number;
  readonly width: number;
  readonly columns: readonly string[];
}

/** The first target of numbers, and the first output of its size. */
function forecastOf({ targets, outputs }: ModelSpecification, dataset: Dataset): Forecast | undefined {
  const form = dataset.series?.form;
  if (!form || form.horizon === 0) return undefined;
  const target = targets.find(({ name }) => viewed(dataset.train, name));
  const known = dataset.preprocessing.targets.find(({ name }) => name === target?.name);
  if (target?.kind !== 'real' || known?.kind !== 'number') return undefined;
  const size = elementCount(target.shape);
  const output = outputs.find(({ shape }) => elementCount(shape) === size);
  const width = size / form.horizon;
  return (
    output && {
      form,
      target: target.name,
      output: output.name,
      horizon: form.horizon,
      width,
      columns: known.columns ?? [target.name],
    }
  );
}

type ViewColumn = FloatColumn & Required<Pick<FloatColumn, 'view'>>;

function viewed({ columns }: Split, name: string): ViewColumn | undefined {
  const column = columns.get(name);
  return column?.kind === 'float' && column.view ? { ...column, view: column.view } : undefined;
}

class PartScore {
  readonly #column: ViewColumn | undefined;
  readonly #model: ErrorSums;
  readonly #naive: ErrorSums;
  readonly #seasonal: ErrorSums;
  readonly #curves = new CurveBuilder();
  #examples = 0;
  #run = 0;
  /** Whether all targets are 0 or 1: the outputs are then scores, no forecasts. */
  #isBinary = true;

  constructor(
    private readonly forecast: Forecast,
    private readonly split: Split,
    private readonly rows: SeriesRows | undefined,
  ) {
    this.#column = viewed(split, forecast.target);
    this.#model = new ErrorSums(forecast.horizon);
    this.#naive = new ErrorSums(forecast.horizon);
    this.#seasonal = new ErrorSums(forecast.horizon);
  }

  isForecast(): boolean {
    return this.#examples > 0 && !this.#isBinary;
  }

  add(first: number, arrays: ModelArrays, found: Evaluation): void {
    const { target, output, horizon, width } = this.forecast;
    const truths = arrays[target];
    const answers = found.outputs[output]?.data;
    if (!this.#column || !truths || !answers) return;
    for (let i = 0; i < found.count; i++) {
      const row = this.split.rows?.[first + i] ?? first + i;
      for (let step = 0; step < horizon; step++)
        for (let column = 0; column < width; column++) {
          const at = (i * horizon + step) * width + column;
          this.#addValue({ row, step, column }, truths[at] ?? NaN, answers[at] ?? NaN);
        }
      this.#examples++;
    }
  }

  #addValue(
    place: { readonly row: number; readonly step: number; readonly column: number },
    truth: number,
    answer: number,
  ): void {
    const { period } = this.forecast.form;
    const { row, step, column } = place;
    const naive = this.#earlier(place, step + 1);
    this.#isBinary &&= truth === 0 || truth === 1;
    this.#model.add(step, answer - truth);
    this.#naive.add(step, naive - truth);
    if (period !== undefined)
      this.#seasonal.add(step, this.#earlier(place, period * Math.ceil((step + 1) / period)) - truth);
    if (step > 0 || column > 0) return;
    const at = row + this.forecast.form.window;
    this.#curves.add(this.#groupOf(row), { time: this.rows?.times?.values[at] ?? at, truth, answer, naive });
  }

  /** The value of the target some rows before the one that is forecast: always one in the window. */
  #earlier({ row, step, column }: { row: number; step: number; column: number }, rows: number): number {
    if (!this.#column) return NaN;
    const { data, view } = this.#column;
    return data[(row + step - rows) * view.step + view.offset + column] ?? NaN;
  }

  /** Examples come in the order of runs: the search goes on from the last one's. */
  #groupOf(row: number): string {
    const { runs = [], groups = [] } = this.rows ?? {};
    if (row < (runs[this.#run]?.start ?? 0)) this.#run = 0;
    while (row >= (runs[this.#run]?.end ?? Infinity)) this.#run++;
    return groups[runs[this.#run]?.group ?? 0] ?? '';
  }

  result(): Omit<ForecastResult, 'part'> {
    const { form, columns } = this.forecast;
    const naive = this.#naive.byStep();
    return {
      examples: this.#examples,
      column: columns[0] ?? '',
      model: this.#model.total(),
      naive: this.#naive.total(),
      ...(form.period !== undefined && { seasonal: this.#seasonal.total(), period: form.period }),
      steps: this.#model.byStep().map((model, step) => ({ model, naive: naive[step] ?? NaN })),
      curves: this.#curves.curves(),
      timeKind: this.rows?.times?.kind ?? 'row',
    };
  }
}

interface Point {
  readonly time: number;
  readonly truth: number;
  readonly answer: number;
  readonly naive: number;
}

/** Keeps the newest points of the first groups. */
class CurveBuilder {
  readonly #groups = new Map<string, Point[]>();

  add(group: string, point: Point): void {
    const own = this.#groups.get(group);
    if (own) own.push(point);
    else if (this.#groups.size < mostCurves) this.#groups.set(group, [point]);
    // cut only now and then: a cut copies
    if (own && own.length >= 2 * mostPoints) own.splice(0, own.length - mostPoints);
  }

  curves(): ForecastCurve[] {
    return [...this.#groups].map(([group, all]) => {
      const points = all.slice(-mostPoints);
      return {
        group,
        times: points.map(({ time }) => time),
        actual: points.map(({ truth }) => truth),
        forecast: points.map(({ answer }) => answer),
        naive: points.map(({ naive }) => naive),
      };
    });
  }
}
