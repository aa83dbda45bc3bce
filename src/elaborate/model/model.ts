// Elaborates a model into the forward graph of one program: inputs, net, outputs, loss and metrics.
import { showShape } from '../../runtime/tensor.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../diagnostics/source.ts';
import type { Graph, NodeId } from '../../ir/graph/type.ts';
import type { Expression, Model, ModelInput, ModelItem } from '../../parser/ast.ts';
import type {
  DataSetting,
  MetricResult,
  Port,
  ProgramName,
  Result,
  TrainSettings,
} from '../../runtime/specification.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import { counted } from '../call.ts';
import { bindConstants, replacedConstants } from './constants.ts';
import { dependsOnValues } from '../consequences.ts';
import type { Environment, LayerRecord, LossRecord, Statistic } from '../context.ts';
import { Elaborator } from '../elaborator.ts';
import { checkItems } from './items.ts';
import { Frame, Instance } from '../instance.ts';
import type { InverseRecord } from '../../graph/invert.ts';
import { evaluateKind, refuseKind } from '../look-up.ts';
import { elaboratePort, type PortValue } from './ports.ts';
import { dataSetting, trainSettings, type Overrides } from './settings.ts';
import { type Module } from '../../names/module.ts';
import { statisticName } from './overall.ts';
import { Scope } from '../scope.ts';
import { Tensors } from '../values/tensors.ts';
import { sourceText } from '../values/types.ts';
import { describe, exampleShape, poison, type TensorValue, type Value } from '../values/values.ts';

export interface ElaborateOptions {
  readonly program: ProgramName;
  /** Overrides the batch of `train`. */
  readonly batch?: number;
  /** Training behavior of the `gradient` program; `step` always trains, `forward` and `evaluate` never do. */
  readonly training: boolean;
  readonly overrides: Overrides;
  /** Only checking: a step is examined for errors, but not differentiated. */
  readonly checking?: boolean;
}

/** The forward graph. Its outputs are named as in src/runtime/executable.ts. */
export interface ElaboratedModel {
  readonly graph: Graph;
  readonly diagnostics: readonly Diagnostic[];
  /** The batch's mean loss, for `step` and `gradient`. */
  readonly loss: NodeId | undefined;
  readonly parameters: readonly NodeId[];
  /** Inputs of real numbers, for gradients with respect to them. */
  readonly realInputs: ReadonlyMap<string, NodeId>;
  readonly inputs: readonly Port[];
  readonly targets: readonly Port[];
  readonly outputs: readonly Result[];
  /** The outputs' values, by name, in every program: the training step has them too, though it does not return them. */
  readonly outputValues: ReadonlyMap<string, NodeId>;
  readonly metrics: readonly MetricResult[];
  readonly layers: readonly LayerRecord[];
  readonly losses: readonly LossRecord[];
  /** Where the model is named. */
  readonly span: Span;
  /** In the program `inverse`: the layers' inverses. */
  readonly inverses: readonly InverseRecord[];
  /** Whether a layer of the model has an inverse. */
  readonly statesInverse: boolean;
  readonly batch: number;
  readonly train: TrainSettings;
  readonly data: DataSetting | undefined;
}

interface Named {
  readonly name: string;
  readonly value: TensorValue;
}

interface Measured extends Named {
  /** Of a metric over all examples. */
  readonly statistics?: readonly Statistic[];
}

const resultOf = ({ name, value }: Named): Result => ({ name, shape: exampleShape(value) });
const statisticOf = ({ of, ...statistic }: Statistic) => ({ ...resultOf(statistic), ...(of && { of }) });

export function elaborate(module: Module, model: Model, options: ElaborateOptions): ElaboratedModel {
  return new ModelElaborator(module, model, options).run();
}

class ModelElaborator {
  private readonly builder: GraphBuilder;
  private readonly environment: Environment;
  private readonly context: Elaborator;
  private readonly train: TrainSettings;
  private readonly inputs: PortValue[] = [];
  private readonly targets: PortValue[] = [];
  private readonly outputs: (Named & { readonly span: Span })[] = [];
  private data: DataSetting | undefined;

