// A map of names for `--map`: JSON with the names of a file's tensors, or of their modules, and the names in the model, or null to skip
// them. The longest matching name is used.
import { fail } from '../../diagnostics/diagnostic.ts';
import type { TensorView } from '../../runtime/safetensors.ts';

export type NameMap = ReadonlyMap<string, string | null>;

/** @throws DiagnosticError */
export function parseNameMap(path: string, text: string): NameMap {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail('json.invalid', undefined, { path, reason: error instanceof Error ? error.message : '' });
  }
  const help = 'For example: {"0": "linear_1", "2.weight": "linear_2.weight", "extra": null}.';
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return fail('json.form', undefined, {
      path,
      place: 'it',
      expected: 'an object',
      found: 'something else',
      help,
    });
  const map = new Map<string, string | null>();
  for (const [name, target] of Object.entries(value as { readonly [name: string]: unknown })) {
    if (target !== null && typeof target !== 'string')
      fail('json.form', undefined, {
        path,
        place: name,
        expected: 'a name or null',
        found: JSON.stringify(target),
        help,
      });
    map.set(name, target);
  }
  return map;
}

export interface Renamed {
  /** Its name in the file. */
  readonly name: string;
  readonly view: TensorView;
}

/** The file's tensors by their new names; `clashes` lists duplicates. */
export function renameAll(
  file: ReadonlyMap<string, TensorView>,
  map: NameMap,
): { readonly tensors: ReadonlyMap<string, Renamed>; readonly clashes: readonly string[] } {
  const tensors = new Map<string, Renamed>();
  const clashes: string[] = [];
  for (const [name, view] of file) {
    const renamed = rename(name, map);
    if (renamed === null) continue;
    const known = tensors.get(renamed);
    if (known) clashes.push(`\`${known.name}\` and \`${name}\` are both \`${renamed}\``);
    else tensors.set(renamed, { name, view });
  }
  return { tensors, clashes };
}

function rename(name: string, map: NameMap): string | null {
  for (let end = name.length; end > 0; end = name.lastIndexOf('.', end - 1)) {
    const target = map.get(name.slice(0, end));
    if (target === undefined) continue;
    return target === null ? null : target + name.slice(end);
  }
  return name;
}
