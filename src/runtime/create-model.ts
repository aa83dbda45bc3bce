// The entry point of generated modules: links the executable and initializes every stored tensor.
import { CompiledModel } from './compiled-model.ts';
import { ModelInputError } from './errors.ts';
import type { Executable } from './executable.ts';
import { keepIdle } from './idle-tensors.ts';
import type { Model, ModelOptions, ModelTypes } from './model.ts';
import { clockNames } from './clock.ts';
import { portsOf } from './model-input.ts';
import type { ModelSpecification } from './specification.ts';

/**
 * Links a compiled model and initializes its stored tensors.
 * @param link makes the executable, from `options`, which are passed on unchanged: the generated module's part
 * @template Types the specification's names and shapes as types, which a generated module states
 * @throws ModelInputError for an invalid seed or number of steps
 */
export async function createModel<Options extends object, Types extends ModelTypes = ModelTypes>(
  specification: ModelSpecification,
  link: (options: Options) => Promise<Executable>,
  options: Options & ModelOptions,
): Promise<Model<Types>> {
  for (const port of portsOf(specification, true)) {
    if (clockNames.includes(port.name))
      throw new ModelInputError(port.name, 'another name', 'one that the runtime uses');
  }
  const executable = await link(options);
  try {
    const model = new CompiledModel(specification, keepIdle(executable, specification.stored), options);
    await model.start(options);
    return model as unknown as Model<Types>;
  } catch (error) {
    await executable.destroy();
    throw error;
  }
}
