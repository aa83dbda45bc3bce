// The warnings of models that are legal and probably not meant, from the elaborated training step.
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { ElaboratedModel } from '../model/model.ts';
import { linearPairs } from './linear-pairs.ts';
import { activatedLogits } from './logits.ts';
import { repeatedTargets } from './repeated-targets.ts';
import { unreachedParameters } from './unreached-parameters.ts';

export function modelWarnings(step: ElaboratedModel): Diagnostic[] {
  const { graph, loss, losses, outputValues, parameters } = step;
  const found = [
    ...activatedLogits(graph, losses),
    ...linearPairs(graph, new Set(outputValues.values())),
    ...(loss === undefined
      ? []
      : [...unreachedParameters(graph, loss, parameters), ...repeatedTargets(graph, loss)]),
  ];
  // a `repeat` and the positions of a `scan` give the same warning at the same place
  const places = new Set<string>();
  return found.filter(({ code, span }) => {
    const place = `${code} ${span?.source.path ?? ''} ${String(span?.start)}`;
    const fresh = !places.has(place);
    places.add(place);
    return fresh;
  });
}
