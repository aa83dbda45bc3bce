// The graph: a tensor program in static single assignment. Every shape is a literal list of sizes including the batch (the first axis of
// a batched value), every broadcast is a node, and every node has an origin. Nodes are in topological order: an input's id is less than
// its user's. The semantics of operations are in src/ops; nothing here distinguishes them.
import type { Span } from '../../diagnostics/source.ts';
import type { Initializer } from '../../runtime/specification.ts';

export type NodeId = number;
export type Shape = readonly number[];

/** Where a node came from, for messages and names. */
export interface Origin {
  /** The expression of the `.nn` text that it computes, or whose gradient it computes. */
  readonly span?: Span;
  /** The line of the library that computes it, where a library layer was called from `span`. */
  readonly library?: Span;
  /** The layer instance: `conv_block_2.conv2d_1`; empty at the model's top level. */
  readonly path: string;
  /** The full name that a person knows the value by: `image`, `linear_1.W`, `mixed.q`; a layer's output has the layer's path. */
  readonly name?: string;
}

/** forward: the model and its loss; backward: cotangents; update: optimizer, buffers. */
export type Phase = 'forward' | 'backward' | 'update';

export type AttributeValue = number | string | boolean | readonly number[] | Initializer | undefined;
export type Attributes = { readonly [name: string]: AttributeValue };

export interface Node {
  readonly id: NodeId;
  /** A name of the table in src/ops. */
  readonly operation: string;
  readonly inputs: readonly NodeId[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly origin: Origin;
  readonly phase: Phase;
}

/** A result of the program. */
export interface Output {
  readonly name: string;
  readonly value: NodeId;
}

/** After the run, the leaf (a parameter, buffer or optimizer state) takes the value. */
export interface Update {
  readonly leaf: NodeId;
  readonly value: NodeId;
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly outputs: readonly Output[];
  readonly updates: readonly Update[];
}
