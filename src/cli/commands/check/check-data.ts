// `nnc check --data`: reads what a model is trained on, as training does, and checks it against the model. Nothing is trained.
import { dirname, resolve } from 'node:path';
import { compile, type CompileOptions } from '../../../compile.ts';
import { diagnostic, DiagnosticError, type Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { Source, Span } from '../../../diagnostics/source.ts';
import type { Program } from '../../../parser/ast.ts';
import { batchCount } from '../../../train/data/feed/batches.ts';
import { loadData } from '../../../train/data/load-data.ts';

export interface DataOptions extends Pick<CompileOptions, 'batch' | 'overrides'> {
  readonly model?: string;
  readonly dataRoot?: string;
}

/** What was found, or what is wrong. */
export type DataFindings =
  | { readonly description: string; readonly warnings: readonly Diagnostic[] }
  | { readonly diagnostics: readonly Diagnostic[] };

/** @param source of a model without mistakes that names data */
export async function checkData(
  source: Source,
  { dataRoot, ...options }: DataOptions,
): Promise<DataFindings> {
  const { specification, ast } = compile(source, { ...options, programs: [] });
  const { data, train, batch } = specification;
  if (!data) throw new Error(`${specification.name} names no data`);
  const span = spanOf(ast, specification.name);
  try {
    const dataset = await loadData(data, specification, {
      folder: dirname(resolve(source.path)),
      ...(dataRoot !== undefined && { dataRoot }),
      validation: train.validation,
      seed: train.seed,
      ...(span && { span }),
    });
    const { count } = dataset.train;
    const { description, warnings } = dataset;
    if (batchCount(dataset.train, { batch, shuffle: true }) > 0) return { description, warnings };
    return { diagnostics: [diagnostic('data.few', span, { source: dataset.name, count, batch })] };
  } catch (error) {
    if (error instanceof DiagnosticError) return { diagnostics: error.diagnostics };
    throw error;
  }
}

/** The place of a model's `data` line. */
function spanOf({ declarations }: Program, name: string): Span | undefined {
  const model = declarations.find((found) => found.kind === 'model' && found.name.text === name);
  const items = model?.kind === 'model' ? model.items : [];
  return items.find(({ kind }) => kind === 'data')?.span;
}
