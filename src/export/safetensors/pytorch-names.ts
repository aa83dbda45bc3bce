// What PyTorch calls a model's tensors. A layer's comment says it, in the library and in a user's own file alike, in lines that
// begin with `PyTorch:` (or end a line that way), with a rule after every comma:
//   W = weight                        a tensor
//   b = bias_ih_l0 + bias_hh_l0       one tensor here that is the sum of two there
//   q.W | k.W | v.W = in_proj_weight  tensors here that lie one behind the other there, along the first axis
//   linear_1 = out_proj               a layer inside
//   0 = num_batches_tracked           a number that only PyTorch keeps
// What no rule names keeps its name. Layouts are PyTorch's throughout the library, so that no rule transposes.
import type { LayerRecord } from '../../elaborate/context.ts';
import type { StoredTensor } from '../../runtime/specification.ts';

export interface NamingRule {
  /** Names of this side, as a layer has them; a number where there is no tensor. */
  readonly own: readonly string[];
  /** The name there, and others that are added to it. */
  readonly theirs: string;
  readonly added: readonly string[];
}

/** A tensor as PyTorch would have it. */
export interface ForeignTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** The tensors that it consists of, one behind the other along the first axis; none for a number that only PyTorch keeps. */
  readonly parts: readonly StoredTensor[];
  /** Tensors of the same shape that are to be added to it: none of them is known here. */
  readonly added: readonly string[];
  /** Of a tensor without parts, its only element. */
  readonly value: number;
}

/** The rules of a layer's comment; none where it says nothing of PyTorch. */
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

/** Parameters and buffers as PyTorch has them, in the order of the model's own. */
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
  /** The layer that has the tensor, or a rule for it. */
  readonly owner: string;
  /** What PyTorch calls that layer. */
  readonly prefix: string;
  readonly rule?: NamingRule;
}

/** Goes from the outermost layer inwards; the first that has a rule for the tensor names it. */
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
