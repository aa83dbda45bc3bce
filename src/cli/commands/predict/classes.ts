// Converts a classifier's outputs to classes and probabilities. The model's loss tells whether outputs are probabilities (scores and
// log-probabilities are converted by softmax); with a user-defined loss, their values do.
import type { Source } from '../../../diagnostics/source.ts';
import { parse } from '../../../parser/parse.ts';
import type { ModelSpecification } from '../../../runtime/specification.ts';
import type { Preprocessing } from '../../../train/data/prepare/preprocessing.ts';

/** An output with an element per class of a target. */
export interface ClassOutput {
  readonly output: string;
  readonly target: string;
  readonly classes: number;
  readonly names?: readonly string[];
}

export interface RankedClass {
  readonly class: number;
  readonly name?: string;
  readonly probability: number;
}

/** The first output with as many elements as a class target has classes. */
export function classOutput(
  { outputs, targets }: ModelSpecification,
  preprocessing: Preprocessing | undefined,
): ClassOutput | undefined {
  for (const target of targets) {
    if (target.kind !== 'class' || target.shape.length > 0) continue;
    const output = outputs.find(({ shape }) => shape.length === 1 && shape[0] === target.limit);
    if (!output || target.limit === undefined) continue;
    const names = preprocessing?.targets.find(({ name }) => name === target.name)?.classes;
    return { output: output.name, target: target.name, classes: target.limit, ...(names && { names }) };
  }
  return undefined;
}

export type Scores = 'scores' | 'probabilities' | 'unknown';

/** The kind of the model's outputs, by its loss. */
export function kindOfScores(source: Source, model: string): Scores {
  const found = parse(source).program.declarations.find(
    (declaration) => declaration.kind === 'model' && declaration.name.text === model,
  );
  const item = found?.kind === 'model' ? found.items.find(({ kind }) => kind === 'loss') : undefined;
  const text = item ? item.span.source.text.slice(item.span.start, item.span.end) : '';
  if (/\b(CrossEntropy|NLL|Hinge)\b/.test(text)) return 'scores';
  return /\bNLLProb\b/.test(text) ? 'probabilities' : 'unknown';
}

/** @param rows one per example */
export function probabilitiesOf(rows: readonly Float32Array[], kind: Scores): readonly Float64Array[] {
  const isDistribution = (row: Float32Array) =>
    row.every((value) => value >= 0 && value <= 1) &&
    Math.abs(row.reduce((sum, value) => sum + value, 0) - 1) < 1e-3;
  const are = kind === 'probabilities' || (kind === 'unknown' && rows.every(isDistribution));
  return rows.map((row) => (are ? Float64Array.from(row) : softmax(row)));
}

function softmax(row: Float32Array): Float64Array {
  const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = Float64Array.from(row, (value) => Math.exp(value - largest));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}

/** The most probable classes first; ties by the lower number. */
export function rank(
  probabilities: Float64Array,
  top: number,
  names: readonly string[] | undefined,
): readonly RankedClass[] {
  return Array.from(probabilities, (probability, i): RankedClass => {
    const name = names?.[i];
    return { class: i, ...(name !== undefined && { name }), probability };
  })
    .sort((a, b) => b.probability - a.probability || a.class - b.class)
    .slice(0, top);
}
