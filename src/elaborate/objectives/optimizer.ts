// Applies the optimizer's formula to every parameter and its gradient: adds updates to a graph with gradients.
import type { Graph, NodeId } from '../../ir/graph/type.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../diagnostics/source.ts';
import type { Block, ExpressionItem, Model } from '../../parser/ast.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import { asTensor } from '../values/as-tensor.ts';
import { bindHyperParameters, checkedHyper, requireHyperParameters } from '../call.ts';
import { accumulateGradients, clipGradients, type Gradients } from './gradients.ts';
import { bindConstants, replacedConstants } from '../model/constants.ts';
import type { Environment } from '../context.ts';
import { Elaborator } from '../elaborator.ts';
import { Frame, Instance } from '../instance.ts';
import { evaluateKind, refuseKind } from '../look-up.ts';
import type { Module } from '../../names/module.ts';
import { Scope } from '../scope.ts';
import type { Overrides } from '../model/settings.ts';
import { Tensors } from '../values/tensors.ts';
import { none, poison, type DefinitionValue, type TensorValue, type Value } from '../values/values.ts';

export interface OptimizedModel {
  readonly graph: Graph;
  readonly diagnostics: readonly Diagnostic[];
  /** The optimizer's `lr`, before the schedule; absent where it has none. */
  readonly learningRate?: number;
  /** The schedule's factor of the learning rate; absent without a schedule. */
  readonly scheduleFactor?: NodeId;
}

/** The model with its module, and overrides from the command line. */
export interface Objective {
  readonly module: Module;
  readonly model: Model;
  readonly overrides: Overrides;
  /** Batches accumulated per update; 1 by default. */
  readonly accumulate?: number;
}

/** Adds the update of each parameter. `gradients` maps parameters to their gradients. */
export function optimize(
  graph: Graph,
  gradients: ReadonlyMap<NodeId, NodeId>,
  objective: Objective,
): OptimizedModel {
  const item = objective.model.items.find(
    (candidate): candidate is ExpressionItem => candidate.kind === 'optimizer',
  );
  if (!item) return { graph, diagnostics: [] };
  return new Optimization(graph, objective, item).update(gradients);
}

/** An optimizer, and its body behind the leading asserts. */
interface Formula {
  readonly callee: DefinitionValue;
  readonly body: Block;
}

function splitAsserts(body: Block): { readonly asserts: Block; readonly rest: Block } {
  const found = body.statements.findIndex(({ kind }) => kind !== 'assert');
  const count = found < 0 ? body.statements.length : found;
  return {
    asserts: { ...body, statements: body.statements.slice(0, count) },
    rest: { ...body, statements: body.statements.slice(count) },
  };
}

/** The inputs that count updates: the current one's number, from 1, and the total. */
interface Clock {
  readonly step: TensorValue;
  readonly steps: TensorValue;
}

class Optimization {
  private readonly builder: GraphBuilder;
  private readonly context: Elaborator;
  private readonly environment: Environment;
  private readonly clock: Clock;
  /** The schedule's factor of the learning rate; `none` without a schedule. */
  private readonly factor: Value;
  /** The optimizer's `lr`, before the schedule. */
  private rate: number | undefined;
  /** `lr` times the factor: built for the first parameter, and shared. */
  private scheduledRate: Value | undefined;

  constructor(
    graph: Graph,
    private readonly objective: Objective,
    private readonly item: ExpressionItem,
  ) {
    const { module, model, overrides } = objective;
    this.builder = new GraphBuilder(graph.name, graph);
    this.builder.phase = 'update';
    this.context = new Elaborator(new Tensors(this.builder, 1), {
      training: false,
      updates: ['parameter', 'state'],
      replaced: replacedConstants(module, overrides),
    });
    this.environment = { scope: new Scope(module), frame: new Frame(new Instance('')) };
    bindConstants(this.context, model, this.environment, overrides);
    const scalar = (name: 'step' | 'steps') =>
      this.context.tensors.of(this.builder.input(name, name, []), false);
    this.clock = { step: scalar('step'), steps: scalar('steps') };
    this.factor = this.context.attempt(item.span, () => this.scheduleFactor());
  }

  update(gradients: Gradients): OptimizedModel {
    const { builder, context, environment, factor, item, objective } = this;
    const accumulated = accumulateGradients(builder, gradients, objective.accumulate ?? 1);
    const clip = objective.model.items.find(
      (candidate): candidate is ExpressionItem => candidate.kind === 'clip',
    );
    const clipped = clip
      ? clipGradients(context, clip, environment, accumulated.gradients, (callee) =>
          this.withOverrides(callee, (name) => [`clip.${name}`]),
        )
      : accumulated.gradients;
    context.attempt(item.span, () => this.updateAll(clipped));
    for (const [leaf, value] of context.stored.updates) {
      const before = builder.node(leaf);
      builder.update(before, accumulated.atLast(before, builder.node(value)));
    }
    return {
      graph: builder.finish(),
      diagnostics: context.diagnostics,
      ...(this.rate !== undefined && { learningRate: this.rate }),
      ...(factor.kind === 'tensor' && { scheduleFactor: factor.node.id }),
    };
  }

