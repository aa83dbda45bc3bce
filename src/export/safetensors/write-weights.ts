// Writes a model's weights to a safetensors file, with PyTorch's names or its own: no optimizer state, no training state.
import { writeSafetensors } from '../../runtime/safetensors.ts';
import type { StoredTensor } from '../../runtime/specification.ts';
import { elementCount, type Tensor } from '../../runtime/tensor.ts';
import type { ForeignTensor } from './pytorch-names.ts';

export type Weights = ReadonlyMap<string, Float32Array>;

/** With the metadata that PyTorch's own tools write and require. */
export function writeForeignWeights(tensors: readonly ForeignTensor[], weights: Weights): Uint8Array {
  const written = new Map<string, Tensor>();
  for (const { name, shape, parts, added, value } of tensors) {
    const data = parts.length === 0 ? Float32Array.of(value) : new Float32Array(elementCount(shape));
    let at = 0;
    for (const part of parts) {
      const values = valuesOf(part, weights);
      data.set(values, at);
      at += values.length;
    }
    written.set(name, { shape, data });
    for (const other of added) written.set(other, { shape, data: new Float32Array(data.length) });
  }
  return writeSafetensors(written, new Map([['format', 'pt']]));
}

/** Parameters and buffers under the model's own paths. */
export function writeOwnWeights(stored: readonly StoredTensor[], weights: Weights): Uint8Array {
  const kept = stored.filter(({ storage }) => storage === 'parameter' || storage === 'buffer');
  return writeSafetensors(
    new Map(kept.map((tensor) => [tensor.path, { shape: tensor.shape, data: valuesOf(tensor, weights) }])),
  );
}

function valuesOf({ path }: StoredTensor, weights: Weights): Float32Array {
  const values = weights.get(path);
  if (!values) throw new Error(`there are no values for ${path}`);
  return values;
}
