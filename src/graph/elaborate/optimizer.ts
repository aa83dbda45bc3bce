// The optimizer's formula, applied to every parameter and its gradient: a graph with gradients becomes one with updates.
import type { Graph, NodeId } from '../../ir/graph.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Expression, Model } from '../../parser/ast.ts';
import { GraphBuilder } from '../builder.ts';
import { bindHyperParameters, checkedHyper } from './call.ts';
import type { Environment } from './context.ts';
import { Elaborator } from './elaborator.ts';
import { Frame, Instance } from './instance.ts';
import { type Module } from './module.ts';
import { Scope } from './scope.ts';
import type { Overrides } from './settings.ts';
import { Tensors } from './tensors.ts';
import { describe, poison, type DefinitionValue, type TensorValue, type Value } from './values.ts';

export interface OptimizedModel {
  readonly graph: Graph;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Appends the update of each parameter. `gradients` maps parameters to their gradients. The learning rate `lr` is multiplied
 * by the schedule's factor where the model has a schedule.
 */
export function optimise(
  graph: Graph,
  gradients: ReadonlyMap<NodeId, NodeId>,
  module: Module,
  model: Model,
  overrides: Overrides,
): OptimizedModel {
  const builder = new GraphBuilder(graph.name, graph);
  builder.phase = 'update';
  const mode = { training: false, updates: ['parameter', 'state'] as const };
  const context = new Elaborator(new Tensors(builder, 1), mode);
  const outer: Environment = { scope: new Scope(module), frame: new Frame(new Instance('')) };
  const item = model.items.find((candidate) => candidate.kind === 'optimizer');
  if (item?.kind !== 'optimizer') return { graph, diagnostics: [] };

  context.attempt(item.span, () => {
    const value = context.evaluate(item.value, outer);
    if (value.kind === 'poison') return value;
    if (value.kind !== 'definition' || value.definition.kind !== 'optimizer') {
      const found = value.kind === 'definition' ? value.definition.kind : describe(value);
      const name = value.kind === 'definition' ? value.definition.name.text : 'this';
      return context.fail('call.kind', item.value.span, { name, found, expected: 'optimizer' });
    }
    const callee = override(value);
    const scalar = (name: 'step' | 'steps') => context.tensors.of(builder.input(name, name, []), false);
    const clock = { step: scalar('step'), steps: scalar('steps') };
    const factor = scheduleFactor(clock);
    for (const [leaf, gradient] of gradients) updateParameter(callee, leaf, gradient, clock, factor);
    return value;
  });
  for (const [leaf, value] of context.updates) builder.update(builder.node(leaf), builder.node(value));
  return { graph: builder.finish(), diagnostics: context.diagnostics };

  function override(callee: DefinitionValue): DefinitionValue {
    const hyper = new Map(callee.hyper);
    for (const parameter of callee.definition.hyperParameters) {
      const name = parameter.name.text;
      const chosen: Expression | undefined = overrides.apply(
        [name, `optimizer.${name}`],
        undefined,
        parameter.span,
      );
      if (!chosen) continue;
      const value = checkedHyper(context, callee.definition.name.text, parameter, chosen, outer);
      hyper.set(name, { value, span: callee.span });
    }
    return { ...callee, hyper };
  }

  function scheduleFactor(clock: {
    readonly step: TensorValue;
    readonly steps: TensorValue;
  }): TensorValue | undefined {
    const schedule = model.items.find((candidate) => candidate.kind === 'schedule');
    if (schedule?.kind !== 'schedule') return undefined;
    const value = context.evaluate(schedule.value, outer);
    if (value.kind !== 'definition' || value.definition.kind !== 'schedule') {
      if (value.kind === 'poison') return undefined;
      const found = value.kind === 'definition' ? value.definition.kind : describe(value);
      const name = value.kind === 'definition' ? value.definition.name.text : 'this';
      return context.fail('call.kind', schedule.value.span, { name, found, expected: 'schedule' });
    }
    const factor = context.apply(value, [clock.step, clock.steps], outer, schedule.value.span);
    if (factor.kind === 'number') return context.tensors.of(builder.constant(factor.value, []), false);
    if (factor.kind !== 'tensor') return undefined;
    return { ...factor, node: builder.rename(factor.node, 'learning_rate_factor') };
  }

  function updateParameter(
    callee: DefinitionValue,
    leaf: NodeId,
    gradient: NodeId,
    clock: { readonly step: TensorValue; readonly steps: TensorValue },
    factor: TensorValue | undefined,
  ): void {
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
      if (factor && rate?.value.kind === 'number') {
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
    });
  }
}
