// The reference values of test/fixtures/reference, as scripts/reference/pytorch.py writes them.
import { readFileSync } from 'node:fs';

type Tensors = Readonly<Record<string, readonly number[]>>;

interface Case {
  readonly name: string;
  readonly source: string;
}

/** A layer or a loss: values of all that the model reads, and what they give. */
export interface GradientCase extends Case {
  readonly batch: number;
  readonly training: boolean;
  readonly inputs: Tensors;
  readonly stored: Tensors;
  readonly loss: number;
  readonly outputs: Tensors;
  readonly gradients: { readonly params: Tensors; readonly inputs: Tensors };
  /** Buffers after the step. */
  readonly buffers?: Tensors;
}

/** An optimizer: the batch of each step, its loss before, and the weights after it. */
export interface OptimizerCase extends Case {
  readonly batch: number;
  readonly stored: Tensors;
  readonly steps: readonly { readonly inputs: Tensors; readonly loss: number; readonly stored: Tensors }[];
}

/** A schedule: the factor of each of `steps` steps. */
export interface ScheduleCase extends Case {
  readonly steps: number;
  readonly factors: readonly number[];
}

interface Families {
  readonly activations: GradientCase;
  readonly convolution: GradientCase;
  readonly dense: GradientCase;
  readonly kinks: GradientCase;
  readonly losses: GradientCase;
  readonly normalization: GradientCase;
  readonly sequence: GradientCase;
  readonly optimizers: OptimizerCase;
  readonly schedules: ScheduleCase;
}

export const layerFamilies = [
  'activations',
  'convolution',
  'dense',
  'kinks',
  'losses',
  'normalization',
  'sequence',
] as const;

/** The families whose points lie away from kinks: at one, a difference is no derivative. */
export const smoothFamilies = layerFamilies.filter((family) => family !== 'kinks');

export function casesOf<F extends keyof Families>(family: F): readonly Families[F][] {
  const text = readFileSync(`test/fixtures/reference/${family}.json`, 'utf8');
  return (JSON.parse(text) as { readonly cases: readonly Families[F][] }).cases;
}
