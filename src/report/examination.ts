// Examines a model's results per example: the confusion matrix, and the worst mistakes with their images. Built from the chunks of an
// evaluation that the loop reports; nothing is evaluated again. Only the worst examples' inputs are kept.
import type { Evaluation, ModelArrays } from '../runtime/model.ts';
import type { ModelSpecification, Port } from '../runtime/specification.ts';
import { elementCount } from '../runtime/tensor.ts';
import type { InputForm } from '../runtime/preparation/form.ts';
import type { Preprocessing } from '../train/data/prepare/preprocessing.ts';

/** The part of the data examined. */
export type Part = 'train' | 'validation' | 'test';

/** How often examples of a class (first index) were classified as another (second index). */
export interface Confusion {
  readonly classes: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

export interface ExaminedExample {
  /** From 0, in the part's order. */
  readonly index: number;
  readonly loss: number;
  /** The truth: the name of a class, or numbers. */
  readonly truth: string;
  /** The model's answer. */
  readonly answer: string;
  /** The probability of the answer, if the model computes probabilities. */
  readonly certainty?: number;
  /** The model's inputs, by name. */
  readonly inputs: ReadonlyMap<string, Float32Array>;
}

export interface Examination {
  readonly part: Part;
  readonly examples: number;
  /** If the target is a class. */
  readonly confusion?: Confusion;
  /** Of classifications, only wrong ones. The highest loss first. */
  readonly worst: readonly ExaminedExample[];
  /** The inputs' forms. */
  readonly forms: readonly InputForm[];
}

/** A target with one class per example, and the output with an element per class. */
interface Classification {
  readonly target: Port;
  readonly output: string;
  readonly classes: readonly string[];
}

/** Maximum number of classes for a readable matrix. */
const mostClasses = 200;
/** Maximum number of elements of a truth or an answer to print. */
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

  /** Adds a chunk of an evaluation; the chunk with the first example restarts. */
  add(part: Part, first: number, arrays: ModelArrays, found: Evaluation): void {
    if (first === 0) this.#parts.set(part, new Examining(this.#classification, this.keep));
    this.#parts.get(part)?.add(this.specification, first, arrays, found);
  }

  /** The test part's result if there is one, else the last validation's, else the training part's. */
  result(): Examination | undefined {
    const part = (['test', 'validation', 'train'] as const).find((each) => this.#parts.has(each));
    const examining = part && this.#parts.get(part);
    if (!part || !examining) return undefined;
    return { part, forms: this.preprocessing.inputs, ...examining.result() };
  }
}

/** Undefined if the model is no classifier. */
function classificationOf(
  { targets, outputs }: ModelSpecification,
  preprocessing: Preprocessing,
): Classification | undefined {
  for (const target of targets) {
    const count =
      target.kind === 'class' && target.shape.length === 0
        ? target.limit
        : // one-hot encoded
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
      // a NaN loss ranks highest
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

  /** Undefined if the answer is correct. */
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

/** Scores that are probabilities are unchanged; others are taken as logits. */
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
