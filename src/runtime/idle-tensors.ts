// Stored tensors that no compiled program uses, such as an optimizer's states in a model compiled for prediction. A device does not store
// them, so they are kept here: reading, saving and loading a model cover all of its tensors.
import type { Executable } from './executable.ts';
import type { StoredTensor } from './specification.ts';
import { elementCount } from './tensor.ts';

/** The executable extended by storage for its idle tensors. */
export function keepIdle(executable: Executable, stored: readonly StoredTensor[]): Executable {
  const idle = new Map(stored.flatMap((tensor) => (tensor.idle ? [[tensor.path, tensor] as const] : [])));
  if (idle.size === 0) return executable;
  const values = new Map<string, Float32Array>();
  return {
    mode: executable.mode,
    ...(executable.allocated !== undefined && { allocated: executable.allocated }),
    run: (program, inputs) => executable.run(program, inputs),
    read(path) {
      const tensor = idle.get(path);
      if (!tensor) return executable.read(path);
      return Promise.resolve(values.get(path)?.slice() ?? new Float32Array(elementCount(tensor.shape)));
    },
    write(path, given) {
      const tensor = idle.get(path);
      if (!tensor) return executable.write(path, given);
      const length = elementCount(tensor.shape);
      if (given.length !== length)
        return Promise.reject(new RangeError(`${path} has ${length} elements, not ${given.length}`));
      values.set(path, given.slice());
      return Promise.resolve();
    },
    destroy: () => executable.destroy(),
  };
}
