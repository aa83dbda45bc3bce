// The model's `loss`: its nodes, and the title of its box.
import type { Span } from '../diagnostics/source.ts';
import type { Compilation } from '../driver/compilation.ts';
import type { Node } from '../ir/graph/type.ts';

const longestTitle = 60;

/** The place of the loss in the text. */
export function lossSpan({ ast, training }: Compilation): Span | undefined {
  const model = ast.declarations.find(
    (declaration) => declaration.kind === 'model' && declaration.name.text === training.graph.name,
  );
  return model?.kind === 'model' ? model.items.find(({ kind }) => kind === 'loss')?.span : undefined;
}

/** Whether a node belongs to the loss, and to no layer. */
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