  private scheduleFactor(): Value {
    const { clock, context, environment } = this;
    const { model, overrides } = this.objective;
    const written = model.items.find(
      (candidate): candidate is ExpressionItem => candidate.kind === 'schedule',
    );
    const schedule = overrides.schedule(model.name.span) ?? written?.value;
    if (!schedule) return none;
    const value = evaluateKind(context, schedule, environment, 'schedule');
    if (value.kind === 'poison') return poison;
    if (value.kind !== 'definition' || value.definition.kind !== 'schedule')
      return refuseKind(context, value, environment, schedule.span, 'schedule');
    const found = context.apply(value, [clock.step, clock.steps], { environment, span: schedule.span });
    if (found.kind === 'poison') return poison;
    const name = value.definition.name.text;
    const tensor = asTensor(context, found, schedule.span, name, 'the factor');
    return { ...tensor, node: this.builder.rename(tensor.node, 'learning_rate_factor') };
  }

  /** The optimizer with overrides of its hyper-parameters, clipping's included; `keys` are the names of an override. */
  private withOverrides(callee: DefinitionValue, keys: (name: string) => readonly string[]): DefinitionValue {
    const { context, environment } = this;
    const hyper = new Map(callee.hyper);
    for (const parameter of callee.definition.hyperParameters) {
      const name = parameter.name.text;
      const chosen = this.objective.overrides.apply(keys(name), undefined, parameter.span);
      if (!chosen) continue;
      const value = checkedHyper(context, callee.definition.name.text, parameter, chosen, environment);
      hyper.set(name, { value, span: callee.span });
    }
    return { ...callee, hyper };
  }

  private updateAll(gradients: Gradients): Value {
    const { context, environment, item } = this;
    const { span } = item.value;
    const value = evaluateKind(context, item.value, environment, 'optimizer');
    if (value.kind === 'poison') return value;
    if (value.kind !== 'definition' || value.definition.kind !== 'optimizer')
      return refuseKind(context, value, environment, span, 'optimizer');
    requireHyperParameters(context, value, []);
    if (value.definition.inputs.length !== 2)
      return context.fail('optimizer.inputs', span, { name: value.definition.name.text });
    const callee = this.withOverrides(value, (name) => [name, `optimizer.${name}`]);
    const { asserts, rest } = splitAsserts(value.definition.body);
    this.checkAsserts(callee, asserts);
    for (const [leaf, gradient] of gradients) this.updateParameter({ callee, body: rest }, leaf, gradient);
    return value;
  }

  /** The leading asserts see the hyper-parameters as they were given: `lr` is a number, before the schedule. */
  private checkAsserts(callee: DefinitionValue, asserts: Block): void {
    const { context } = this;
    const inner: Environment = { scope: new Scope(callee.module), frame: new Frame(new Instance('')) };
    const name = callee.definition.name.text;
    context.within({ name, span: callee.span, path: '' }, () => {
      bindHyperParameters(context, callee, inner);
      if (context.run(asserts, inner, undefined).value?.kind === 'poison') context.abandon();
    });
  }

  /** Runs the optimizer's body for one parameter: it declares the parameter's states and assigns its next value. */
  private updateParameter({ callee, body }: Formula, leaf: NodeId, gradient: NodeId): void {
    const { builder, clock, context } = this;
    const { definition, span } = callee;
    const weight = builder.node(leaf);
    const path = String(weight.attributes['path']);
    const instance = new Instance(path, '#');
    const scope = new Scope(callee.module);
    const inner: Environment = { scope, frame: new Frame(instance) };
    const name = definition.name.text;
    context.within({ name, span, path }, () => {
      bindHyperParameters(context, callee, inner);
      this.bindLearningRate(scope, span);
      const [weightParameter, gradientParameter] = definition.inputs;
      if (!weightParameter || !gradientParameter) return;
      const value = context.tensors.of(weight, false);
      scope.bind(weightParameter.name.text, { value, span: weightParameter.span });
      instance.tensors.set(weightParameter.name.text, {
        node: value.node,
        labels: value.labels,
        span: weightParameter.span,
      });
      scope.bind(gradientParameter.name.text, {
        value: context.tensors.of(builder.node(gradient), false),
        span: gradientParameter.span,
      });
      scope.bind('step', { value: clock.step, span });
      scope.bind('steps', { value: clock.steps, span });
      context.run(body, inner, undefined);
      if (!context.stored.updates.has(leaf) && context.diagnostics.length === 0)
        context.fail('optimizer.idle', definition.name.span, { name, weight: weightParameter.name.text });
    });
  }

  /** Replaces the number `lr` by the scheduled learning rate. */
  private bindLearningRate(scope: Scope, span: Span): void {
    const { builder, context, factor } = this;
    const bound = scope.own('lr');
    if (bound?.value.kind !== 'number') return;
    const rate = bound.value.value;
    this.rate = rate;
    if (factor.kind !== 'tensor') return;
    if (!this.scheduledRate) {
      context.locate(span);
      builder.origin = { ...builder.origin, path: '' };
      const scaled = context.tensors.elementwise('multiply', [factor, rate], '*');
      this.scheduledRate = { ...scaled, node: builder.rename(scaled.node, 'learning_rate') };
    }
    scope.bind('lr', { ...bound, value: this.scheduledRate });
  }
}
