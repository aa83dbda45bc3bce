// Matches weights of a safetensors file with a model: by PyTorch's names, by the model's own, or renamed by a map. All mismatches are
// reported together: missing tensors, unused ones, other shapes, with a suggested map if one can be guessed.
import { fail } from '../../diagnostics/diagnostic.ts';
import { SafetensorsError } from '../../runtime/errors.ts';
import { toFloat32 } from '../../runtime/safetensors-dtypes.ts';
import { readSafetensors, type TensorView } from '../../runtime/safetensors.ts';
import { elementCount, showShape } from '../../runtime/tensor.ts';
import type { ForeignTensor } from './pytorch-names.ts';
import { renameAll, type NameMap } from './name-map.ts';
import { suggestMap } from './suggest-map.ts';

/** @returns values by the model's own paths; @throws DiagnosticError */
export function matchWeights(
  path: string,
  bytes: Uint8Array,
  wanted: readonly ForeignTensor[],
  map: NameMap,
): ReadonlyMap<string, Float32Array> {
  try {
    const { tensors } = readSafetensors(bytes);
    return match(path, tensors, wanted, map);
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
    const other = otherFormats.find(({ start }) => start.every((byte, i) => bytes[i] === byte));
    return fail('import.invalid', undefined, { path, reason: other?.reason ?? error.message });
  }
}

/** Other formats that people have, by magic bytes, and their conversion to safetensors. */
const otherFormats: readonly { readonly start: readonly number[]; readonly reason: string }[] = [
  ...[
    [0x50, 0x4b, 0x03, 0x04],
    [0x80, 0x02],
  ].map((start) => ({
    start,
    reason:
      'it is a file of torch.save; in Python, safetensors.torch.save_file(model.state_dict(), "weights.safetensors") writes one',
  })),
  {
    start: [0x89, 0x48, 0x44, 0x46],
    reason:
      'it is an HDF5 file, of Keras perhaps; in Python, safetensors.numpy.save_file writes one of arrays by name',
  },
];

function match(
  path: string,
  file: ReadonlyMap<string, TensorView>,
  wanted: readonly ForeignTensor[],
  map: NameMap,
): ReadonlyMap<string, Float32Array> {
  const { tensors, clashes } = renameAll(file, map);
  const used = new Set<string>();
  const found = new Map<string, Float32Array>();
  const problems = [...clashes];
  const take = (name: string, shape: readonly number[]): Float32Array | undefined => {
    const given = tensors.get(name);
    if (!given) return undefined;
    used.add(name);
    if (given.view.shape.join() !== shape.join()) {
      const turned = given.view.shape.toReversed().join() === shape.join() && shape.length === 2;
      const hint = turned ? '; its transpose would fit' : '';
      problems.push(
        `\`${given.name}\` is ${showShape(given.view.shape)}, and the model has ${showShape(shape)}${hint}`,
      );
      return new Float32Array(elementCount(shape));
    }
    return toFloat32(given.name, given.view, 'nearest');
  };
  for (const tensor of wanted) {
    const { name, shape, parts, added } = tensor;
    if (parts.length === 0) {
      used.add(name);
      continue;
    }
    const whole = take(name, shape);
    if (whole) {
      for (const other of added)
        take(other, shape)?.forEach((value, i) => (whole[i] = Math.fround((whole[i] ?? 0) + value)));
      let at = 0;
      for (const part of parts) {
        const size = elementCount(part.shape);
        found.set(part.path, whole.slice(at, at + size));
        at += size;
      }
      continue;
    }
    for (const part of parts) {
      const values = take(part.path, part.shape);
      if (values) found.set(part.path, values);
      else if (!part.scale) problems.push(`\`${name}\` ${showShape(shape)} is missing`);
    }
  }
  for (const [name, { name: original, view }] of tensors)
    if (!used.has(name)) problems.push(`\`${original}\` ${showShape(view.shape)} is not in the model`);
  if (problems.length === 0) return found;
  const distinct = [...new Set(problems)];
  return fail('import.mismatch', undefined, {
    path,
    count: distinct.length,
    problems: distinct.map((problem) => `\n  ${problem}`).join(''),
    help: suggestMap(file, wanted),
  });
}
