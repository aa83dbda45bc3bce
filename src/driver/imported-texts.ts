// The texts of all files that a source imports, directly or not, by the paths shown in messages.
import type { Source } from '../diagnostics/source.ts';
import { maximumImports } from '../names/modules.ts';
import { parse } from '../parser/parse.ts';
import { readImport } from './read-sources.ts';

/** Files that cannot be read are omitted: compiling reports them. */
export function importedTexts(source: Source): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const open = [source];
  for (let next = open.pop(); next && found.size < maximumImports; next = open.pop())
    for (const { path } of parse(next).program.imports) {
      const read = readImport(path.value, next);
      if ('code' in read || found.has(read.path)) continue;
      found.set(read.path, read.text);
      open.push(read);
    }
  return found;
}
