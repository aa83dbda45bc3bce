// PyTorch's names of a model's tensors. A layer's comment, in the library or in a user's file, contains rules in lines that begin with
// `PyTorch:` (or end that way), separated by commas:
//   W = weight                        a tensor
//   b = bias_ih_l0 + bias_hh_l0       one tensor here, the sum of two there
//   q.W | k.W | v.W = in_proj_weight  tensors here, concatenated there along the first axis
//   linear_1 = out_proj               a nested layer
//   0 = num_batches_tracked           a number that only PyTorch stores
// Tensors without a rule keep their names. Layouts are PyTorch's throughout the library, so that no rule transposes.
import type { LayerRecord } from '../../elaborate/context.ts';
import type { StoredTensor } from '../../runtime/specification.ts';

export interface NamingRule {
  /** The model's names, relative to the layer; a number if there is no tensor. */
  readonly own: readonly string[];
  /** PyTorch's name, and others that are added to it. */
  readonly theirs: string;
  readonly added: readonly string[];
}

/** A tensor in PyTorch's form. */
export interface ForeignTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** The tensors that it concatenates along the first axis; empty for a number that only PyTorch stores. */
  readonly parts: readonly StoredTensor[];
  /** Further tensors of the same shape in its sum, without a counterpart in the model. */
  readonly added: readonly string[];
  /** The only element of a tensor without parts. */
  readonly value: number;
}

/** The rules in a layer's comment; empty if there are none. */
export function namingRules(documentation: string | undefined): readonly NamingRule[] {
  const lines = [...(documentation ?? '').matchAll(/\bPyTorch: ([^\n]*)/g)].map(([, text = '']) => text);
  return lines
    .flatMap((line) => line.split(','))
    .flatMap((text): NamingRule[] => {
      const [left, right, ...more] = text.split('=').map((side) => side.trim());
      if (!left || !right || more.length > 0) return [];
      const [theirs = '', ...added] = right.split('+').map((name) => name.trim());
      const own = left.split('|').map((name) => name.trim());
      const names = [...own, theirs, ...added];
      return names.every((name) => /^[\w.]+$/.test(name)) ? [{ own, theirs, added }] : [];
    });
}

/** Parameters and buffers in PyTorch's form, in the order of the model's own. */
export function foreignTensors(
  records: readonly LayerRecord[],
  stored: readonly StoredTensor[],
): readonly ForeignTensor[] {
  const layers = new Map<string, readonly NamingRule[]>();
  for (const { path, documentation } of records)
    if (!layers.has(path)) layers.set(path, namingRules(documentation));
  const kept = stored.filter(({ storage }) => storage === 'parameter' || storage === 'buffer');
  const byPath = new Map(kept.map((tensor) => [tensor.path, tensor]));
  const done = new Set<string>();
  const found: ForeignTensor[] = [];
  const prefixes = new Map<string, string>();
  for (const tensor of kept) {
    if (done.has(tensor.path)) continue;
    const { prefix, owner, rule } = translate(tensor.path, layers);
    prefixes.set(owner, prefix);
    const parts = rule ? rule.own.flatMap((name) => byPath.get(joined(owner, name)) ?? []) : [tensor];
    for (const part of parts) done.add(part.path);
    const local = rule?.theirs ?? tensor.path.slice(owner === '' ? 0 : owner.length + 1);
    const rows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
    found.push({
      name: joined(prefix, local),
      shape: parts.length > 1 ? [rows, ...tensor.shape.slice(1)] : tensor.shape,
      parts,
      added: (rule?.added ?? []).map((name) => joined(prefix, name)),
      value: 0,
    });
  }
  for (const [owner, prefix] of prefixes)
    for (const { own, theirs } of layers.get(owner) ?? []) {
      const [number = ''] = own;
      if (!/^\d+$/.test(number)) continue;
      found.push({ name: joined(prefix, theirs), shape: [], parts: [], added: [], value: Number(number) });
    }
  return found;
}

interface Translation {
  /** The layer that contains the tensor, or a rule for it. */
  readonly owner: string;
  /** PyTorch's name for that layer. */
  readonly prefix: string;
  readonly rule?: NamingRule;
}

/** Searches from the outermost layer inward; the first with a rule for the tensor names it. */
function translate(path: string, layers: ReadonlyMap<string, readonly NamingRule[]>): Translation {
  const chain = [...layers.keys()]
    .filter((layer) => path.startsWith(`${layer}.`))
    .sort((a, b) => a.length - b.length);
  let prefix = '';
  let owner = '';
  let renamed: readonly NamingRule[] = [];
  for (const layer of chain) {
    const local = layer.slice(owner === '' ? 0 : owner.length + 1);
    const renaming = renamed.find(({ own }) => own.length === 1 && own[0] === local);
    prefix = joined(prefix, renaming?.theirs ?? local);
    owner = layer;
    renamed = layers.get(layer) ?? [];
    const rest = path.slice(layer.length + 1);
    const rule = renamed.find(({ own }) => own.includes(rest));
    if (rule) return { owner, prefix, rule };
  }
  return { owner, prefix };
}

function joined(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`;
}
