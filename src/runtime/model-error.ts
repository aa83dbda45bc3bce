/** Base class of all errors that the model's API throws on purpose. */
export class ModelError extends Error {
  override name = 'ModelError';
}
