// Splits examples into training, validation and test.
import type { RawData } from './raw-data.ts';
import { choose, drawState } from '../feed/shuffle.ts';

export interface Rows {
  readonly train?: Uint32Array;
  readonly validation?: Uint32Array;
  readonly test?: Uint32Array;
  /** Of a series, whose examples are views of rows: the rows of the training part. Statistics are of these, each once. */
  readonly statistics?: Uint32Array;
  /** Of a series: the examples of a test part in a file of its own. */
  readonly otherTest?: Uint32Array;
}

/** Absent rows mean all rows. The test part is drawn independently of validation: changing the validation share leaves it unchanged. */
export function divide({ train, test }: RawData, validation: number, seed: number): Rows {
  let left: Uint32Array | undefined;
  const take = (share: number, purpose: 'test' | 'validation'): Uint32Array => {
    const count = left?.length ?? train.count;
    const wanted = Math.min(count - 1, Math.max(1, Math.round(share * count)));
    const { chosen, rest } = choose(count, wanted, drawState(purpose, seed));
    const from = left;
    left = from ? rest.map((i) => from[i] ?? 0) : rest;
    return from ? chosen.map((i) => from[i] ?? 0) : chosen;
  };
  const forTest = typeof test === 'number' ? take(test, 'test') : undefined;
  const forValidation = validation > 0 ? take(validation, 'validation') : undefined;
  return {
    ...(left && { train: left }),
    ...(forValidation && { validation: forValidation }),
    ...(forTest && { test: forTest }),
  };
}