  constructor(
    module: Module,
    private readonly model: Model,
    private readonly options: ElaborateOptions,
  ) {
    this.builder = new GraphBuilder(model.name.text);
    this.environment = { scope: new Scope(module), frame: new Frame(new Instance('')) };
    const { program } = options;
    const mode = {
      training: program === 'step' || (program === 'gradient' && options.training),
      updates: program === 'step' ? (['buffer'] as const) : [],
      replaced: replacedConstants(module, options.overrides),
      inverses: program === 'inverse',
      averaged: program === 'metrics',
    };
    // `train` may use the model's constants, so they are bound first, in a context that builds no nodes.
    const settings = new Elaborator(new Tensors(this.builder, 1), mode);
    bindConstants(settings, model, this.environment, options.overrides);
    this.train = trainSettings(settings, model, this.environment, options.overrides);
    this.context = new Elaborator(new Tensors(this.builder, options.batch ?? this.train.batch), mode);
    for (const found of settings.diagnostics) this.context.report(found);
  }

  run(): ElaboratedModel {
    const { context, model, options } = this;
    checkItems(context, model);
    // Inputs come first, wherever they are declared: the net takes the first.
    const isPort = ({ kind }: ModelItem) => kind === 'input' || kind === 'target';
    for (const item of model.items.filter(isPort)) this.runItem(item);
    for (const item of model.items.filter((each) => !isPort(each))) this.runItem(item);
    const plain = options.program === 'forward' || options.program === 'inverse';
    const loss = plain || options.program === 'metrics' ? undefined : this.loss();
    const metrics = plain || options.program === 'gradient' ? [] : this.metrics();
    for (const { name, value } of this.outputs) {
      if (options.program !== 'step' && options.program !== 'metrics')
        this.builder.output(`output.${name}`, value.node);
    }
    const perBatch = options.program !== 'evaluate';
    const meanLoss = loss && this.emitResult('loss', loss, perBatch);
    for (const metric of metrics) this.emitMetric(metric);
    for (const [leaf, value] of context.stored.updates)
      this.builder.update(this.builder.node(leaf), this.builder.node(value));
    this.builder.settlePhases();
    return {
      graph: this.builder.finish(),
      diagnostics: context.diagnostics,
      loss: perBatch ? meanLoss : undefined,
      parameters: context.stored.declared
        .filter(({ node }) => node.attributes['storage'] === 'parameter')
        .map(({ node }) => node.id),
      realInputs: new Map(
        this.inputs.flatMap(({ port, value }) =>
          port.kind === 'real' ? [[port.name, value.node.id] as const] : [],
        ),
      ),
      inputs: this.inputs.map(({ port }) => port),
      targets: this.targets.map(({ port }) => port),
      outputs: this.outputs.map(resultOf),
      outputValues: new Map(this.outputs.map(({ name, value }) => [name, value.node.id])),
      metrics: metrics.map(({ name, value, statistics }) => ({
        name,
        shape: exampleShape(value),
        ...(statistics && { statistics: statistics.map(statisticOf) }),
      })),
      layers: context.trace.layers,
      losses: context.trace.losses,
      span: model.name.span,
      inverses: context.trace.inverses,
      statesInverse: context.trace.statesInverse,
      batch: context.tensors.batch,
      train: this.train,
      data: this.data,
    };
  }

