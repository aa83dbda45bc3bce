import { ModelError } from '../model-error.ts';

/** A raw example that does not fit the model: a column is missing, a text is unknown, an image has another size. */
export class ExampleError extends ModelError {
  override name = 'ExampleError';

  /**
   * @param argument the column's or the input's name
   * @param reason what is wrong with it, for people: `it is missing`
   */
  constructor(
    readonly argument: string,
    readonly reason: string,
  ) {
    super(`${argument}: ${reason}`);
  }
}
