// Copies of what calls are given, for those that wait their turn.
import type { Metric, ModelArrays, Named } from './model.ts';
import { namedRecord } from './tensor.ts';

/** What is no array stays as it is: the check of the arguments says what is wrong with it. */
export function copyArrays(arrays: ModelArrays): ModelArrays {
  return namedRecord(
    Object.entries(arrays).map(([name, values]) => [
      name,
      values instanceof Float32Array || Array.isArray(values) ? values.slice() : values,
    ]),
  );
}

export function copyMetrics(metrics: Named<Metric>): Named<Metric> {
  return namedRecord(
    Object.entries(metrics).map(([name, metric]) => [
      name,
      typeof metric === 'number' ? metric : { ...metric, data: metric.data.slice() },
    ]),
  );
}
