// Copies of the arguments of queued calls. Invalid arguments are kept unchanged: the check, when the call runs, reports them.
import type { Metric, ModelArrays, Named } from './model.ts';
import { isObject } from './model-input.ts';
import { namedRecord } from './tensor.ts';

export function copyArrays(arrays: ModelArrays): ModelArrays {
  return isObject(arrays) ? mapValues(arrays, copyNumbers) : arrays;
}

export function copyNumbers(values: Float32Array | readonly number[]): Float32Array | readonly number[] {
  return values instanceof Float32Array || Array.isArray(values) ? values.slice() : values;
}

export function copyMetrics(metrics: Named<Metric>): Named<Metric> {
  if (!isObject(metrics)) return metrics;
  return mapValues(metrics, (metric) =>
    isObject(metric) && metric.data instanceof Float32Array
      ? { ...metric, data: metric.data.slice() }
      : metric,
  );
}

function mapValues<T>(record: Named<T>, change: (value: T) => T): Named<T> {
  return namedRecord(Object.entries(record).map(([name, value]) => [name, change(value)] as const));
}
