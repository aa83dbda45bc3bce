// Errors that the runtime throws for invalid calls. Every message says what was expected and what was found; `name` survives
// minification, so that a page can tell the errors apart.
import { ModelError } from './model-error.ts';

/** An array or option given to a model does not fit it. */
export class ModelInputError extends ModelError {
  override name = 'ModelInputError';

  /**
   * @param argument the input's, target's or tensor's name
   * @param expected what the model wants, for people: `whole numbers from 0 to 9`
   * @param given what it received, for people
   */
  constructor(
    readonly argument: string,
    readonly expected: string,
    readonly given: string,
  ) {
    super(`\`${argument}\` must be ${expected}, but was given ${given}`);
  }
}

/** The call is not possible now, or not for this model: it was destroyed, or compiled without that program. */
export class ModelStateError extends ModelError {
  override name = 'ModelStateError';
}

/** A saved file that does not fit this model. */
export class ModelFileError extends ModelError {
  override name = 'ModelFileError';
}

/** Bytes that violate the safetensors format, or values that float32 cannot represent. */
export class SafetensorsError extends ModelError {
  override name = 'SafetensorsError';
}
