// From a model's outputs to what they mean in the data: classes with their names and probabilities, numbers by their columns.
import type { ModelSpecification, Port, ScoreKind } from '../specification.ts';
import { elementCount, namedRecord, type Tensor } from '../tensor.ts';
import type { TargetForm } from './form.ts';

/** An output with an element per class of a target. */
export interface ClassOutput {
  readonly output: string;
  readonly target: string;
  readonly classes: number;
  readonly names?: readonly string[];
}

/** An output with the elements of a target of numbers. */
export interface NumberOutput {
  readonly output: string;
  readonly target: string;
  /** The target's columns in the table. */
  readonly columns: readonly string[];
}

/** What a model's outputs mean. */
export interface Presentation {
  readonly classes?: ClassOutput;
  /** What it holds; if unknown, its values tell. */
  readonly scores?: ScoreKind;
  readonly numbers: readonly NumberOutput[];
}

/** What the model says of one example. */
export interface Prediction {
  /** The most probable class, its name if the data has names, and the probability of each; absent if the model has no class output. */
  readonly class?: number;
  readonly name?: string;
  readonly probabilities?: Float64Array;
  /** Predicted numbers by the names of the table's columns; absent if there are none. */
  readonly values?: { readonly [column: string]: number };
  /** In row-major order. */
  readonly outputs: { readonly [output: string]: Float32Array };
}

/**
 * The class output is the first with as many elements as a class target has classes; a target of numbers is predicted by the first other
 * output of its size.
 * @param forms of the targets, if known
 */
export function presentationOf(
  { outputs, targets, scores }: Pick<ModelSpecification, 'outputs' | 'targets' | 'scores'>,
  forms: readonly TargetForm[] = [],
): Presentation {
  const free = new Set(outputs);
  const formOf = ({ name }: Port) => forms.find((form) => form.name === name);
  let classes: ClassOutput | undefined;
  for (const target of targets) {
    if (classes || target.kind !== 'class' || target.shape.length > 0 || target.limit === undefined) continue;
    const output = outputs.find(({ shape }) => shape.length === 1 && shape[0] === target.limit);
    if (!output) continue;
    free.delete(output);
    const names = formOf(target)?.classes;
    classes = { output: output.name, target: target.name, classes: target.limit, ...(names && { names }) };
  }
  const numbers: NumberOutput[] = [];
  for (const target of targets) {
    const form = formOf(target);
    if (target.kind !== 'real' || form?.kind === 'class') continue;
    const size = elementCount(target.shape);
    const output = [...free].find(({ shape }) => elementCount(shape) === size);
    if (!output) continue;
    free.delete(output);
    if (form?.columns?.length === size)
      numbers.push({ output: output.name, target: target.name, columns: form.columns });
  }
  return { ...(classes && { classes }), ...(scores && { scores }), numbers };
}

/** @param outputs with the examples along the first axis */
export function present(
  presentation: Presentation,
  outputs: { readonly [output: string]: Tensor },
): readonly Prediction[] {
  const { classes, scores, numbers } = presentation;
  const rows = Object.entries(outputs).map(
    ([
      name,
      {
        shape: [count = 0],
        data,
      },
    ]) => {
      const size = data.length / count;
      const each = Array.from({ length: count }, (_, i) => data.slice(i * size, (i + 1) * size));
      return [name, each] as const;
    },
  );
  const byName = new Map(rows);
  const count = rows[0]?.[1].length ?? 0;
  const probabilities = classes && probabilitiesOf(byName.get(classes.output) ?? [], scores);
  return Array.from({ length: count }, (_, i): Prediction => {
    const own = probabilities?.[i];
    const best = own?.reduce((found, value, k) => (value > (own[found] ?? 0) ? k : found), 0);
    const name = best === undefined ? undefined : classes?.names?.[best];
    const values: (readonly [string, number])[] = [];
    const shown = rows.map(([output, each]) => {
      const row = each[i] ?? new Float32Array();
      const columns = numbers.find((number) => number.output === output)?.columns;
      columns?.forEach((column, k) => values.push([column, row[k] ?? NaN]));
      return [output, row] as const;
    });
    return {
      ...(own && best !== undefined && { class: best, probabilities: own }),
      ...(name !== undefined && { name }),
      ...(values.length > 0 && { values: namedRecord(values) }),
      outputs: namedRecord(shown),
    };
  });
}

/** @param rows one per example */
export function probabilitiesOf(
  rows: readonly Float32Array[],
  kind: ScoreKind | undefined,
): readonly Float64Array[] {
  const isDistribution = (row: Float32Array) =>
    row.every((value) => value >= 0 && value <= 1) &&
    Math.abs(row.reduce((sum, value) => sum + value, 0) - 1) < 1e-3;
  const are = kind === 'probabilities' || (kind === undefined && rows.every(isDistribution));
  return rows.map((row) => (are ? Float64Array.from(row) : softmax(row)));
}

function softmax(row: Float32Array): Float64Array {
  const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = Float64Array.from(row, (value) => Math.exp(value - largest));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}
