// The model's `loss` in its text: which nodes come from it, and how a box is titled by it.
import type { Span } from '../diagnostics/source.ts';
import type { Compilation } from '../driver/compilation.ts';
import type { Node } from '../ir/graph/type.ts';

const longestTitle = 60;

/** Where the loss is written. */
export function lossSpan({ ast, training }: Compilation): Span | undefined {
  const model = ast.declarations.find(
    (declaration) => declaration.kind === 'model' && declaration.name.text === training.graph.name,
  );
  return model?.kind === 'model' ? model.items.find(({ kind }) => kind === 'loss')?.span : undefined;
}

/** Whether a node comes from the loss, and from no layer. */
export function isOfLoss({ origin: { path, span } }: Node, loss: Span | undefined): boolean {
  if (path !== '' || !span || span.source !== loss?.source) return false;
  return loss.start <= span.start && span.end <= loss.end;
}

/** `CrossEntropy` of `loss CrossEntropy`, in one line. */
export function lossTitle(loss: Span | undefined): string {
  if (!loss) return 'loss';
  return loss.source.text
    .slice(loss.start, loss.end)
    .replace(/^loss\s+/, '')
    .replace(/\s+/g, ' ')
    .slice(0, longestTitle);
}
