// Checks a model's items: required ones are present, unique ones occur once.
import type { Span } from '../../diagnostics/source.ts';
import type { ExpressionItem, Model, ModelItem } from '../../parser/ast.ts';
import type { Context } from '../context.ts';
import { enumerate } from '../../diagnostics/enumerate.ts';
import { namesIn } from '../../names/recursion.ts';

/** The required items, and those that may occur once. A target is required by a loss that does not say what it compares. */
export function checkItems(context: Context, model: Model): void {
  const has = (...kinds: readonly ModelItem['kind'][]) =>
    model.items.some((item) => kinds.includes(item.kind));
  const missing = [
    ...(has('input') ? [] : [['input', 'input image: [784]']]),
    ...(has('target') || comparesByName(model) ? [] : [['target', 'target digit: class(10)']]),
    ...(has('net', 'output') ? [] : [['net', 'net { Linear(10) }']]),
    ...(has('loss') ? [] : [['loss', 'loss CrossEntropy']]),
    ...(has('optimizer') ? [] : [['optimizer', 'optimizer Adam(lr = 1e-3)']]),
  ];
  if (missing.length > 0) {
    const items = enumerate(missing.map(([item = '']) => `\`${item}\``));
    const written = missing.map(([, example = '']) => `\`${example}\``);
    const examples = `${missing.length === 1 ? 'a line' : 'lines'} such as ${enumerate(written, 'and')}`;
    context.report(
      context.error('model.missing', model.name.span, { model: model.name.text, items, examples }),
    );
  }
  const seen = new Map<string, Span>();
  for (const item of model.items) {
    if (['input', 'target', 'let', 'declare', 'const', 'output'].includes(item.kind)) continue;
    const first = seen.get(item.kind);
    if (first) {
      const related = [{ span: first, message: 'the first is here' }];
      context.report(context.error('model.twice', item.span, { item: item.kind }, { related }));
    }
    seen.set(item.kind, first ?? item.span);
  }
}

/** Whether the loss names what it compares, `MSE(output, image)`; a bare one, `MSE` or `Huber(0.5)`, compares output and target. */
function comparesByName({ items }: Model): boolean {
  const loss = items.find((item): item is ExpressionItem => item.kind === 'loss')?.value;
  if (!loss || loss.kind === 'name') return false;
  if (loss.kind !== 'call') return true;
  return loss.arguments.some(({ name, value }) => !name && namesIn(value).size > 0);
}
