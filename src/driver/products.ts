// From a source to a target's files, compiled anew.
import type { Source } from '../diagnostics/source.ts';
import { renderDiagnostic } from '../diagnostics/render.ts';
import { compile } from '../compile.ts';
import { targets, type Target, type TargetName } from '../targets/table.ts';
import type { Printed, ProductFiles, Variant, VariantWishes } from '../targets/target.ts';
import { schedule } from '../schedule/schedule.ts';
import { checkAddressable } from './check-addressable.ts';
import { cacheOf } from './cache.ts';
import type { Compilation, CompileOptions, LearningRate } from './compilation.ts';
import { readImport } from './read-sources.ts';

export interface Products {
  readonly products: ProductFiles;
  /** Rendered. */
  readonly warnings: readonly string[];
  readonly learningRate: LearningRate | null;
}

export interface ProductRequest extends VariantWishes {
  readonly source: Source;
  readonly target: TargetName;
  /** The base name of all files. */
  readonly name: string;
  readonly options: Omit<CompileOptions, 'target'>;
}

/** @param imported is told of every file that is read beside the source */
export async function compileProducts(
  request: ProductRequest,
  imported: (path: string, text: string) => void,
): Promise<Products> {
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
    warnings: renderWarnings(compilation, false),
    learningRate: compilation.learningRate ? withoutOrigins(compilation.learningRate) : null,
  };
}

/** Where the schedule came from is of no use to whoever evaluates it, and holds the whole source. */
function withoutOrigins({ rate, factor }: LearningRate): LearningRate {
  if (!factor) return { rate };
  const kernels = factor.kernels.map((kernel) => ({ ...kernel, origin: { path: '' }, fused: [] }));
  return { rate, factor: { ...factor, kernels } };
}

async function printProducts(compilation: Compilation, request: ProductRequest): Promise<ProductFiles> {
  const target = targets[request.target];
  const printed: Printed[] = [];
  for (const variant of await target.variants(request))
    printed.push(await printVariant(compilation, target, variant));
  return target.products(compilation, printed, { name: request.name, cache: cacheOf(target.name) });
}

export async function printVariant(
  compilation: Compilation,
  target: Target,
  variant: Variant,
): Promise<Printed> {
  const programs = [...compilation.programs].map(([name, { kernels }]) => ({ ...kernels, name }));
  const scheduled =
    variant.schedule && schedule(programs, variant.schedule.machine, variant.schedule.reserved);
  const most = variant.schedule?.most;
  if (scheduled && most !== undefined)
    checkAddressable(scheduled, { most, place: target.place, model: compilation.specification.name });
  const text = await target.print(compilation, variant, scheduled);
  return { variant, text, ...(scheduled && { schedule: scheduled }) };
}

/** One text a warning. */
export function renderWarnings(compilation: Compilation, color: boolean): string[] {
  return compilation.diagnostics.map((found) => renderDiagnostic(found, { color }));
}
