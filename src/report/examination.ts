// What a model made of single examples: how often each class was taken for which, and the worst mistakes with their pictures. Built from
// the pieces of an evaluation that the loop passes on; nothing is evaluated again. Only the worst examples' inputs are kept.
import type { Evaluation, ModelArrays } from '../runtime/model.ts';
import type { ModelSpecification, Port } from '../runtime/specification.ts';
import { elementCount } from '../runtime/tensor.ts';
import type { InputForm, Preprocessing } from '../train/data/prepare/preprocessing.ts';

/** Which examples were examined. */
export type Part = 'train' | 'validation' | 'test';

/** How often examples of a class (the first index) were taken for another (the second). */
export interface Confusion {
  readonly classes: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

export interface ExaminedExample {
  /** From 0, in the part's order. */
  readonly index: number;
  readonly loss: number;
  /** What it is: the name of a class, or numbers. */
  readonly truth: string;
  /** What the model said. */
  readonly answer: string;
  /** The share that the model gave to its answer, where it gives shares to classes. */
  readonly certainty?: number;
  /** As the model was given it, by input. */
  readonly inputs: ReadonlyMap<string, Float32Array>;
}

export interface Examination {
  readonly part: Part;
  readonly examples: number;
  /** Where the target is one class. */
  readonly confusion?: Confusion;
  /** For classes: wrong answers alone. The highest loss first. */
  readonly worst: readonly ExaminedExample[];
  /** How the inputs are to be read. */
  readonly forms: readonly InputForm[];
}

/** A target of one class an example, and the output that has a number for each. */
interface Classification {
  readonly target: Port;
  readonly output: string;
  readonly classes: readonly string[];
}

/** Classes of which a matrix is still readable; beyond it is not counted. */
const mostClasses = 200;
/** Numbers of a truth or an answer that are written out. */
const mostNumbers = 4;

export class Examiner {
  readonly #classification: Classification | undefined;
  readonly #parts = new Map<Part, Examining>();

  constructor(
    private readonly specification: ModelSpecification,
    private readonly preprocessing: Preprocessing,
    private readonly keep = 24,
  ) {
    this.#classification = classificationOf(specification, preprocessing);
  }

  /** Takes a piece of an evaluation; the piece that begins at the first example begins anew. */
  add(part: Part, first: number, arrays: ModelArrays, found: Evaluation): void {
    if (first === 0) this.#parts.set(part, new Examining(this.#classification, this.keep));
    this.#parts.get(part)?.add(this.specification, first, arrays, found);
  }

  /** The test part's where there was one, else that of the last validation, else the training part's. */
  result(): Examination | undefined {
    const part = (['test', 'validation', 'train'] as const).find((each) => this.#parts.has(each));
    const examining = part && this.#parts.get(part);
    if (!part || !examining) return undefined;
    return { part, forms: this.preprocessing.inputs, ...examining.result() };
  }
}

/** Nothing where the model does not sort examples into classes. */
function classificationOf(
  { targets, outputs }: ModelSpecification,
  preprocessing: Preprocessing,
): Classification | undefined {
  for (const target of targets) {
    const count =
      target.kind === 'class' && target.shape.length === 0
        ? target.limit
        : // a vector with a one at the class
          preprocessing.targets.find(({ name }) => name === target.name)?.kind === 'class' &&
            target.shape.length === 1
          ? target.shape[0]
          : undefined;
    if (count === undefined || count < 2 || count > mostClasses) continue;
    const output = outputs.find(({ shape }) => shape.length === 1 && shape[0] === count);
    if (!output) continue;
    const named = preprocessing.targets.find(({ name }) => name === target.name)?.classes;
    const classes = Array.from({ length: count }, (_, label) => named?.[label] ?? String(label));
    return { target, output: output.name, classes };
  }
  return undefined;
}

class Examining {
  #examples = 0;
  readonly #counts: number[][];
  #worst: ExaminedExample[] = [];

