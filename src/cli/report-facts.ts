// The model's part of a report: the layers of `nnc summary`, the diagram of `nnc graph`, the text.
import type { CompileOptions } from '../compile.ts';
import type { Source } from '../diagnostics/source.ts';
import type { ModelFacts } from '../report/report-input.ts';

export async function describeForReport(
  source: Source,
  options: Omit<CompileOptions, 'programs' | 'target'>,
): Promise<ModelFacts> {
  const [{ compile }, { describeModel }, { modelDiagram }, { printSvg }] = await Promise.all([
    import('../compile.ts'),
    import('./commands/summary/table.ts'),
    import('../diagram/model-diagram.ts'),
    import('../diagram/print-svg.ts'),
  ]);
  const compilation = compile(source, { ...options, programs: ['evaluate'] });
  const { layers, totals } = describeModel(compilation);
  // a completed run has its report even if Graphviz cannot draw the model
  const diagram = await printSvg(modelDiagram(compilation)).then(
    (svg) => ({ svg }),
    (error: unknown) => ({ missing: error instanceof Error ? error.message : String(error) }),
  );
  return { layers, totals, diagram, text: source.text };
}