  private runItem(item: ModelItem): void {
    const { context, environment } = this;
    switch (item.kind) {
      case 'input':
      case 'target':
        if (context.attempt(item.span, () => this.port(item)).kind !== 'poison') return;
        // If the type is wrong, uses of the name report nothing.
        environment.scope.bind(item.name.text, { value: poison, span: item.name.span });
        return;
      case 'let':
      case 'declare':
        context.bind(item, environment);
        return;
      case 'net': {
        const start = this.inputs[0]?.value ?? poison;
        const { value } = context.run(item.body, environment, start);
        this.output('output', value ?? start, item.span);
        this.nameOutput(value ?? start, item.span);
        return;
      }
      case 'output': {
        const value = context.attempt(item.value.span, () => context.evaluate(item.value, environment));
        const fresh = this.output(item.name?.text ?? 'output', value, item.value.span);
        if (!item.name) this.nameOutput(value, item.value.span);
        else if (fresh) environment.scope.bind(item.name.text, { value, span: item.name.span });
        return;
      }
      case 'data':
        context.attempt(item.span, () => {
          this.data = dataSetting(context, item.value, environment);
          return poison;
        });
        return;
      case 'const':
      case 'loss':
      case 'optimizer':
      case 'schedule':
      case 'clip':
      case 'metrics':
      case 'train':
        return;
    }
  }

  /** An unnamed value is called `output` for the loss and the metrics. */
  private nameOutput(value: Value, span: Span): void {
    const { scope } = this.environment;
    if (!scope.own('output')) scope.bind('output', { value, span });
  }

  /** Whether the name is free: otherwise the earlier output keeps it. */
  private output(name: string, value: Value, span: Span): boolean {
    if (value.kind === 'poison') return true;
    const { context } = this;
    if (value.kind !== 'tensor') {
      const applies = value.kind === 'definition' || value.kind === 'chain' || value.kind === 'builtin';
      const help = applies ? 'Apply it to a value, such as `Linear(10)(x)`.' : '';
      context.report(context.error('model.output', span, { found: describe(value), help }));
      return true;
    }
    if (!value.batched) {
      const args = { shape: showShape(exampleShape(value)) };
      context.report(context.error('model.output-shared', span, args));
      return true;
    }
    const known = this.outputs.find((output) => output.name === name);
    if (known) {
      const related = [{ span: known.span, message: 'the first is here' }];
      context.report(context.error('output.twice', span, { name }, { related }));
      return false;
    }
    this.outputs.push({ name, value, span });
    return true;
  }

  private port(item: ModelInput): Value {
    const found = elaboratePort(this.context, this.environment, item);
    (item.kind === 'input' ? this.inputs : this.targets).push(found);
    return found.value;
  }

  /** The loss of each example: [batch]. */
  private loss(): TensorValue | undefined {
    const { context } = this;
    const item = this.model.items.find((candidate) => candidate.kind === 'loss');
    if (!item || !('value' in item)) return undefined;
    const { value: expression } = item;
    const value = context.attempt(expression.span, () => this.compare(expression, 'loss'));
    if (value.kind === 'poison') return undefined;
    if (value.kind !== 'tensor' || !value.batched) {
      context.report(context.error('loss.shared', expression.span, {}));
      return undefined;
    }
    if (exampleShape(value).length === 0)
      return { ...value, node: this.builder.rename(value.node, 'losses') };
    const shape = showShape(exampleShape(value));
    context.report(context.error('loss.shape', expression.span, { shape }));
    return undefined;
  }

  private metrics(): Measured[] {
    const { context } = this;
    const item = this.model.items.find((candidate) => candidate.kind === 'metrics');
    if (item?.kind !== 'metrics') return [];
    // A value that the loss does not accept, the metrics do not accept either: reported once.
    const lossFits = !context.diagnostics.some((found) => dependsOnValues(found.code));
    return item.values.flatMap((expression) => {
      const name = sourceText(expression);
      const before = context.trace.overalls.length;
      const environment = { ...this.environment, metric: name };
      const value = lossFits
        ? context.attempt(expression.span, () => this.compare(expression, 'metric', environment))
        : this.checkWords(expression, environment);
      if (value.kind !== 'tensor') return [];
      const [overall] = context.trace.overalls.slice(before);
      if (overall && overall.result.node.id !== value.node.id) {
        context.report(context.error('metric.overall', expression.span, { owner: overall.name }));
        return [];
      }
      const first = item.values.find((each) => sourceText(each) === name) ?? expression;
      if (first === expression) return [{ name, value, ...(overall && { statistics: overall.statistics }) }];
      const related = [{ span: first.span, message: 'the first is here' }];
      context.report(context.error('metric.twice', expression.span, { name }, { related }));
      return [];
    });
  }

