// The preparation of examples, for a module without imports: the text of the runtime's own files, as JavaScript, their imports and exports
// taken away. They import nothing but one another, and no two of them define the same name.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transpile } from '../../codegen/transpile.ts';

/** In the order of their imports. */
const files = [
  'tensor',
  'model-error',
  'suggest',
  'preparation/example-error',
  'preparation/dates',
  'preparation/form',
  'preparation/pictures',
  'preparation/rows',
  'preparation/prepare',
  'preparation/present',
];

/** Whether this file is TypeScript: in the built program, the runtime's files are JavaScript as this one is. */
const isSource = import.meta.url.endsWith('.ts');

export async function preparationText(): Promise<string> {
  const texts = await Promise.all(
    files.map(async (file) => {
      const url = new URL(`../../runtime/${file}.${isSource ? 'ts' : 'js'}`, import.meta.url);
      const text = readFileSync(fileURLToPath(url), 'utf8');
      return (isSource ? await transpile(text) : text)
        .replace(/^import\b[^;]*;\n/gm, '')
        .replace(/^export (?=(?:class|const|function)\b)/gm, '')
        .replace(/^export \{\s*\};\n?/gm, '')
        .replace(/^\/\/# sourceMappingURL=.*$/gm, '')
        .trim();
    }),
  );
  return texts.filter((text) => text !== '').join('\n\n');
}

/** The names that a text defines for all of a module. */
export function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/^(?:class|const|function)\s+(\w+)/gm)].map(([, name]) => name ?? '');
}
