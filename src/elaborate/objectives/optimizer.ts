// The optimizer's formula, applied to every parameter and its gradient: a graph with gradients becomes one with updates.
import type { Graph, NodeId } from '../../ir/graph/type.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Expression, ExpressionItem, Model } from '../../parser/ast.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import { asTensor } from '../values/as-tensor.ts';
import { bindHyperParameters, checkedHyper, requireHyperParameters } from '../call.ts';
import { accumulateGradients, clipGradients } from './gradients.ts';
import { bindConstants, replacedConstants } from '../model/constants.ts';
import type { Environment } from '../context.ts';
import { Elaborator } from '../elaborator.ts';
import { Frame, Instance } from '../instance.ts';
import { evaluateKind, refuseKind } from '../look-up.ts';
import type { Module } from '../../names/module.ts';
import { Scope } from '../scope.ts';
import type { Overrides } from '../model/settings.ts';
import { Tensors } from '../values/tensors.ts';
import { none, poison, type DefinitionValue, type Value } from '../values/values.ts';

export interface OptimizedModel {
  readonly graph: Graph;
  readonly diagnostics: readonly Diagnostic[];
  /** The optimizer's `lr`, before the schedule; absent where it has none. */
  readonly learningRate?: number;
  /** What the schedule multiplies it by; absent without a schedule. */
  readonly scheduleFactor?: NodeId;
}

/**
 * Appends the update of each parameter, once in so many steps as `accumulate` says. `gradients` maps parameters to their gradients. The learning rate `lr` is multiplied
 * by the schedule's factor where the model has a schedule.
 */
export function optimize(
  graph: Graph,
  gradients: ReadonlyMap<NodeId, NodeId>,
  module: Module,
  model: Model,
  overrides: Overrides,
  accumulate = 1,
): OptimizedModel {
  const builder = new GraphBuilder(graph.name, graph);
  builder.phase = 'update';
  const mode = {
    training: false,
    updates: ['parameter', 'state'] as const,
    replaced: replacedConstants(module, overrides),
  };
  const context = new Elaborator(new Tensors(builder, 1), mode);
  const outer: Environment = { scope: new Scope(module), frame: new Frame(new Instance('')) };
  const item = model.items.find((candidate) => candidate.kind === 'optimizer');
  if (item?.kind !== 'optimizer') return { graph, diagnostics: [] };
  bindConstants(context, model, outer, overrides);

  const scalar = (name: 'step' | 'steps') => context.tensors.of(builder.input(name, name, []), false);
  const clock = { step: scalar('step'), steps: scalar('steps') };
  const factor = context.attempt(item.span, () => scheduleFactor());
  const accumulated = accumulateGradients(builder, gradients, accumulate);
  const clipped = clipGradients(context, model, outer, accumulated.gradients, (callee) =>
    override(callee, 'clip'),
  );
  let learningRate: number | undefined;
  context.attempt(item.span, () => {
    const value = evaluateKind(context, item.value, outer, 'optimizer');
    if (value.kind === 'poison') return value;
    if (value.kind !== 'definition' || value.definition.kind !== 'optimizer')
      return refuseKind(context, value, outer, item.value.span, 'optimizer');
    requireHyperParameters(context, value, []);
    if (value.definition.inputs.length !== 2)
      return context.fail('optimizer.inputs', item.value.span, { name: value.definition.name.text });
    const callee = override(value, 'optimizer');
    for (const [leaf, gradient] of clipped) updateParameter(callee, leaf, gradient);
    return value;
  });
  for (const [leaf, value] of context.updates) {
    const before = builder.node(leaf);
    builder.update(before, accumulated.atLast(before, builder.node(value)));
  }
  return {
    graph: builder.finish(),
    diagnostics: context.diagnostics,
    ...(learningRate !== undefined && { learningRate }),
    ...(factor.kind === 'tensor' && { scheduleFactor: factor.node.id }),
  };

  function override(callee: DefinitionValue, item: 'optimizer' | 'clip'): DefinitionValue {
    const hyper = new Map(callee.hyper);
    for (const parameter of callee.definition.hyperParameters) {
      const name = parameter.name.text;
      const chosen: Expression | undefined = overrides.apply(
        item === 'optimizer' ? [name, `optimizer.${name}`] : [`clip.${name}`],
        undefined,
        parameter.span,
      );
      if (!chosen) continue;
      const value = checkedHyper(context, callee.definition.name.text, parameter, chosen, outer);
      hyper.set(name, { value, span: callee.span });
    }
    return { ...callee, hyper };
  }

  /** What the schedule multiplies the learning rate by; `none` without one. */
  function scheduleFactor(): Value {
    const written = model.items.find(
      (candidate): candidate is ExpressionItem => candidate.kind === 'schedule',
    );
    const schedule = overrides.schedule(model.name.span) ?? written?.value;
    if (!schedule) return none;
    const value = evaluateKind(context, schedule, outer, 'schedule');
    if (value.kind === 'poison') return poison;
    if (value.kind !== 'definition' || value.definition.kind !== 'schedule')
      return refuseKind(context, value, outer, schedule.span, 'schedule');
    const found = context.apply(value, [clock.step, clock.steps], outer, schedule.span);
    if (found.kind === 'poison') return poison;
    const name = value.definition.name.text;
    const tensor = asTensor(context, found, schedule.span, name, 'the factor');
    return { ...tensor, node: builder.rename(tensor.node, 'learning_rate_factor') };
  }

  function updateParameter(callee: DefinitionValue, leaf: NodeId, gradient: NodeId): void {
    const { definition } = callee;
    const weight = builder.node(leaf);
    const path = String(weight.attributes['path']);
    const instance = new Instance(path, '#');
    const scope = new Scope(callee.module);
    const inner: Environment = { scope, frame: new Frame(instance) };
    const span = callee.span;
    context.within({ name: definition.name.text, span, path }, () => {
      bindHyperParameters(context, callee, inner);
      const rate = scope.own('lr');
      if (rate?.value.kind === 'number') learningRate = rate.value.value;
      if (factor.kind === 'tensor' && rate?.value.kind === 'number') {
        context.locate(span);
        scope.bind('lr', {
          ...rate,
          value: context.tensors.elementwise('multiply', [factor, rate.value.value], '*'),
        });
      }
      const given: Value[] = [
        context.tensors.of(weight, false),
        context.tensors.of(builder.node(gradient), false),
      ];
      definition.inputs.forEach((parameter, i) => {
        const value = given[i] ?? poison;
        scope.bind(parameter.name.text, { value, span: parameter.span });
        if (i === 0 && value.kind === 'tensor')
          instance.tensors.set(parameter.name.text, {
            node: value.node,
            labels: value.labels,
            span: parameter.span,
          });
      });
      scope.bind('step', { value: clock.step, span });
      scope.bind('steps', { value: clock.steps, span });
      context.run(definition.body, inner, undefined);
      const name = definition.name.text;
      const [input] = definition.inputs;
      if (!context.updates.has(leaf) && context.diagnostics.length === 0 && input)
        context.fail('optimizer.idle', definition.name.span, { name, weight: input.name.text });
    });
  }
}
