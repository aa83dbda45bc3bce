// From a source to the files of its target, compiled only when something they depend on has changed: the source, what it
// imports, the options, or the compiler itself. The files lie in the cache; `nnc compile` copies them out, and what nnc itself
// runs is the linked module, in which `nnc/runtime` is this program's own.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { LearningRate } from '../driver/compilation.ts';
import type { CompileOptions } from '../compile.ts';
import type { WasmForm } from '../codegen/wasm/products.ts';
import type { Source } from '../diagnostics/source.ts';
import type { Model, ModelOptions } from '../runtime/model.ts';
import type { ModelSpecification } from '../runtime/specification.ts';
import type { DeviceOptions } from '../train/run/run.ts';
import { findEntry, hash, readEntryFile, writeEntry } from './cache.ts';
import { CommandFailure, exitCodes } from './failure.ts';
import type { Target } from './targets.ts';

export interface BuildRequest {
  readonly source: Source;
  readonly target: Target;
  /** The base name of all files; by default the source's. */
  readonly name?: string;
  readonly options: Omit<CompileOptions, 'target'>;
  /** Which forms of the wasm target to compile; by default the one that runs best here. */
  readonly forms?: readonly WasmForm[];
}

export interface Build {
  /** The base name of all products: `mnist-mlp`. */
  readonly name: string;
  /** The folder they lie in. */
  readonly folder: string;
  /** Names of the files that make up the product; the module's text first. */
  readonly products: readonly string[];
  /** Rendered. */
  readonly warnings: readonly string[];
  /** Null where the optimizer has none. */
  readonly learningRate: LearningRate | null;
  readonly cached: boolean;
}

/** What a generated module exports. */
export interface GeneratedModule {
  readonly specification: ModelSpecification;
  create(options: ModelOptions & DeviceOptions): Promise<Model>;
}

interface Manifest extends Pick<Build, 'products' | 'warnings' | 'learningRate'> {
  /** Absolute paths and hashes of what the source imports, directly or not. */
  readonly imports: readonly (readonly [path: string, hash: string])[];
}

const manifestName = 'manifest.json';
const linkedName = 'linked.mjs';

/** The file's name without `.nn`; a model chosen out of several stands behind it. */
export function productName(source: Source, model: string | undefined): string {
  // `...nn` is a file's name as well, and `..` no name for a folder
  const base = basename(source.path).replace(/\.nn$/, '').replace(/^\.*$/, 'model');
  return model === undefined ? base : `${base}-${model}`;
}

export async function build(request: BuildRequest): Promise<Build> {
  const { source, target, options } = request;
  const name = request.name ?? productName(source, options.model);
  const key = entryKey(request, name, target === 'native' ? await compilerHere() : '');
  const known = await findEntry(key);
  const manifest = known && (await readManifest(known));
  if (known && manifest && (await importsUnchanged(manifest)))
    return { name, folder: known, ...shown(manifest), cached: true };

  const imports = new Map<string, string>();
  const { compileProducts } = await import('./products.ts');
  const { products, warnings, learningRate } = await compileProducts({ ...request, name }, (path, text) =>
    imports.set(resolve(path), hash(text)),
  );
  const fresh: Manifest = { products: [...products.keys()], warnings, learningRate, imports: [...imports] };
  const module = products.get(`${name}.js`);
  if (typeof module !== 'string') throw new Error(`the target ${target} gave no module`);
  const folder = await writeEntry(
    key,
    new Map([...products, [linkedName, linkRuntime(module)], [manifestName, JSON.stringify(fresh)]]),
  );
  return { name, folder, ...shown(fresh), cached: false };
}

function shown({ products, warnings, learningRate }: Manifest) {
  return { products, warnings, learningRate };
}

export async function loadBuild(build: Build): Promise<GeneratedModule> {
  return (await import(pathToFileURL(join(build.folder, linkedName)).href)) as GeneratedModule;
}

function entryKey({ source, target, options, forms }: BuildRequest, name: string, compiler: string): string {
  const { overrides, ...rest } = options;
  const settings = [...(overrides ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  const plain = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return hash(
    compilerIdentity(),
    target,
    compiler,
    name,
    resolve(source.path),
    source.path,
    source.text,
    JSON.stringify([settings, plain, forms ?? null]),
  );
}

/** What native code depends on beside nnc: the C compiler, and the processor it compiles for. @throws CommandFailure */
export async function compilerHere(): Promise<string> {
  const { CompilerMissing, findCompiler } = await import('../codegen/c/compiler.ts');
  try {
    const { command, identity } = await findCompiler();
    return `${command} ${identity}`;
  } catch (error) {
    if (!(error instanceof CompilerMissing)) throw error;
    throw new CommandFailure(
      exitCodes.badInput,
      `--target native needs a C compiler: ${error.message}`,
      'Install gcc or clang (on Debian: apt install gcc libc6-dev), or name one in CC. --target wasm needs none.',
    );
  }
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse((await readEntryFile(folder, manifestName)).toString()) as Manifest;
  } catch {
    return undefined;
  }
}

async function importsUnchanged({ imports }: Manifest): Promise<boolean> {
  for (const [path, before] of imports) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined || hash(text) !== before) return false;
  }
  return true;
}

/**
 * The module with this program's runtime in place of `nnc/runtime`, which need not resolve from where the module lies.
 * Only import statements are touched: they stand at the beginning of a line, and no text of the user's does.
 */
export function linkRuntime(module: string): string {
  const runtime = new URL('../runtime/index.js', import.meta.url).href;
  return module.replace(
    /^(import\b[^;'"]*)(['"])nnc\/runtime\2;/gm,
    (_, before: string) => `${before}${JSON.stringify(runtime)};`,
  );
}

/** Changes when nnc does: another version, another place (linked modules name it), a file of it rebuilt. */
function compilerIdentity(): string {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const own = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(own) as { version: string };
  return hash(root, version, process.version, buildHash(root) ?? fileStates(root));
}

/** What the build has written of itself; nothing where nnc runs from its sources. */
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
