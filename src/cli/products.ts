// From a source to a target's files: the one place where the command line calls the compiler and its printers.
import { join } from 'node:path';
import type { LearningRate } from '../driver/compilation.ts';
import type { Compilation, CompileOptions } from '../compile.ts';
import type { Source } from '../diagnostics/source.ts';
import type { WasmForm } from '../codegen/wasm/products.ts';
import { cacheFolder, type EntryFiles } from './cache.ts';
import type { Streams } from './streams.ts';
import type { Target } from './targets.ts';
import { formsHere } from './wasm-forms.ts';

export interface Products {
  /** By file name: `NAME.ts` first, `NAME.js`, and what else the target needs. */
  readonly products: EntryFiles;
  readonly warnings: readonly string[];
  readonly learningRate: LearningRate | null;
}

export interface ProductRequest {
  readonly source: Source;
  readonly target: Target;
  /** The base name of all files. */
  readonly name: string;
  readonly options: Omit<CompileOptions, 'target'>;
  readonly forms?: readonly WasmForm[];
}

export async function compileProducts(
  request: ProductRequest,
  imported: (path: string, text: string) => void,
): Promise<Products> {
  const [{ compile }, { readImport }] = await Promise.all([
    import('../compile.ts'),
    import('../driver/read-sources.ts'),
  ]);
  const { source, target, options } = request;
  const compilation = compile(source, {
    ...options,
    target,
    readImport: (path, from) => {
      const found = readImport(path, from);
      if (!('code' in found)) imported(found.path, found.text);
      return found;
    },
  });
  return {
    products: await printProducts(compilation, request),
    warnings: await renderWarnings(compilation, false),
    learningRate: compilation.learningRate ? withoutOrigins(compilation.learningRate) : null,
  };
}

/** Where the schedule came from is of no use to whoever evaluates it, and holds the whole source. */
function withoutOrigins({ rate, factor }: LearningRate): LearningRate {
  if (!factor) return { rate };
  const kernels = factor.kernels.map((kernel) => ({ ...kernel, origin: { path: '' }, fused: [] }));
  return { rate, factor: { ...factor, kernels } };
}

async function printProducts(
  compilation: Compilation,
  { target, name, forms }: ProductRequest,
): Promise<EntryFiles> {
  switch (target) {
    case 'wasm': {
      const { wasmProducts } = await import('../codegen/wasm/products.ts');
      const cache = join(cacheFolder(), 'wasm');
      return wasmProducts(compilation, { name, cache, forms: forms ?? (await formsHere(false)) });
    }
    case 'native': {
      const { nativeProducts } = await import('../codegen/c/products.ts');
      return nativeProducts(compilation, { name, folder: join(cacheFolder(), 'native') });
    }
    case 'gpujs': {
      const [{ printGpujsModule }, { transpile }] = await Promise.all([
        import('../codegen/gpujs/module.ts'),
        import('../codegen/transpile.ts'),
      ]);
      const text = printGpujsModule(compilation);
      return new Map([
        [`${name}.ts`, text],
        [`${name}.js`, await transpile(text)],
      ]);
    }
  }
}

export async function renderWarnings(compilation: Compilation, color: boolean): Promise<string[]> {
  const { renderDiagnostic } = await import('../diagnostics/render.ts');
  return compilation.diagnostics.map((found) => renderDiagnostic(found, { color }));
}

export async function noteWarnings(compilation: Compilation, streams: Streams): Promise<void> {
  for (const warning of await renderWarnings(compilation, streams.color)) streams.note(warning);
}
