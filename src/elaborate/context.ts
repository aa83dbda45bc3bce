// The state shared by all of elaboration: the tensors being built, what was stored and applied, and, through Reporter, the call stack and
// errors. Expressions, calls and blocks are mutually recursive; they call one another through `evaluate`, `apply` and `run`, so that
// their files have no cyclic imports.
import type { Span } from '../diagnostics/source.ts';
import type { Node, NodeId } from '../ir/graph/type.ts';
import type { InverseRecord } from '../graph/invert.ts';
import type { Storage } from '../runtime/specification.ts';
import type { Block, Expression } from '../parser/ast.ts';
import type { Frame } from './instance.ts';
import { Reporter } from './reporter.ts';
import type { Scope } from './scope.ts';
import type { Tensors } from './values/tensors.ts';
import type { TensorValue, Value } from './values/values.ts';

/** The environment of an expression: the names in scope, and the layer application that owns its declarations. */
export interface Environment {
  readonly scope: Scope;
  readonly frame: Frame;
  /** At the model's own level: the metric being elaborated. Only such a metric is computed over all examples. */
  readonly metric?: string;
}

/** Where a layer or function is called. */
export interface CallSite {
  readonly environment: Environment;
  readonly span: Span;
  /** The name that a `let` gives to the instance. */
  readonly name?: string;
}

/** A block's result: from `return`, or the current value of its chain. */
export interface BlockResult {
  readonly returned: boolean;
  readonly value: Value | undefined;
}

/** One application of a layer, for `summary`. */
export interface LayerRecord {
  readonly path: string;
  readonly layer: string;
  readonly depth: number;
  readonly span: Span;
  readonly output: TensorValue;
  /** Its nodes: ids from `first` up to, not including, `end`. */
  readonly first: number;
  readonly end: number;
  /** The comment above the layer's definition. */
  readonly documentation?: string;
}

/** A value that a metric averages over all examples, or the covariance of two such values. */
export interface Statistic {
  readonly name: string;
  /** Per example; a covariance has a single value. */
  readonly value: TensorValue;
  /** The names of the two averaged values whose covariance it is. */
  readonly of?: readonly [string, string];
}

/** One application of a loss. */
export interface LossRecord {
  readonly name: string;
  /** The call, in the user's text. */
  readonly span: Span;
  readonly inputs: readonly { readonly name: string; readonly value: TensorValue }[];
}

/** One application of a metric whose value is computed over all examples. */
export interface OverallRecord {
  /** The metric's name. */
  readonly name: string;
  readonly statistics: readonly Statistic[];
  /** The number of examples; the same in all records. */
  readonly examples: TensorValue;
  readonly result: TensorValue;
}

export interface Mode {
  readonly training: boolean;
  /** The kinds of stored tensors that `<-` may change: buffers in the training step, weights and states in an optimizer, else none. */
  readonly updates: readonly Storage[];
  /** Values from the command line that replace those of constants. */
  readonly replaced: ReadonlyMap<Expression, Expression>;
  /** Whether the layers' inverses are elaborated too. */
  readonly inverses?: boolean;
  /** Whether the averages of metrics are inputs, instead of computed from the batch. */
  readonly averaged?: boolean;
}

/** The result of evaluating a constant. */
export type ConstantOutcome = { readonly value: Value } | { readonly error: unknown };

/** A model with more operations than this would exceed memory when it is compiled. */
const maximumNodes = 300_000;

/** A model with more runs of definitions and repeated blocks than this would take too long to unroll. */
export const maximumRuns = 300_000;

/** The stored tensors of a model. */
export interface StoredTensors {
  /** In the order of their declaration. */
  readonly declared: { readonly node: Node; readonly span: Span }[];
  /** The value of each after the program runs, by its leaf's id. */
  readonly updates: Map<NodeId, NodeId>;
}

/** The layers, losses and metrics applied, besides the graph built. */
export interface Trace {
  readonly layers: LayerRecord[];
  readonly inverses: InverseRecord[];
  /** Whether an applied layer has an inverse. */
  statesInverse: boolean;
  readonly overalls: OverallRecord[];
  readonly losses: LossRecord[];
}

export abstract class Context extends Reporter {
  readonly stored: StoredTensors = { declared: [], updates: new Map() };
  readonly trace: Trace = { layers: [], inverses: [], statesInverse: false, overalls: [], losses: [] };
  /** Evaluated constants of files, by their expressions. */
  readonly constants = new Map<Expression, ConstantOutcome>();
  /** Inside an `overall`: the covariance over all examples of two of its means; undefined for other values. */
  covariance: ((a: TensorValue, b: TensorValue) => TensorValue | undefined) | undefined;
  private runs = 0;

  constructor(
    readonly tensors: Tensors,
    readonly mode: Mode,
  ) {
    super();
  }

  abstract evaluate(expression: Expression, environment: Environment): Value;
  /** Whether a name stands for a value. */
  abstract knows(name: string, environment: Environment): boolean;
  abstract apply(callee: Value, inputs: readonly Value[], site: CallSite): Value;
  abstract run(block: Block, environment: Environment, current: Value | undefined): BlockResult;

  /** Elaborates one position of a scan, from 0, and updates its states. Overridden where positions are treated differently. */
  atPosition(
    _scan: string,
    _position: number,
    _states: Map<string, Value>,
    body: () => TensorValue,
  ): TensorValue {
    return body();
  }

  /** A scan's state before its first position. */
  firstState(_name: string, state: TensorValue): TensorValue {
    return state;
  }

  /** Counts a run of a block: a definition's body, a repetition, a branch. Fails above the limit. */
  countRun(span: Span): void {
    if (++this.runs > maximumRuns)
      this.fail('model.too-long', this.call?.span ?? span, { limit: maximumRuns.toLocaleString('en-US') });
  }

  /** Sets the origin of the nodes built next: the innermost expression of the user's, and the library's, if it is built there. */
  locate(span: Span): void {
    if (this.tensors.builder.size > maximumNodes)
      this.fail('model.too-large', span, { limit: maximumNodes.toLocaleString('en-US') });
    const user = this.userSpan(span);
    const path = this.call?.path ?? '';
    this.tensors.builder.origin = { path, span: user, ...(user !== span && { library: span }) };
  }
}
