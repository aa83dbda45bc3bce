// The graph of one program, pass by pass: the elaborated forward pass, simplified, its derivative or inverse, the optimizer's updates.
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { elaborate, type ElaborateOptions } from '../../elaborate/model/model.ts';
import type { Overrides } from '../../elaborate/model/settings.ts';
import { inverseProgram } from '../../elaborate/inverse-program.ts';
import { optimize } from '../../elaborate/objectives/optimizer.ts';
import { differentiate } from '../../graph/differentiate.ts';
import { simplify, simplifyKeeping } from '../../graph/simplify/simplify.ts';
import type { NodeId } from '../../ir/graph/type.ts';
import type { Module } from '../../names/module.ts';
import type { Model } from '../../parser/ast.ts';
import type { ProgramState } from './state.ts';

/** The inputs of every program's elaboration. */
export interface ProgramContext {
  readonly module: Module;
  readonly model: Model;
  readonly overrides: Overrides;
  /** Only checking: a step is examined for errors, but not differentiated. */
  readonly checking: boolean;
}

export function elaborateProgram(context: ProgramContext, options: ElaborateOptions): ProgramState {
  const elaborated = elaborate(context.module, context.model, options);
  const { graph, diagnostics } = elaborated;
  return { name: options.program, elaborated, graph, diagnostics };
}

/** Simplifies before differentiation, so that log(softmax(x)) is differentiated in its stable form. */
export function simplifyForward(program: ProgramState, { checking }: ProgramContext): ProgramState {
  const { name, graph, elaborated, diagnostics } = program;
  const { loss, parameters, realInputs } = elaborated;
  if (loss === undefined || diagnostics.length > 0) return program;
  if (name !== 'gradient' && (name !== 'step' || checking)) return program;
  const { graph: simple, ids } = simplifyKeeping(graph, [loss, ...parameters, ...realInputs.values()]);
  const kept = (id: NodeId): NodeId => {
    const found = ids.get(id);
    if (found === undefined) throw new Error(`node ${id} was not kept`);
    return found;
  };
  const differentiable = {
    loss: kept(loss),
    parameters: parameters.map(kept),
    inputs: new Map([...realInputs].map(([input, id]) => [input, kept(id)])),
  };
  return { ...program, graph: simple, differentiable };
}

/** Adds gradients: of its parameters to a step; the program `gradient` outputs them, and its inputs' too. */
export function differentiateProgram(program: ProgramState): ProgramState {
  const { name, graph, differentiable } = program;
  if (!differentiable) return program;
  const { loss, parameters, inputs } = differentiable;
  if (name === 'step') {
    const derived = differentiate(graph, loss, parameters);
    return { ...program, graph: derived.graph, gradients: derived.gradients };
  }
  const derived = differentiate(graph, loss, [...parameters, ...inputs.values()]);
  const { gradients } = derived;
  const pathOf = (leaf: NodeId) => String(graph.nodes[leaf]?.attributes['path']);
  const outputs = [
    ...parameters.map((leaf) => ({ name: `gradient.params.${pathOf(leaf)}`, leaf })),
    ...[...inputs].map(([input, leaf]) => ({ name: `gradient.inputs.${input}`, leaf })),
  ].flatMap(({ name: output, leaf }) => {
    const value = gradients.get(leaf);
    return value === undefined ? [] : [{ name: output, value }];
  });
  return { ...program, graph: { ...derived.graph, outputs: [...graph.outputs, ...outputs] }, gradients };
}

export function invertProgram(program: ProgramState): ProgramState {
  if (program.name !== 'inverse' || program.diagnostics.length > 0) return program;
  const { graph, diagnostics: obstacles } = inverseProgram(program.elaborated);
  return { ...program, graph, obstacles };
}

/** Adds the optimizer's updates to a step. The optimizer is elaborated despite other errors: a run reports as many as it can. */
export function updateProgram(program: ProgramState, context: ProgramContext): ProgramState {
  if (program.name !== 'step') return program;
  const { module, model, overrides, checking } = context;
  const { graph, elaborated, diagnostics, gradients } = program;
  const { loss, parameters, train } = elaborated;
  const update = (known: ReadonlyMap<NodeId, NodeId>, accumulate?: number) =>
    optimize(graph, known, { module, model, overrides, ...(accumulate !== undefined && { accumulate }) });
  if (loss === undefined || diagnostics.length > 0) {
    const others = update(new Map()).diagnostics.filter(
      (found) => !diagnostics.some((known) => samePlace(known, found)),
    );
    return { ...program, diagnostics: [...diagnostics, ...others] };
  }
  if (checking) {
    // A gradient has its parameter's shape, and the optimizer's errors depend only on shapes: one parameter represents each shape.
    const shapes = new Map(parameters.map((leaf) => [String(graph.nodes[leaf]?.shape), leaf]));
    const representatives = new Map([...shapes.values()].map((leaf) => [leaf, leaf]));
    return { ...program, diagnostics: update(representatives, train.accumulate).diagnostics };
  }
  return { ...program, ...update(gradients ?? new Map(), train.accumulate) };
}

export function simplifyProgram(program: ProgramState): ProgramState {
  return { ...program, whole: program.graph, graph: simplify(program.graph) };
}

function samePlace(left: Diagnostic, right: Diagnostic): boolean {
  return (
    left.code === right.code &&
    left.span?.source === right.span?.source &&
    left.span?.start === right.span?.start
  );
}
