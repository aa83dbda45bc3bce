// Short texts of models for these tests, and what becomes of them.
import type { Graph } from '../../src/ir/graph/type.ts';
import { build, kernelsOf, run, type BuildOptions, type Values } from '../std/run-program.ts';

export interface Parts {
  readonly definitions?: string;
  /** By default one input, `x: [4]`. */
  readonly inputs?: string;
  readonly target?: string;
}

/** A model of the items that compute its output: `net { … }`, or `let`s and `output`. Any output will do for the loss. */
export function model(body: string, parts: Parts = {}): string {
  const { definitions = '', inputs = 'input x: [4]', target = 'target goal: [1]' } = parts;
  return `${definitions}
loss Anything (y: [...], t: [1]) = sum(y) * sum(t)
model Test {
  ${inputs}
  ${target}
  ${body}
  loss Anything
  optimizer SGD
}`;
}

/** What a graph stores: `linear_1.W: [3, 4]`, in the order of declaration. */
export function storedIn(graph: Graph): string[] {
  return graph.nodes
    .filter(({ operation }) => operation === 'stored')
    .map(({ attributes, shape }) => `${String(attributes['path'])}: [${shape.join(', ')}]`);
}

export function stored(text: string, options: BuildOptions = {}): string[] {
  return storedIn(build(text, { program: 'forward', ...options }).graph);
}

/** The outputs of the inference program for one batch, by name. */
export function forward(
  text: string,
  inputs: Values,
  weights: Values = {},
  options: BuildOptions = {},
): Record<string, number[]> {
  const { graph } = build(text, { program: 'forward', batch: 1, ...options });
  const { outputs } = run(kernelsOf(graph), inputs, weights);
  return Object.fromEntries([...outputs].map(([name, value]) => [name.replace('output.', ''), [...value]]));
}

/** The shape of the model's only output, for one example. */
export function outputShape(text: string, options: BuildOptions = {}): readonly number[] {
  return build(text, { program: 'forward', ...options }).elaborated.outputs[0]?.shape ?? [];
}
