// One program's graph, whole: the elaborated forward pass, its derivative, and the optimizer's updates.
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Graph, NodeId } from '../../ir/graph/type.ts';
import type { Model } from '../../parser/ast.ts';
import { differentiate } from '../../graph/differentiate.ts';
import { elaborate, type ElaborateOptions, type ElaboratedModel } from '../model/model.ts';
import { optimize } from '../objectives/optimizer.ts';
import type { Module } from '../../names/module.ts';
import { inverseProgram } from './inverse-program.ts';
import { simplifyKeeping } from '../../graph/simplify/simplify.ts';

export interface ProgramGraph {
  readonly graph: Graph;
  readonly elaborated: ElaboratedModel;
  readonly diagnostics: readonly Diagnostic[];
  /** Of a training step: the optimizer's `lr`, and what the schedule multiplies it by. */
  readonly learningRate?: number;
  readonly scheduleFactor?: NodeId;
}

/** Builds the graph of `options.program`; with errors, the graph is what could be built and must not be used. */
export function buildProgram(module: Module, model: Model, options: ElaborateOptions): ProgramGraph {
  const elaborated = elaborate(module, model, options);
  const { graph, loss, parameters, realInputs, diagnostics } = elaborated;
  if (options.program === 'inverse' && diagnostics.length === 0) {
    const inverse = inverseProgram(elaborated);
    return { graph: inverse.graph, elaborated, diagnostics: inverse.diagnostics };
  }
  if (options.program === 'step' && (loss === undefined || diagnostics.length > 0)) {
    // The optimizer and the schedule are looked at all the same: a run reports all that it can find.
    const { diagnostics: more } = optimize(graph, new Map(), module, model, options.overrides);
    const others = more.filter((found) => !diagnostics.some((known) => samePlace(known, found)));
    return { graph, elaborated, diagnostics: [...diagnostics, ...others] };
  }
  if (
    loss === undefined ||
    diagnostics.length > 0 ||
    (options.program !== 'step' && options.program !== 'gradient')
  ) {
    return { graph, elaborated, diagnostics };
  }
  if (options.program === 'step' && options.checking) {
    // A gradient has its parameter's shape, and an optimizer does with one shape what it does with the other of the same.
    const shapes = new Map(parameters.map((leaf) => [String(graph.nodes[leaf]?.shape), leaf]));
    const stand = new Map([...shapes.values()].map((leaf) => [leaf, leaf]));
    const { accumulate } = elaborated.train;
    const { diagnostics: found } = optimize(graph, stand, module, model, options.overrides, accumulate);
    return { graph, elaborated, diagnostics: found };
  }
  // Simplified first, so that log(softmax(x)) is differentiated in its stable form.
  const leaves = [...parameters, ...realInputs.values()];
  const { graph: simple, ids } = simplifyKeeping(graph, [loss, ...leaves]);
  const kept = (id: NodeId): NodeId => {
    const found = ids.get(id);
    if (found === undefined) throw new Error(`node ${id} was not kept`);
    return found;
  };
  if (options.program === 'step') {
    const derived = differentiate(simple, kept(loss), parameters.map(kept));
    const optimized = optimize(
      derived.graph,
      derived.gradients,
      module,
      model,
      options.overrides,
      elaborated.train.accumulate,
    );
    return { ...optimized, elaborated };
  }
  const derived = differentiate(simple, kept(loss), leaves.map(kept));
  const outputs = [
    ...parameters.map((leaf) => ({
      name: `gradient.params.${String(graph.nodes[leaf]?.attributes['path'])}`,
      leaf,
    })),
    ...[...realInputs].map(([name, leaf]) => ({ name: `gradient.inputs.${name}`, leaf })),
  ].flatMap(({ name, leaf }) => {
    const value = derived.gradients.get(kept(leaf));
    return value === undefined ? [] : [{ name, value }];
  });
  return { graph: { ...derived.graph, outputs: [...simple.outputs, ...outputs] }, elaborated, diagnostics };
}

function samePlace(left: Diagnostic, right: Diagnostic): boolean {
  return (
    left.code === right.code &&
    left.span?.source === right.span?.source &&
    left.span?.start === right.span?.start
  );
}
