// Prints the types of a generated module's interface, the same for every target: what the model takes and gives, by name and shape. A
// wrong name is then an error of the user's type checker. The length of an array is in the comments, since TypeScript cannot count a
// Float32Array's elements; the runtime checks it.
import { describePort } from '../runtime/model-input.ts';
import type { ModelSpecification, Port, Result } from '../runtime/specification.ts';
import { elementCount } from '../runtime/tensor.ts';
import { docComment } from './gpujs/text.ts';
import { printComment, printKey } from './names.ts';

type Interface = Pick<ModelSpecification, 'batch' | 'inputs' | 'targets' | 'outputs' | 'metrics'>;

/** What a module exports besides `specification` and `create`. */
export const moduleTypeNames = ['batch', 'Inputs', 'Targets', 'Outputs', 'Metrics', 'Model'] as const;

/** The identifiers that `importedTypes` binds. */
export const importedNames = ['ModelOf', 'ModelArray', 'ModelSpecification', 'Tensor'] as const;

/** The types that it imports from the runtime, as an import statement lists them. */
export function importedTypes({ inputs, targets, outputs, metrics }: Interface): readonly string[] {
  const hasTensors = outputs.length > 0 || metrics.some(({ shape }) => shape.length > 0);
  return [
    'type Model as ModelOf',
    ...(inputs.length + targets.length > 0 ? ['type ModelArray'] : []),
    'type ModelSpecification',
    ...(hasTensors ? ['type Tensor'] : []),
  ];
}

export const batchComment = docComment([
  'The number of examples that `step` and `gradient` take. `forward` and `evaluate` take any number.',
]);

/** The exported types. */
export function printModuleTypes({ batch, inputs, targets, outputs, metrics }: Interface): string {
  const arrays = (ports: readonly Port[]) =>
    ports.map((port) => ({ name: port.name, type: 'ModelArray', comment: describeArray(port, batch) }));
  const named = (results: readonly Result[], typeOf: (shape: readonly number[]) => string) =>
    results.map(({ name, shape }) => ({ name, type: typeOf(shape) }));
  return [
    printType('Inputs', 'What the model is given: flat arrays, one example after the other.', arrays(inputs)),
    printType('Targets', 'What it is to learn, likewise.', arrays(targets)),
    printType('Outputs', 'What it gives, the examples along the first axis.', named(outputs, batched)),
    printType('Metrics', 'Over the examples of one call.', named(metrics, metricType)),
    `${docComment(['The model that `create` gives.'])}export type Model = ModelOf<{
  inputs: Inputs;
  targets: Targets;
  outputs: Outputs;
  metrics: Metrics;
}>;
`,
  ].join('\n');
}

/** A declaration file for a module: `NAME.d.mts`. @param options the type of what `create` takes */
export function printDeclarations(specification: ModelSpecification, options: string): string {
  const imports = [...importedTypes(specification), `type ${options}`].map((name) => `  ${name},\n`);
  return `// ${printComment(specification.name)}: the types of what nnc generated from ${printComment(specification.source)}. Change the .nn file, not this one.
import {
${imports.join('')}} from 'nnc/runtime';

/** What goes in, what comes out and what is learned. */
export declare const specification: ModelSpecification;

${batchComment}export declare const batch: ${specification.batch};

${printModuleTypes(specification)}
/** Loads the model and gives its parameters their initial values. */
export declare function create(options?: ${options}): Promise<Model>;
`;
}

interface Member {
  readonly name: string;
  readonly type: string;
  readonly comment?: string;
}

/** An alias of an object type, not an interface: only the former fits the runtime's types, which have index signatures. */
function printType(name: string, comment: string, members: readonly Member[]): string {
  const lines = members.map(
    (member) =>
      `${member.comment === undefined ? '' : `  /** ${member.comment} */\n`}  readonly ${printKey(member.name)}: ${member.type};\n`,
  );
  const body = lines.length === 0 ? '{}' : `{\n${lines.join('')}}`;
  return `${docComment([comment])}export type ${name} = ${body};\n`;
}

/** `Shape [3, 4] an example; 24 numbers for a batch of 2.` */
function describeArray(port: Port, batch: number): string {
  const text = describePort(port);
  const count = batch * elementCount(port.shape);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}; ${count} numbers for a batch of ${batch}.`;
}

const batched = (shape: readonly number[]) => tensorType(['number', ...shape]);

const metricType = (shape: readonly number[]) => (shape.length === 0 ? 'number' : tensorType(shape));

function tensorType(axes: readonly (number | string)[]): string {
  return `Tensor<readonly [${axes.join(', ')}]>`;
}