  constructor(
    private readonly classification: Classification | undefined,
    private readonly keep: number,
  ) {
    const { classes } = classification ?? { classes: [] };
    this.#counts = classes.map(() => classes.map(() => 0));
  }

  add(specification: ModelSpecification, first: number, arrays: ModelArrays, found: Evaluation): void {
    this.#examples += found.count;
    for (let i = 0; i < found.count; i++) {
      const judged = this.classification
        ? this.#judge(this.classification, i, arrays, found)
        : showNumbers(specification, i, arrays, found);
      const loss = found.losses[i] ?? NaN;
      const least = this.#worst.at(-1);
      // a loss that is not a number is worse than any
      const rank = Number.isNaN(loss) ? Infinity : loss;
      if (!judged || (this.#worst.length >= this.keep && least && rank <= least.loss)) continue;
      const inputs = new Map(
        specification.inputs.map(({ name, shape }) => [
          name,
          exampleOf(arrays[name], elementCount(shape), i),
        ]),
      );
      this.#worst.push({ index: first + i, loss, ...judged, inputs });
      this.#worst = this.#worst
        .sort((a, b) => rankOf(b) - rankOf(a) || a.index - b.index)
        .slice(0, this.keep);
    }
  }

  /** Nothing where the answer is right. */
  #judge({ target, output, classes }: Classification, i: number, arrays: ModelArrays, found: Evaluation) {
    const size = classes.length;
    const given = exampleOf(arrays[target.name], elementCount(target.shape), i);
    const truth = target.shape.length === 0 ? (given[0] ?? 0) : indexOfLargest(given);
    const scores = exampleOf(found.outputs[output]?.data, size, i);
    const answer = indexOfLargest(scores);
    const row = this.#counts[truth];
    if (row) row[answer] = (row[answer] ?? 0) + 1;
    if (truth === answer) return undefined;
    return {
      truth: classes[truth] ?? String(truth),
      answer: classes[answer] ?? String(answer),
      certainty: shareOf(scores, answer),
    };
  }

  result() {
    const { classification } = this;
    return {
      examples: this.#examples,
      ...(classification && { confusion: { classes: classification.classes, counts: this.#counts } }),
      worst: this.#worst,
    };
  }
}

function rankOf({ loss }: ExaminedExample): number {
  return Number.isNaN(loss) ? Infinity : loss;
}

function exampleOf(data: ArrayLike<number> | undefined, size: number, i: number): Float32Array {
  return Float32Array.from({ length: size }, (_, k) => data?.[i * size + k] ?? NaN);
}

function indexOfLargest(values: Float32Array): number {
  return values.reduce((best, value, i) => (value > (values[best] ?? NaN) ? i : best), 0);
}

/** Scores that are shares already are taken as they are; others are logits. */
function shareOf(scores: Float32Array, answer: number): number {
  const sum = scores.reduce((total, score) => total + score, 0);
  if (Math.abs(sum - 1) < 1e-3 && scores.every((score) => score >= 0)) return scores[answer] ?? NaN;
  const largest = scores[answer] ?? NaN;
  return 1 / scores.reduce((total, score) => total + Math.exp(score - largest), 0);
}

function showNumbers(
  { targets, outputs }: ModelSpecification,
  i: number,
  arrays: ModelArrays,
  found: Evaluation,
) {
  const show = (values: Float32Array) => {
    const shown = Array.from(values.subarray(0, mostNumbers), (value) => value.toPrecision(4)).join(', ');
    return values.length > mostNumbers ? `${shown}, …` : shown;
  };
  const [target] = targets;
  const [output] = outputs;
  const size = ({ shape }: { readonly shape: readonly number[] }) => elementCount(shape);
  return {
    truth: target ? show(exampleOf(arrays[target.name], size(target), i)) : '',
    answer: output ? show(exampleOf(found.outputs[output.name]?.data, size(output), i)) : '',
  };
}
