// The architecture's own rules: imports run downward by rank, without cycles; and ARCHITECTURE.md says what is.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { passes } from '../src/compile.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'src');

/** From the lowest: a file may import its own rank and the ranks before it. */
const ranks = [
  ['runtime'],
  ['diagnostics'],
  ['parser'],
  ['names'],
  ['ir'],
  ['ops'],
  ['graph'],
  ['elaborate'],
  ['kernel'],
  ['schedule'],
  ['codegen'],
  ['driver/make-folder.ts'],
  ['targets'],
  ['derive', 'check'],
  [
    'driver/compilation.ts',
    'driver/read-sources.ts',
    'driver/specify.ts',
    'driver/check-addressable.ts',
    'driver/passes',
  ],
  ['compile.ts'],
  ['driver'],
  ['diagram'],
  ['train'],
  ['run-folders'],
  ['report'],
  ['dash'],
  ['export'],
  ['index.ts'],
  ['cli'],
] as const;

interface SourceFile {
  readonly path: string;
  readonly imports: readonly { readonly path: string; readonly typeOnly: boolean }[];
}

const files = list(sources).map(read);

function list(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return list(path);
    return name.endsWith('.ts') ? [path] : [];
  });
}

function read(path: string): SourceFile {
  const text = readFileSync(path, 'utf8');
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?[^;'"]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/g,
  );
  const imports = [...found].map((match) => ({
    path: resolve(dirname(path), match[2] ?? match[3] ?? ''),
    typeOnly: match[1] !== undefined,
  }));
  return { path, imports };
}

function rankOf(path: string): number {
  const parts = relative(sources, path).split(sep);
  // a file may have another rank than its folder
  for (let count = parts.length; count > 0; count--) {
    const prefix = parts.slice(0, count).join('/');
    const rank = ranks.findIndex((names) => (names as readonly string[]).includes(prefix));
    if (rank >= 0) return rank;
  }
  return -1;
}

const show = (path: string) => relative(root, path).split(sep).join('/');

describe('architecture', () => {
  it('knows the rank of every file', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter(({ path }) => rankOf(path) < 0).map(({ path }) => show(path))).toEqual([]);
  });

  it('imports run downward', () => {
    const upward = files.flatMap(({ path, imports }) =>
      imports
        .filter((found) => rankOf(found.path) > rankOf(path))
        .map((found) => `${show(path)} → ${show(found.path)}`),
    );
    expect(upward).toEqual([]);
  });

  it('the runtime imports nothing of the compiler', () => {
    const outside = files
      .filter(({ path }) => rankOf(path) === 0)
      .flatMap(({ path, imports }) =>
        imports
          .filter((found) => rankOf(found.path) !== 0)
          .map((found) => `${show(path)} → ${show(found.path)}`),
      );
    expect(outside).toEqual([]);
  });

  it('only the table of targets and the rows themselves know a target by its name', () => {
    const named = /(?:[=!]==?\s*|\bcase\s+|\b(?:includes|has|get)\()['"`](?:wasm|native|gpujs)['"`]/;
    const found = files.filter(
      ({ path }) => !show(path).startsWith('src/targets/') && named.test(readFileSync(path, 'utf8')),
    );
    expect(found.map(({ path }) => show(path))).toEqual([]);
  });

  it('has no import cycles', () => {
    const byPath = new Map(files.map((file) => [file.path, file]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, stack: readonly string[]) => {
      const at = stack.indexOf(path);
      if (at >= 0) {
        cycles.push([...stack.slice(at), path].map(show).join(' → '));
        return;
      }
      if (done.has(path)) return;
      done.add(path);
      for (const found of byPath.get(path)?.imports ?? []) visit(found.path, [...stack, path]);
    };
    for (const { path } of files) visit(path, []);
    expect(cycles).toEqual([]);
  });

  describe('ARCHITECTURE.md', () => {
    const document = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');

    it('lists the passes of src/compile.ts, in order, with the form that each leaves', () => {
      const [, section = ''] = document.split('\n## The passes\n');
      const rows = (section.split('\n## ')[0] ?? '').matchAll(/^\| ([\w-]+) \| (\w+) \|/gm);
      const listed = [...rows].map(([, pass, leaves]) => `${pass ?? ''} → ${leaves ?? ''}`);
      expect(listed.shift()).toBe('pass → leaves');
      expect(listed).toEqual(passes.map(({ name, form }) => `${name} → ${form.name}`));
    });

    it('draws passes that there are', () => {
      const [, picture = ''] = document.split('```');
      const drawn = [...picture.matchAll(/─([a-z][a-z-]*)→/g)].map(([, pass]) => pass ?? '');
      const known = passes.map(({ name }) => name);
      expect(drawn.length).toBeGreaterThan(10);
      expect(drawn.filter((pass) => !known.includes(pass))).toEqual([]);
      const order = drawn.map((pass) => known.indexOf(pass));
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    });

    it('names paths that exist', () => {
      const named = [...document.matchAll(/`((?:src|test|bench|scripts|grammar|models)\/[^`\s]*)`/g)];
      const paths = named.map(([, path]) => path ?? '');
      expect(paths.length).toBeGreaterThan(40);
      expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    });

    it('has a row for every folder of src', () => {
      const folders = readdirSync(sources).filter((name) => statSync(join(sources, name)).isDirectory());
      expect(folders.filter((name) => !document.includes(`\`src/${name}/\``))).toEqual([]);
    });
  });
});