  /** Evaluates a metric for errors in its own words. */
  private checkWords(expression: Expression, environment: Environment): Value {
    const { context } = this;
    return context.attempt(expression.span, () => {
      if (expression.kind === 'name' || expression.kind === 'call')
        evaluateKind(context, expression, environment, 'metric');
      return poison;
    });
  }

  /** A loss or metric applied to the model's output and target, or an expression that has a value already. */
  private compare(expression: Expression, kind: 'loss' | 'metric', environment = this.environment): Value {
    const { context } = this;
    const value = evaluateKind(context, expression, environment, kind);
    if (value.kind === 'tensor' || value.kind === 'poison') return value;
    if (value.kind !== 'definition' || !['loss', 'metric', 'function'].includes(value.definition.kind))
      return refuseKind(context, value, environment, expression.span, kind);
    const [output, target] = [this.outputs[0], this.targets[0]];
    const { definition } = value;
    const lacks = definition.inputs.length - value.tensors.length;
    if (lacks !== 2) {
      const name = definition.name.text;
      const names = definition.inputs.map((input) => input.name.text).join(', ');
      const args = { name, expected: counted(lacks, 'input'), inputs: names };
      const related = [{ span: definition.name.span, message: `\`${name}\` is declared here` }];
      return context.fail('loss.inputs', expression.span, args, { related });
    }
    // A target whose type is wrong, or that is missing, was reported already.
    const targeted = this.model.items.some((item) => item.kind === 'target');
    const reported = targeted || context.diagnostics.some(({ code }) => code === 'model.missing');
    if (output && !target && !reported)
      return context.fail('loss.target', expression.span, {
        name: sourceText(expression),
        output: output.name,
      });
    if (!output || !target) return poison;
    if (this.outputs.length > 1 || this.targets.length > 1) {
      const name = sourceText(expression);
      return context.fail('loss.arguments', expression.span, {
        name,
        outputs: counted(this.outputs.length, 'output'),
        targets: counted(this.targets.length, 'target'),
        example: `${kind === 'loss' ? 'loss' : 'metrics'} ${name}(${output.name}, ${target.port.name})`,
      });
    }
    const found = context.apply(value, [output.value, target.value], { environment, span: expression.span });
    if (kind === 'loss' || found.kind === 'tensor' || found.kind === 'poison') return found;
    const name = definition.name.text;
    const args = { owner: name, name: 'the value', found: describe(found) };
    return context.fail('value.tensor', expression.span, args);
  }

  /** Outputs a metric's values, per example or for the batch; for a metric over all examples, its statistics, instead or in addition. */
  private emitMetric({ name, value, statistics }: Measured): void {
    const { program } = this.options;
    const result = `metric.${name}`;
    if (!statistics) {
      if (program !== 'metrics') this.emitResult(result, value, program === 'step');
      return;
    }
    if (program !== 'evaluate') this.emitResult(result, value, true);
    if (program === 'metrics') return;
    for (const statistic of statistics) {
      // a single example has no covariance: the caller of `evaluate` computes it from the values
      if (statistic.of && program !== 'step') continue;
      this.emitResult(statisticName(name, statistic.name), statistic.value, program === 'step');
    }
  }

  /** A per-example result as an output, or its mean over the batch. */
  private emitResult(name: string, value: TensorValue, mean: boolean): NodeId {
    const { builder } = this;
    const { batch } = this.context.tensors;
    builder.origin = { path: '', ...(value.node.origin.span && { span: value.node.origin.span }) };
    const node =
      mean && value.batched
        ? builder.divide(builder.sum(value.node, [0]), builder.constant(batch, exampleShape(value)))
        : mean
          ? value.node
          : this.context.tensors.broadcastTo(value, exampleShape(value), value.labels, true).node;
    const named = mean ? builder.rename(node, name) : node;
    builder.output(name, named);
    return named.id;
  }
}
