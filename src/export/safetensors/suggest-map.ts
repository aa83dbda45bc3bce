// Guesses the layers of a file's modules: those whose tensors have the same names and shapes, in order if there are several. A guess is
// only suggested, never used.
import type { TensorView } from '../../runtime/safetensors.ts';
import type { ForeignTensor } from './pytorch-names.ts';

const noHelp =
  '`nnc export --format safetensors` shows the names that the model has; --map FILE.json renames.';

export function suggestMap(file: ReadonlyMap<string, TensorView>, wanted: readonly ForeignTensor[]): string {
  const given = modules([...file].map(([name, { shape }]) => ({ name, shape })));
  const own = modules(
    wanted.flatMap(({ name, shape, parts, added }) =>
      parts.length === 0 ? [] : [{ name, shape }, ...added.map((other) => ({ name: other, shape }))],
    ),
  );
  const free = new Map([...given].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })));
  const pairs: [string, string][] = [];
  for (const [module, signature] of own) {
    const found = free.has(module) && free.get(module) === signature ? module : firstWith(free, signature);
    if (found === undefined) return noHelp;
    free.delete(found);
    if (found !== module) pairs.push([found, module]);
  }
  if (pairs.length === 0) return noHelp;
  const rest = [...free.keys()].map((module): [string, null] => [module, null]);
  return `Perhaps, by names and shapes, with --map: ${JSON.stringify(Object.fromEntries([...pairs, ...rest]))}`;
}

function firstWith(modules: ReadonlyMap<string, string>, signature: string): string | undefined {
  for (const [module, own] of modules) if (own === signature) return module;
  return undefined;
}

/** Further tensors that PyTorch stores in a layer. */
const counters: ReadonlySet<string> = new Set(['num_batches_tracked']);

/** By module, its tensors' names and shapes as one text. */
function modules(
  tensors: readonly { readonly name: string; readonly shape: readonly number[] }[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string[]>();
  for (const { name, shape } of tensors) {
    const at = name.lastIndexOf('.');
    const [module, local] = [name.slice(0, Math.max(at, 0)), name.slice(at + 1)];
    if (counters.has(local)) continue;
    found.set(module, [...(found.get(module) ?? []), `${local} ${shape.join('×')}`]);
  }
  return new Map([...found].map(([module, list]) => [module, list.sort().join(', ')]));
}
