// What every part of elaboration shares: the tensors being built, the calls under way, and the errors found so far.
// The mutually recursive parts (expressions, calls, blocks) reach one another through the three functions here, so that
// their files do not import one another.
import { DiagnosticError, diagnostic, type DiagnosticOptions } from '../diagnostics/diagnostic.ts';
import type { Diagnostic, Related } from '../diagnostics/diagnostic.ts';
import type { DiagnosticArguments, DiagnosticCode } from '../diagnostics/codes.ts';
import type { Span } from '../diagnostics/source.ts';
import type { Node, NodeId } from '../ir/graph/type.ts';
import type { InverseRecord } from '../graph/invert.ts';
import type { Storage } from '../runtime/specification.ts';
import { ShapeError } from '../ops/operation.ts';
import type { Block, Expression } from '../parser/ast.ts';
import { dependsOnValues } from './consequences.ts';
import type { Frame } from './instance.ts';
import { calledHere, originsOf } from './values/places.ts';
import type { Scope } from './scope.ts';
import type { Tensors } from './values/tensors.ts';
import { poison, type TensorValue, type Value } from './values/values.ts';

/** Where an expression is evaluated: the names in force, and the layer application that owns what is declared. */
export interface Environment {
  readonly scope: Scope;
  readonly frame: Frame;
}

/** How a block ended: with `return`, or at its end with the chain's current value. */
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
  /** Nodes with ids from `first` up to `end` were made by it. */
  readonly first: number;
  readonly end: number;
  /** The comment above the layer's definition. */
  readonly documentation?: string;
}

/** One of the things that a metric averages over the examples, or a covariance of two of them. */
export interface Statistic {
  readonly name: string;
  /** Of each example; a covariance has one for all. */
  readonly value: TensorValue;
  /** The names of the two averaged values whose covariance it is. */
  readonly of?: readonly [string, string];
}

/** One application of a metric whose value is computed over all examples. */
export interface OverallRecord {
  /** The metric's own name. */
  readonly name: string;
  readonly statistics: readonly Statistic[];
  /** How many examples there are; the same for all. */
  readonly examples: TensorValue;
  readonly result: TensorValue;
}

/** A call under way. */
export interface Call {
  readonly name: string;
  readonly span: Span;
  readonly path: string;
  /** The tensors that it was given. */
  readonly inputs?: readonly TensorValue[];
}

export interface Mode {
  readonly training: boolean;
  /** The stored tensors that `<-` changes: buffers in the training step, weights and states in an optimizer, else none. */
  readonly updates: readonly Storage[];
  /** What the command line sets in place of constants' values. */
  readonly replaced: ReadonlyMap<Expression, Expression>;
  /** Whether the inverses that layers state are elaborated too. */
  readonly inverses?: boolean;
  /** Whether what metrics average is given, rather than computed from the batch. */
  readonly averaged?: boolean;
}

/** What evaluating a constant came to. */
export type ConstantOutcome = { readonly value: Value } | { readonly error: unknown };

/** A model with more operations than this would not fit into memory when it is compiled. */
const maximumNodes = 300_000;

/** A model that calls definitions and repeats blocks more often than this would take too long to unroll. */
export const maximumRuns = 300_000;

/** More errors than this are not reported. */
const maximumErrors = 20;

export abstract class Context {
  readonly diagnostics: Diagnostic[] = [];
  readonly layers: LayerRecord[] = [];
  readonly inverses: InverseRecord[] = [];
  /** Whether a layer that was applied states its inverse. */
  statesInverse = false;
  readonly overalls: OverallRecord[] = [];
  /** What the metric that is being worked out is called: only such a one is computed over all examples. */
  measured: string | undefined;
  /** The covariance over all examples of two means of the `overall` that is being worked out; nothing for other values. */
  covariance: ((a: TensorValue, b: TensorValue) => TensorValue | undefined) | undefined;
  /** Stored tensors in the order of their declaration. */
  readonly stored: { readonly node: Node; readonly span: Span }[] = [];
  /** What each stored tensor is worth after the program, by its leaf's id. */
  readonly updates = new Map<NodeId, NodeId>();
  /** What the files' constants are, by the expressions they are written as. */
  readonly constants = new Map<Expression, ConstantOutcome>();
  private readonly calls: Call[] = [];
  private runs = 0;
  /** The calls from the model's own level in which some value did not fit: what does not fit after it is its consequence. */
  private readonly spoiled = new Set<Call>();

  constructor(
    readonly tensors: Tensors,
    readonly mode: Mode,
  ) {}

  abstract evaluate(expression: Expression, environment: Environment): Value;
  abstract apply(
    callee: Value,
    inputs: readonly Value[],
    environment: Environment,
    span: Span,
    name?: string,
  ): Value;
  abstract run(block: Block, environment: Environment, current: Value | undefined): BlockResult;

  /** One position of a scan, from 0; with what it leaves to the next. Whoever tells positions apart overrides it. */
  atPosition(
    _scan: string,
    _position: number,
    _states: Map<string, Value>,
    body: () => TensorValue,
  ): TensorValue {
    return body();
  }

