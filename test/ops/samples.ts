// The table of primitives with their samples as graphs, and what runs them: lowered, verified, interpreted in float64.
import { GraphBuilder } from '../../src/graph/builder.ts';
import { verifyGraph } from '../../src/graph/verify.ts';
import type { Graph, Node } from '../../src/ir/graph/type.ts';
import { interpret } from '../../src/ir/stages/interpret.ts';
import { verifyKernels } from '../../src/ir/stages/verify.ts';
import { lower } from '../../src/kernel/lower.ts';
import type { Operation, Sample } from '../../src/ops/operation.ts';
import { operationOf, operations, type OperationName } from '../../src/ops/table.ts';
import { randomKey } from '../../src/runtime/random.ts';
import type { Tensor } from './tensors.ts';

export interface Case {
  readonly name: OperationName;
  /** `contraction [3, 4] [4, 5]`, and the attributes where shapes alone do not tell samples apart. */
  readonly title: string;
  readonly operation: Operation;
  readonly sample: Sample;
}

export const operationNames = Object.keys(operations) as readonly OperationName[];

export const cases: readonly Case[] = operationNames.flatMap((name) => {
  const operation = operationOf(name);
  return operation.samples.map((sample) => {
    const shapes = sample.shapes.map((shape) => `[${shape.join(', ')}]`).join(' ');
    const attributes =
      Object.keys(sample.attributes).length > 0 ? ` ${JSON.stringify(sample.attributes)}` : '';
    return { name, operation, sample, title: `${name} ${shapes}${attributes}` };
  });
});

/** A graph of the sample's inputs x0, x1, … and the primitive on them. */
export function sampleGraph({ name, sample }: Case): {
  readonly builder: GraphBuilder;
  readonly inputs: readonly Node[];
  readonly result: Node;
} {
  const builder = new GraphBuilder(name);
  const inputs = sample.shapes.map((shape, i) => builder.input(`x${i}`, 'input', shape));
  return { builder, inputs, result: builder.apply(name, inputs, sample.attributes) };
}

/** Σ result · weights, a scalar whose gradient towards the result is any cotangent one likes. */
export function weigh(builder: GraphBuilder, result: Node, weights: string): Node {
  const given = builder.input(weights, 'input', result.shape);
  return builder.sum(
    builder.multiply(result, given),
    result.shape.map((_, axis) => axis),
  );
}

/** Verifies and lowers once, to run many times. */
export function prepare(
  graph: Graph,
): (inputs: Readonly<Record<string, readonly number[]>>) => Map<string, Float64Array> {
  verifyGraph(graph);
  const program = lower(graph);
  verifyKernels(program);
  return (inputs) => {
    const given = new Map<string, readonly number[]>(Object.entries(inputs));
    given.set('random_key', [...randomKey(1, 2)]);
    return interpret(program, { inputs: given, stored: new Map() }).outputs;
  };
}

/** x0, x1, … as inputs of a program. */
export function named(tensors: readonly Tensor[]): Record<string, readonly number[]> {
  return Object.fromEntries(tensors.map(({ data }, i) => [`x${i}`, data]));
}
