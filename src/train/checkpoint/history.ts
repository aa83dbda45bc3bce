// The reports of complete epochs in a checkpoint, as JSON. Numbers that are not finite, which metrics may return, are stored as text.
import type { EpochReport, Evaluation, MetricValue } from '../loop/events.ts';

type NumberJson = number | 'NaN' | 'Infinity' | '-Infinity';
type MetricsJson = readonly (readonly [string, NumberJson | readonly NumberJson[]])[];
type EvaluationJson = Omit<Evaluation, 'metrics'> & { readonly metrics: MetricsJson };

export type ReportJson = Omit<EpochReport, 'metrics' | 'validation'> & {
  readonly metrics: MetricsJson;
  readonly validation?: EvaluationJson;
};

export function showReports(reports: readonly EpochReport[]): readonly ReportJson[] {
  return reports.map(({ validation, ...report }) => ({
    ...report,
    metrics: showMetrics(report.metrics),
    ...(validation && { validation: { ...validation, metrics: showMetrics(validation.metrics) } }),
  }));
}

function showMetrics(metrics: ReadonlyMap<string, MetricValue>): MetricsJson {
  return [...metrics].map(([name, value]) => [
    name,
    typeof value === 'number' ? showNumber(value) : value.map(showNumber),
  ]);
}

function showNumber(value: number): NumberJson {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** Undefined if the JSON is invalid: it comes from a file. */
export function parseReports(json: unknown): readonly EpochReport[] | undefined {
  if (!Array.isArray(json)) return undefined;
  const reports = json.map(parseReport);
  return reports.every((report) => report !== undefined) ? reports : undefined;
}

type Unknown = { readonly [name: string]: unknown };

function parseReport(json: unknown): EpochReport | undefined {
  if (!isObject(json)) return undefined;
  const { epoch, step, loss, seconds, samplesPerSecond, learningRate, best } = json;
  const metrics = parseMetrics(json['metrics']);
  const validation = json['validation'] === undefined ? undefined : parseEvaluation(json['validation']);
  if (!isNumber(epoch) || !isNumber(step) || !isNumber(loss) || !isNumber(seconds)) return undefined;
  if (!isNumber(samplesPerSecond) || typeof best !== 'boolean' || !metrics) return undefined;
  if ((json['validation'] !== undefined && !validation) || !isOptionalNumber(learningRate)) return undefined;
  return {
    epoch,
    step,
    loss,
    metrics,
    ...(validation && { validation }),
    ...(learningRate !== undefined && { learningRate }),
    best,
    seconds,
    samplesPerSecond,
  };
}

function parseEvaluation(json: unknown): Evaluation | undefined {
  if (!isObject(json)) return undefined;
  const { examples, loss } = json;
  const metrics = parseMetrics(json['metrics']);
  return isNumber(examples) && isNumber(loss) && metrics ? { examples, loss, metrics } : undefined;
}

function parseMetrics(json: unknown): ReadonlyMap<string, MetricValue> | undefined {
  if (!Array.isArray(json)) return undefined;
  const metrics = new Map<string, MetricValue>();
  for (const entry of json as readonly unknown[]) {
    if (!Array.isArray(entry) || typeof entry[0] !== 'string') return undefined;
    const value = parseValue(entry[1]);
    if (value === undefined) return undefined;
    metrics.set(entry[0], value);
  }
  return metrics;
}

function parseValue(json: unknown): MetricValue | undefined {
  if (!Array.isArray(json)) return parseNumber(json);
  const numbers = json.map(parseNumber);
  return numbers.every((number) => number !== undefined) ? numbers : undefined;
}

function parseNumber(json: unknown): number | undefined {
  if (isNumber(json)) return json;
  return json === 'NaN' || json === 'Infinity' || json === '-Infinity' ? Number(json) : undefined;
}

function isObject(json: unknown): json is Unknown {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function isNumber(json: unknown): json is number {
  return typeof json === 'number';
}

function isOptionalNumber(json: unknown): json is number | undefined {
  return json === undefined || isNumber(json);
}
