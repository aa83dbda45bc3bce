// What the model's loss says of a class output.
import type { Model } from '../../parser/ast.ts';
import type { ScoreKind } from '../../runtime/specification.ts';

/** Scores and log-probabilities become probabilities by softmax; undefined for a loss of the user's own. */
export function scoreKind({ items }: Model): ScoreKind | undefined {
  const item = items.find(({ kind }) => kind === 'loss');
  const text = item ? item.span.source.text.slice(item.span.start, item.span.end) : '';
  if (/\b(CrossEntropy|NLL|Hinge)\b/.test(text)) return 'scores';
  return /\bNLLProb\b/.test(text) ? 'probabilities' : undefined;
}
