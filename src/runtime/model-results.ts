// Converts the arrays that programs return into results of the model's interface. Any number of examples is split into batches of the
// compiled size; the last batch is padded by repeating its last example, and the results of the padding are dropped, so that every
// example counts exactly once.
import type { Arrays } from './executable.ts';
import type { Evaluation, Gradient, Metric, Named } from './model.ts';
import { metric, overallMetrics } from './metrics.ts';
import type { CheckedArrays } from './model-input.ts';
import { arrayOf } from './program-results.ts';
import type { ModelSpecification, ProgramName, Result } from './specification.ts';
import { StatisticSums } from './statistics.ts';
import { elementCount, namedRecord, type Tensor } from './tensor.ts';

type Run = (program: ProgramName, columns: readonly (readonly [string, Float32Array])[]) => Promise<Arrays>;

/**
 * Runs a program over all examples. Only `evaluate` fills losses and metrics; for other programs the loss is NaN. The outputs of
 * `inverse` are the model's inputs.
 */
export async function runBatches(
  specification: ModelSpecification,
  { count, columns }: CheckedArrays,
  program: 'forward' | 'evaluate' | 'inverse',
  run: Run,
): Promise<Evaluation> {
  const { batch } = specification;
  // The caller may change its arrays once the first batch has started.
  const own = count > batch ? columns.map(({ port, data }) => ({ port, data: data.slice() })) : columns;
  const [prefix, given] =
    program === 'inverse' ? ['input.', specification.inputs] : ['output.', specification.outputs];
  const outputs = given.map((result) => gather(result, count));
  const sums = new StatisticSums(program === 'evaluate' ? specification.metrics : []);
  const losses = new Float32Array(program === 'evaluate' ? count : 0);
  for (let start = 0; start < count; start += batch) {
    const used = Math.min(batch, count - start);
    const results = await run(
      program,
      own.map(
        ({ port, data }) =>
          [port.name, oneBatch(data, elementCount(port.shape), start, used, batch)] as const,
      ),
    );
    for (const { name, size, data } of outputs) {
      data.set(arrayOf(results, prefix + name, batch * size).subarray(0, used * size), start * size);
    }
    if (program !== 'evaluate') continue;
    losses.set(arrayOf(results, 'loss', batch).subarray(0, used), start);
    const values = sums.statistics.map(({ of, output, shape }) =>
      of ? undefined : arrayOf(results, output, batch * elementCount(shape)),
    );
    for (let example = 0; example < used; example++) sums.add(values, 1, example);
  }
  const means = sums.means();
  return {
    count,
    loss: losses.reduce((total, loss) => total + loss, 0) / losses.length,
    losses,
    statistics: means,
    metrics:
      program === 'evaluate' ? await overallMetrics(specification, means, count, run) : namedRecord([]),
    outputs: namedRecord(outputs.map(({ name, shape, data }) => [name, { shape, data }])),
  };
}

/** The examples from `start` as a full batch: a view if there are enough, else a copy padded with the last example. */
function oneBatch(
  data: Float32Array,
  size: number,
  start: number,
  used: number,
  batch: number,
): Float32Array {
  const given = data.subarray(start * size, (start + used) * size);
  if (used === batch) return given;
  const filled = new Float32Array(batch * size);
  filled.set(given);
  const last = given.subarray((used - 1) * size);
  for (let example = used; example < batch; example++) filled.set(last, example * size);
  return filled;
}

function gather({ name, shape }: Result, count: number) {
  const size = elementCount(shape);
  return { name, size, shape: [count, ...shape], data: new Float32Array(count * size) };
}

/** The metrics of a training step, already averaged over the batch. */
export function metricsOf(metrics: readonly Result[], results: Arrays): Named<Metric> {
  return namedRecord(
    metrics.map(({ name, shape }) => {
      const values = arrayOf(results, `metric.${name}`, elementCount(shape));
      return [name, metric(shape, values)];
    }),
  );
}

export function gradientOf(specification: ModelSpecification, results: Arrays): Gradient {
  const batched = (shape: readonly number[]) => [specification.batch, ...shape];
  const parameters = new Map<string, Tensor>();
  for (const { path, shape, storage } of specification.stored) {
    if (storage === 'parameter') parameters.set(path, tensorOf(results, `gradient.params.${path}`, shape));
  }
  const inputs = new Map<string, Tensor>();
  for (const { name, shape, kind } of specification.inputs) {
    if (kind === 'real') inputs.set(name, tensorOf(results, `gradient.inputs.${name}`, batched(shape)));
  }
  const outputs = specification.outputs.map(
    ({ name, shape }) => [name, tensorOf(results, `output.${name}`, batched(shape))] as const,
  );
  return { loss: numberOf(results, 'loss'), outputs: namedRecord(outputs), parameters, inputs };
}

export function tensorOf(results: Arrays, name: string, shape: readonly number[]): Tensor {
  return { shape, data: arrayOf(results, name, elementCount(shape)).slice() };
}

export function numberOf(results: Arrays, name: string): number {
  return arrayOf(results, name, 1)[0] ?? NaN;
}
