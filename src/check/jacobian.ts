// The Jacobian of a model's output with respect to one of its inputs, per example, in float64: one backward pass per element of the
// output, all with one program that takes the cotangent as an input.
import { elementCount } from '../runtime/tensor.ts';
import { differentiate } from '../graph/differentiate.ts';
import { GraphBuilder } from '../graph/builder.ts';
import { simplify } from '../graph/simplify/simplify.ts';
import type { Graph } from '../ir/graph/type.ts';
import { interpret, type Bindings } from '../ir/stages/interpret.ts';
import { fuse } from '../kernel/fuse/fuse.ts';
import { lower } from '../kernel/lower.ts';

export interface Jacobian {
  /** [batch, output's axes…, input's axes…] */
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

const cotangentName = 'cotangent of the output';

/** @param graph contains the output under its name, `output.NAME` */
export function jacobian(graph: Graph, output: string, input: string, bindings: Bindings): Jacobian {
  const value = graph.outputs.find(({ name }) => name === `output.${output}`);
  const leaf = graph.nodes.find(
    ({ operation, attributes }) => operation === 'input' && attributes['name'] === input,
  );
  if (!value) throw new Error(`the graph gives no output.${output}`);
  const builder = new GraphBuilder(graph.name, { ...graph, outputs: [], updates: [] });
  const result = builder.node(value.value);
  const [batch = 1, ...outputShape] = result.shape;
  const inputShape = leaf?.shape.slice(1) ?? [];
  const [rows, columns] = [elementCount(outputShape), elementCount(inputShape)];
  const data = new Float64Array(batch * rows * columns);
  const shape = [batch, ...outputShape, ...inputShape];
  // an input that nothing depends on is not in the graph
  if (!leaf) return { shape, data };

  const cotangent = builder.input(cotangentName, 'input', result.shape);
  const axes = result.shape.map((_, axis) => axis);
  const scalar = builder.sum(builder.multiply(result, cotangent), axes);
  const derived = differentiate(builder.finish(), scalar.id, [leaf.id]);
  const gradient = derived.gradients.get(leaf.id);
  if (gradient === undefined) throw new Error('no gradient was derived');
  const program = fuse(
    lower(simplify({ ...derived.graph, outputs: [{ name: 'row', value: gradient }], updates: [] })),
  );
  const seed = new Float64Array(batch * rows);
  const inputs = new Map([...bindings.inputs, [cotangentName, seed]]);
  // one example at a time: in training, examples may depend on one another
  for (let element = 0; element < seed.length; element++) {
    seed.fill(0);
    seed[element] = 1;
    const whole = interpret(program, { ...bindings, inputs }).outputs.get('row');
    const example = Math.floor(element / rows);
    const row = whole?.subarray(example * columns, (example + 1) * columns) ?? [];
    data.set(row, element * columns);
  }
  return { shape, data };
}
