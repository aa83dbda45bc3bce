// Reads a JSON file of a run's folder, possibly written by another version of nnc or by others: returns its object's fields, or a text
// that describes the error. Nothing is thrown for invalid contents, and files larger than any record are not read.
import { readFile, stat } from 'node:fs/promises';
import type { Json } from '../runtime/specification.ts';

/** Maximum bytes of a record; one with a long history has a few megabytes. */
const largest = 16 * 2 ** 20;

/** Maximum nesting, since values are traversed recursively. */
const deepest = 200;

export type Fields = ReadonlyMap<string, Json>;

export type JsonFile =
  | { readonly kind: 'read'; readonly fields: Fields }
  | { readonly kind: 'missing' }
  | { readonly kind: 'damaged'; readonly reason: string };

export async function readJsonFile(path: string): Promise<JsonFile> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > largest) return { kind: 'damaged', reason: `it has ${size} bytes` };
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    return { kind: 'damaged', reason: `it cannot be read (${code ?? 'unknown'})` };
  }
  if (!isShallow(text)) return { kind: 'damaged', reason: `it is nested more than ${deepest} deep` };
  try {
    const fields = fieldsOf(JSON.parse(text) as Json);
    return fields ? { kind: 'read', fields } : { kind: 'damaged', reason: 'it holds no object' };
  } catch {
    return { kind: 'damaged', reason: 'it is not JSON' };
  }
}

/** Counts brackets in strings too: no record has so many. */
function isShallow(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth > deepest) return false;
  }
  return true;
}

/** An object's fields; undefined for other values. */
export function fieldsOf(value: Json | undefined): Fields | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value));
}

export function numberIn(fields: Fields | undefined, name: string): number | undefined {
  const value = fields?.get(name);
  return typeof value === 'number' ? value : undefined;
}

export function textIn(fields: Fields | undefined, name: string): string | undefined {
  const value = fields?.get(name);
  return typeof value === 'string' ? value : undefined;
}
