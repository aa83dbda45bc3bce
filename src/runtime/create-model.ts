// What a generated module calls to become a model: links the executable and gives every stored tensor its initial value.
import { CompiledModel } from './compiled-model.ts';
import { ModelInputError } from './errors.ts';
import type { Executable } from './executable.ts';
import { keepIdle } from './idle-tensors.ts';
import type { Model, ModelOptions } from './model.ts';
import { portsOf, reservedNames } from './model-input.ts';
import type { ModelSpecification } from './specification.ts';

/**
 * Links a compiled model and gives its stored tensors their initial values.
 * @param link makes the executable: the generated module's part; it is handed `options` as they are
 * @throws ModelInputError for a seed or a number of steps that is no such number
 */
export async function createModel<Options extends object>(
  specification: ModelSpecification,
  link: (options: Options) => Promise<Executable>,
  options: Options & ModelOptions,
): Promise<Model> {
  for (const port of portsOf(specification, true)) {
    if (reservedNames.has(port.name))
      throw new ModelInputError(port.name, 'another name', 'one that the runtime uses');
  }
  const executable = await link(options);
  try {
    const model = new CompiledModel(specification, keepIdle(executable, specification.stored), options);
    await model.start(options);
    return model;
  } catch (error) {
    await executable.destroy();
    throw error;
  }
}
