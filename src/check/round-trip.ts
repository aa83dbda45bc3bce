// Checks an inverse: the difference between a random input and the inverse of its forward pass, in float64.
import type { CompiledPrograms } from '../codegen/compiled.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { InverseRecord } from '../graph/invert.ts';
import { placeholderName } from '../elaborate/inverse.ts';
import type { Graph, Node, NodeId } from '../ir/graph/type.ts';
import { interpret, type Bindings } from '../ir/stages/interpret.ts';
import { lower } from '../kernel/lower.ts';
import { drawPoint } from './draw-point.ts';

/** Tolerance for rounding errors of values around 1. */
export const roundTripTolerance = 1e-6;

export interface RoundTrip {
  /** The layer instance's path, or the model's name. */
  readonly path: string;
  readonly error: number;
  /** The stated inverse of a layer. */
  readonly record?: InverseRecord;
}

/** Checks every application of a layer with an inverse. */
export function checkStatedInverses(
  graph: Graph,
  records: readonly InverseRecord[],
  bindings: Bindings,
): readonly RoundTrip[] {
  const builder = new GraphBuilder(graph.name);
  const copies = new Map<NodeId, Node>();
  const copyOf = (id: NodeId): Node => {
    const found = copies.get(id);
    if (!found) throw new Error(`%${id} is read before it stands in the graph`);
    return found;
  };
  const outputs = new Map(records.map(({ placeholder, output }) => [placeholder, output]));
  for (const node of graph.nodes) {
    const output = outputs.get(node.id);
    const inputs = node.inputs.map(copyOf);
    copies.set(
      node.id,
      output === undefined ? builder.apply(node.operation, inputs, node.attributes) : copyOf(output),
    );
  }
  records.forEach(({ input, result }, i) => {
    const difference = builder.subtract(copyOf(result), copyOf(input));
    builder.output(placeholderName(i), builder.apply('abs', [difference]));
  });
  const found = interpret(lower(builder.finish()), bindings).outputs;
  return records.map((record, i) => ({
    path: record.path,
    record,
    error: largest(found.get(placeholderName(i)) ?? []),
  }));
}

/** Checks a model with the programs `forward` and `inverse`. */
export function checkModelInverse({ specification, programs }: CompiledPrograms, seed: number): RoundTrip {
  const [forward, inverse] = [programs.get('forward'), programs.get('inverse')];
  if (!forward || !inverse) throw new Error('a round trip needs both ways');
  const bindings = drawPoint(specification, seed);
  const there = interpret(forward.kernels, bindings).outputs;
  const outputs = specification.outputs.map(({ name }) => [name, there.get(`output.${name}`) ?? []] as const);
  const back = interpret(inverse.kernels, { ...bindings, inputs: new Map(outputs) }).outputs;
  const errors = specification.inputs.map(({ name }) => {
    const given = bindings.inputs.get(name) ?? [];
    const found = back.get(`input.${name}`) ?? new Float64Array();
    return largest(found.map((value, i) => value - (given[i] ?? NaN)));
  });
  return { path: specification.name, error: largest(errors) };
}

/** The maximum; NaN exceeds all. */
function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => {
    const error = Number.isNaN(value) ? Infinity : Math.abs(value);
    return Math.max(most, error);
  }, 0);
}
