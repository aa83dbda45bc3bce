// Warns of an activation before a loss that contains it: a soft-max of a soft-max learns slowly, and a sigmoid of a sigmoid never gets
// to 0 or 1. A loss says that it takes logits by calling an input so.
import { diagnostic, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Graph, Node } from '../../ir/graph/type.ts';
import type { LossRecord } from '../context.ts';

/** The activations, and what to do about each. */
const activations: ReadonlyMap<string, { readonly called: string; readonly help: string }> = new Map([
  [
    'softmax',
    { called: 'a soft-max', help: 'Leave the soft-max out, or compare its probabilities with `NLLProb`.' },
  ],
  [
    'log_softmax',
    { called: 'a log-soft-max', help: 'Leave the log-soft-max out, or take `NLL`, which is meant for it.' },
  ],
  [
    'sigmoid',
    {
      called: 'a sigmoid',
      help: 'Leave the sigmoid out: the loss contains it. The larger score is the same without it.',
    },
  ],
]);

export function activatedLogits(graph: Graph, losses: readonly LossRecord[]): Diagnostic[] {
  return losses.flatMap(({ name, span, inputs }) =>
    inputs.flatMap(({ name: input, value }) => {
      if (input !== 'logits') return [];
      const last = lastStep(graph, value.node);
      const activation = activations.get(last.operation);
      if (!activation) return [];
      const place = last.origin.span;
      const related = place ? [{ span: place, message: `${activation.called} is taken here` }] : [];
      const { called, help } = activation;
      return [diagnostic('loss.logits', span, { owner: name, activation: called, help }, { related })];
    }),
  );
}

/** The step that computes a value, behind those that only rearrange it. */
function lastStep(graph: Graph, node: Node): Node {
  let last = node;
  while (last.operation === 'reshape' || last.operation === 'transpose' || last.operation === 'broadcast') {
    const inner = graph.nodes[last.inputs[0] ?? -1];
    if (!inner) return last;
    last = inner;
  }
  const inner = last.operation === 'log' ? graph.nodes[last.inputs[0] ?? -1] : undefined;
  return inner?.operation === 'softmax' ? { ...inner, operation: 'log_softmax' } : last;
}
