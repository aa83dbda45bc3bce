// From a source to a target's files: the one place where the command line calls the compiler and its printers.
import type { Compilation, CompileOptions } from '../compile.ts';
import type { Source } from '../diagnostics/source.ts';
import type { EntryFiles } from './cache.ts';
import type { Streams } from './streams.ts';
import type { Target } from './targets.ts';

export interface Products {
  /** By file name: `NAME.ts` first, `NAME.js`, and what else the target needs. */
  readonly products: EntryFiles;
  readonly warnings: readonly string[];
}

export async function compileProducts(
  source: Source,
  target: Target,
  name: string,
  options: Omit<CompileOptions, 'target'>,
  imported: (path: string, text: string) => void,
): Promise<Products> {
  const [{ compile }, { readImport }] = await Promise.all([
    import('../compile.ts'),
    import('../read-sources.ts'),
  ]);
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
    products: await printProducts(compilation, target, name),
    warnings: await renderWarnings(compilation, false),
  };
}

async function printProducts(compilation: Compilation, target: Target, name: string): Promise<EntryFiles> {
  switch (target) {
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
