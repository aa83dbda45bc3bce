// Compiles a source to a target's files, without the cache.
import { compilationIn, compileUntil } from '../compile.ts';
import { renderDiagnostic } from '../diagnostics/render.ts';
import type { Source } from '../diagnostics/source.ts';
import type { TargetName } from '../targets/table.ts';
import type { ProductFiles, VariantWishes } from '../targets/target.ts';
import { cacheOf } from './cache.ts';
import type { Compilation, CompileOptions, LearningRate } from './compilation.ts';
import type { Watch } from './passes/run.ts';
import { need } from './passes/state.ts';
import { readImport } from './read-sources.ts';

export interface Products {
  readonly products: ProductFiles;
  /** Printed texts. */
  readonly warnings: readonly string[];
  readonly learningRate: LearningRate | null;
  /** The place of the model's `data` line in the source; null where it has none. */
  readonly dataPlace: { readonly start: number; readonly end: number } | null;
}

export interface ProductRequest extends VariantWishes {
  readonly source: Source;
  readonly target: TargetName;
  /** The base name of all files. */
  readonly name: string;
  readonly options: Omit<CompileOptions, 'target'>;
  readonly watch?: Watch;
}

/** @param imported is called with every file that is read besides the source */
export async function compileProducts(
  request: ProductRequest,
  imported: (path: string, text: string) => void,
): Promise<Products> {
  const { target, name, options } = request;
  const state = await compileUntil({
    ...request,
    options: {
      ...options,
      target,
      readImport: (path, from) => {
        const found = readImport(path, from);
        if (!('code' in found)) imported(found.path, found.text);
        return found;
      },
    },
    place: { name, cache: cacheOf(target) },
  });
  const compilation = compilationIn(state);
  const data = state.model?.items.find(({ kind }) => kind === 'data')?.span;
  return {
    products: need(state.products, 'the products'),
    warnings: renderWarnings(compilation, false),
    learningRate: compilation.learningRate ? withoutOrigins(compilation.learningRate) : null,
    dataPlace: data ? { start: data.start, end: data.end } : null,
  };
}

/** Drops the origins, which hold the full source: the schedule is evaluated without them. */
function withoutOrigins({ rate, factor }: LearningRate): LearningRate {
  if (!factor) return { rate };
  const kernels = factor.kernels.map((kernel) => ({ ...kernel, origin: { path: '' }, fused: [] }));
  return { rate, factor: { ...factor, kernels } };
}

/** One text per warning. */
export function renderWarnings({ diagnostics }: Compilation, color: boolean): string[] {
  return diagnostics.map((found) => renderDiagnostic(found, { color }));
}