  /** A scan's state as its first position finds it. */
  firstState(_name: string, state: TensorValue): TensorValue {
    return state;
  }

  /** Depth of the calls under way. */
  get depth(): number {
    return this.calls.length;
  }

  /** The call that is being worked out. */
  get call(): Call | undefined {
    return this.calls.at(-1);
  }

  /** Runs `body` as part of a call; everything it builds comes from there. */
  within<T>(call: Call, body: () => T): T {
    this.calls.push(call);
    try {
      return body();
    } finally {
      this.calls.pop();
    }
  }

  /** Counts one run of a block: of a definition's body, of a repetition, of a branch. Fails where there were too many. */
  countRun(span: Span): void {
    if (++this.runs > maximumRuns)
      this.fail('model.too-long', this.call?.span ?? span, { limit: maximumRuns.toLocaleString('en-US') });
  }

  /** Says where the next nodes come from: the user's innermost expression, and the library's where one is in between. */
  locate(span: Span): void {
    if (this.tensors.builder.size > maximumNodes)
      this.fail('model.too-large', span, { limit: maximumNodes.toLocaleString('en-US') });
    const user = this.userSpan(span);
    const path = this.calls.at(-1)?.path ?? '';
    this.tensors.builder.origin = { path, span: user, ...(user !== span && { library: span }) };
  }

  /** The innermost place in the user's own text. */
  userSpan(span: Span): Span {
    if (!span.source.library) return span;
    return this.calls.findLast((call) => !call.span.source.library)?.span ?? span;
  }

  /** An error at a place; where that is in the library, the user's call comes first and the library's line second. */
  error<K extends DiagnosticCode>(
    code: K,
    span: Span,
    args: DiagnosticArguments[K],
    options: DiagnosticOptions = {},
  ): Diagnostic {
    return this.situate(diagnostic(code, span, args, options), span);
  }

  /** Throws an error; `attempt` catches it. */
  fail<K extends DiagnosticCode>(
    code: K,
    span: Span,
    args: DiagnosticArguments[K],
    options: DiagnosticOptions = {},
  ): never {
    throw new DiagnosticError([this.error(code, span, args, options)]);
  }

  /** Gives up on a value whose error was reported already. */
  abandon(): never {
    throw new DiagnosticError([]);
  }

  report(found: Diagnostic): void {
    const again = this.diagnostics.some(
      (known) =>
        (isTooMuch(known) && isTooMuch(found)) ||
        (known.code === found.code &&
          known.span?.start === found.span?.start &&
          known.span?.source === found.span?.source),
    );
    const [root] = this.calls;
    if (again || this.diagnostics.length >= maximumErrors) return;
    if (root && dependsOnValues(found.code)) {
      if (this.spoiled.has(root)) return;
      this.spoiled.add(root);
    }
    this.diagnostics.push(found);
  }

  /** Runs `body`; an error is reported, at `span` where it names no place, and the result is poison. */
  attempt(span: Span, body: () => Value): Value {
    const depth = this.calls.length;
    try {
      return body();
    } catch (thrown) {
      for (const found of this.diagnosticsOf(thrown, span)) this.report(found);
      this.calls.length = depth;
      return poison;
    }
  }

  /** The diagnostics that a thrown error carries; the compiler's own faults are thrown on. */
  private diagnosticsOf(thrown: unknown, span: Span): readonly Diagnostic[] {
    if (thrown instanceof ShapeError) return [this.error('shape.primitive', span, { text: thrown.message })];
    if (!(thrown instanceof DiagnosticError)) throw thrown;
    return thrown.diagnostics.map((found) => (found.span ? found : this.situate({ ...found, span }, span)));
  }

  private situate(found: Diagnostic, span: Span): Diagnostic {
    const user = this.userSpan(span);
    const userCalls = this.calls.filter((call) => !call.span.source.library).reverse();
    const [inner] = userCalls;
    const within = `within \`${inner?.name ?? 'the library'}\`, in the standard library`;
    const places: Related[] = [...(user === span ? [] : [{ span, message: within }]), ...found.related];
    if (dependsOnValues(found.code)) {
      for (const call of userCalls.slice(0, shownCalls))
        places.push(...(covers(call.span, user) ? originsOf(call.inputs ?? []) : [calledHere(call)]));
    }
    const related = places.filter(
      (place, i) =>
        !sameSpan(place.span, user) && places.findIndex((each) => sameSpan(each.span, place.span)) === i,
    );
    return { ...found, span: user, related };
  }
}

/** How many calls, from the innermost outwards, an error shows. */
const shownCalls = 3;

function covers(outer: Span, inner: Span): boolean {
  return outer.source === inner.source && outer.start <= inner.start && inner.end <= outer.end;
}

function sameSpan(left: Span, right: Span): boolean {
  return left.source === right.source && left.start === right.start && left.end === right.end;
}

/** Of these one is told: what was built after it is of no use, and its count says nothing. */
function isTooMuch({ code }: Diagnostic): boolean {
  return code === 'model.too-large' || code === 'model.too-long';
}
