// From a source to the files of its target, recompiled only when an input has changed: the source, its imports, the options, or the
// compiler itself. The files are in the cache; `nnc compile` copies them out, and nnc itself runs the linked module, in which
// `nnc/runtime` is this program's own.
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Source } from '../diagnostics/source.ts';
import type { GeneratedModule } from '../runtime/generated-module.ts';
import { moduleFile } from '../targets/module-files.ts';
import { targetOf } from '../targets/table.ts';
import type { VariantWishes } from '../targets/target.ts';
import { findEntries, hash, keepEntry } from './cache.ts';
import type { CompileOptions, LearningRate } from './compilation.ts';
import type { Watch } from './passes/run.ts';
import type { Products } from './products.ts';
import { readPlainFile } from './read-sources.ts';

export interface BuildRequest extends VariantWishes {
  readonly source: Source;
  /** By default the table's default. */
  readonly target?: string;
  /** The base name of all files; by default the source's. */
  readonly name?: string;
  readonly options?: Omit<CompileOptions, 'target'>;
  /** Called after every pass; all passes run then, cached or not. */
  readonly watch?: Watch;
}

export interface Build {
  /** The base name of all products: `mnist-mlp`. */
  readonly name: string;
  /** The folder of the products. */
  readonly folder: string;
  /** The products' file names; the one to import first. */
  readonly products: readonly string[];
  /** Printed texts. */
  readonly warnings: readonly string[];
  /** Null where the optimizer has none. */
  readonly learningRate: LearningRate | null;
  /** The place of the model's `data` line in the source; null where it has none. */
  readonly dataPlace: Products['dataPlace'];
  readonly cached: boolean;
}

interface Manifest extends Pick<Build, 'products' | 'warnings' | 'learningRate' | 'dataPlace'> {
  /** Absolute paths and hashes of the source's imports, direct and indirect. */
  readonly imports: readonly (readonly [path: string, hash: string])[];
}

const manifestName = 'manifest.json';
const linkedName = 'linked.mjs';

/** The file's name without `.nn`, followed by the model's name if it was chosen out of several. */
export function productName(source: Source, model: string | undefined): string {
  // `...nn` is a valid file name, but `..` is no name for a folder
  const base = basename(source.path).replace(/\.nn$/, '').replace(/^\.*$/, 'model');
  return model === undefined ? base : `${base}-${model}`;
}

export async function build(request: BuildRequest): Promise<Build> {
  const { source, options = {} } = request;
  const target = targetOf(request.target);
  const name = request.name ?? productName(source, options.model);
  const variants = (await target.variants(request)).map((variant) => variant.name);
  const key = entryKey({
    source,
    name,
    options,
    target: [target.name, await target.cacheKey(), ...variants],
  });
  for (const { folder, files } of request.watch ? [] : await findEntries(key)) {
    const manifest = JSON.parse(String(files.get(manifestName))) as Manifest;
    if (importsUnchanged(manifest)) return { name, folder, ...shown(manifest), cached: true };
  }

  const imports = new Map<string, string>();
  const { compileProducts } = await import('./products.ts');
  const { products, ...others } = await compileProducts(
    { ...request, target: target.name, name, options },
    (path, text) => imports.set(resolve(path), hash(text)),
  );
  const fresh: Manifest = { products: [...products.keys()], ...others, imports: [...imports] };
  const module = products.get(moduleFile(name));
  if (typeof module !== 'string') throw new Error(`the target ${target.name} gave no module`);
  const folder = await keepEntry(
    key,
    hash(JSON.stringify(fresh.imports)),
    new Map([...products, [linkedName, linkRuntime(module)], [manifestName, JSON.stringify(fresh)]]),
  );
  return { name, folder, ...shown(fresh), cached: false };
}

function shown({ products, warnings, learningRate, dataPlace }: Manifest) {
  return { products, warnings, learningRate, dataPlace };
}

export async function loadBuild(build: Build): Promise<GeneratedModule> {
  return (await import(pathToFileURL(join(build.folder, linkedName)).href)) as GeneratedModule;
}

interface EntryFacts {
  readonly source: Source;
  readonly name: string;
  readonly options: Omit<CompileOptions, 'target'>;
  /** The target's name, its further cache key, and the variants to make. */
  readonly target: readonly string[];
}

function entryKey({ source, name, options, target }: EntryFacts): string {
  const { overrides, ...rest } = options;
  const settings = [...(overrides ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  const plain = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return hash(
    compilerIdentity(),
    name,
    resolve(source.path),
    source.path,
    source.text,
    JSON.stringify([settings, plain, target]),
  );
}

function importsUnchanged({ imports }: Manifest): boolean {
  try {
    return imports.every(([path, before]) => {
      const text = readPlainFile(realpathSync(path));
      return typeof text === 'string' && hash(text) === before;
    });
  } catch {
    return false;
  }
}

/**
 * The module with `nnc/runtime` replaced by this program's runtime, since that may not resolve from the module's folder. Only import
 * statements are touched: they start a line, and no text of the user's does.
 */
export function linkRuntime(module: string): string {
  const runtime = new URL('../runtime/index.js', import.meta.url).href;
  return module.replace(
    /^(import\b[^;'"]*)(['"])nnc\/runtime\2;/gm,
    (_, before: string) => `${before}${JSON.stringify(runtime)};`,
  );
}

/** Changes when nnc does: another version, another location (linked modules contain it), a rebuilt file. */
function compilerIdentity(): string {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const own = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(own) as { version: string };
  return hash(root, version, process.version, buildHash(root) ?? fileStates(root));
}

/** The hash that nnc's own build has written; undefined where nnc runs from its sources. */
function buildHash(root: string): string | undefined {
  try {
    return readFileSync(join(root, 'build-hash'), 'utf8');
  } catch {
    return undefined;
  }
}

function fileStates(root: string): string {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.(js|nn)$/.test(path),
  );
  const states = files.sort().map((path) => {
    const { size, mtimeMs } = statSync(join(root, path));
    return `${path} ${size} ${mtimeMs}`;
  });
  return states.join('\n');
}
