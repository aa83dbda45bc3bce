// The values of expressions during elaboration: tensors are nodes of the graph; everything else is known at compile time.
import { showShape } from '../../runtime/tensor.ts';
import type { Span } from '../../diagnostics/source.ts';
import type { Node, Shape } from '../../ir/graph/type.ts';
import type { Definition } from '../../parser/ast.ts';
import type { UnaryFunction } from '../../runtime/unary-functions.ts';
import type { Instance } from '../instance.ts';
import type { Module } from '../../names/module.ts';

/** The name of an axis, if any. */
export type Label = string | undefined;

export interface TensorValue {
  readonly kind: 'tensor';
  /** Its shape has the batch first where `batched`. */
  readonly node: Node;
  readonly batched: boolean;
  /** One per axis of the per-example shape. */
  readonly labels: readonly Label[];
  /** For integers: every element is below this. */
  readonly limit?: number;
}

export interface NumberValue {
  readonly kind: 'number';
  readonly value: number;
  /** The name that it was looked up by, so that `axis = C` can find the axis. */
  readonly label?: string;
  /** Whether that name is a dimension's. */
  readonly dimension?: boolean;
  /** An inexact quotient of integers, for the error message if a dimension was wanted. */
  readonly quotient?: readonly [number, number];
}

export interface BooleanValue {
  readonly kind: 'boolean';
  readonly value: boolean;
}

export interface NoneValue {
  readonly kind: 'none';
}

export interface StringValue {
  readonly kind: 'string';
  readonly value: string;
}

/** A bare word: `same`, `valid`, `batch`. */
export interface SymbolValue {
  readonly kind: 'symbol';
  readonly text: string;
}

export interface ListValue {
  readonly kind: 'list';
  readonly items: readonly Value[];
}

export interface TupleValue {
  readonly kind: 'tuple';
  readonly items: readonly Value[];
}

/** A partially applied definition: `Linear(64)`, `MSE(reduce = sum)`, `Attention(query)`. */
export interface DefinitionValue {
  readonly kind: 'definition';
  readonly definition: Definition;
  readonly module: Module;
  readonly hyper: ReadonlyMap<string, BoundArgument>;
  /** Tensors bound so far, which come after the chain's value. */
  readonly tensors: readonly Value[];
  /** Set if a `let` names it: one set of weights for all uses. */
  readonly instance?: Instance;
  readonly span: Span;
}

export interface BoundArgument {
  readonly value: Value;
  readonly span: Span;
}

/** `ReLU -> Conv2d(8)`: layers in sequence. */
export interface ChainValue {
  readonly kind: 'chain';
  readonly stages: readonly Value[];
  readonly instance?: Instance;
  readonly span: Span;
}

export interface BuiltinValue {
  readonly kind: 'builtin';
  readonly name: string;
  /** Arguments bound so far, while it waits for a chain's value. */
  readonly positional?: readonly BoundArgument[];
  readonly named?: ReadonlyMap<string, BoundArgument>;
}

/** A tensor defined by a formula, before its shape is known: an initializer, or `eye(n)`, `ones(k, k)` within an expression. */
export interface GeneratorValue {
  readonly kind: 'generator';
  readonly generator: Generator;
}

export interface GeneratorDimension {
  readonly size: number;
  readonly label: Label;
}

export type Generator =
  | { readonly kind: 'fill'; readonly value: number; readonly dimensions?: readonly GeneratorDimension[] }
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'orthogonal'; readonly gain: number }
  | { readonly kind: 'eye'; readonly dimensions?: readonly GeneratorDimension[] }
  | { readonly kind: 'iota'; readonly dimensions: readonly GeneratorDimension[] }
  | { readonly kind: 'unary'; readonly function: UnaryFunction; readonly operand: Generator }
  | {
      readonly kind: 'binary';
      readonly operator: '+' | '-' | '*' | '/' | '^';
      readonly left: Generator;
      readonly right: Generator;
    };

/** Replaces a value whose error was already reported: its uses report nothing more. */
export interface PoisonValue {
  readonly kind: 'poison';
}

export type Value =
  | TensorValue
  | NumberValue
  | BooleanValue
  | NoneValue
  | StringValue
  | SymbolValue
  | ListValue
  | TupleValue
  | DefinitionValue
  | ChainValue
  | BuiltinValue
  | GeneratorValue
  | PoisonValue;

export const poison: PoisonValue = { kind: 'poison' };
export const none: NoneValue = { kind: 'none' };

export function numberValue(value: number): NumberValue {
  return { kind: 'number', value };
}

export function booleanValue(value: boolean): BooleanValue {
  return { kind: 'boolean', value };
}

/** The shape without the batch. */
export function exampleShape(tensor: TensorValue): Shape {
  return tensor.batched ? tensor.node.shape.slice(1) : tensor.node.shape;
}

/** A short description of a value, for messages. */
export function describe(value: Value): string {
  switch (value.kind) {
    case 'tensor':
      if (value.limit !== undefined) {
        const shape = exampleShape(value);
        return `whole numbers below ${value.limit}${shape.length > 0 ? ` of shape ${showShape(shape)}` : ''}`;
      }
      return `a tensor of shape ${showShape(exampleShape(value))}`;
    case 'number':
      return String(value.value);
    case 'boolean':
      return `\`${String(value.value)}\``;
    case 'none':
      return '`none`';
    case 'string':
      return `the text ${JSON.stringify(value.value)}`;
    case 'symbol':
      return `the word \`${value.text}\``;
    case 'list':
      return `a list of ${value.items.length}`;
    case 'tuple':
      return `${value.items.length} values`;
    case 'definition':
      return `the ${value.definition.kind} \`${value.definition.name.text}\``;
    case 'chain':
      return 'a chain of layers';
    case 'builtin':
      return `the function \`${value.name}\`${value.positional ? ', which lacks an argument' : ''}`;
    case 'generator':
      return 'an initializer';
    case 'poison':
      return 'a value with an error';
  }
}
