// A module that opens a compiled module with its trained weights and the preparation of its training data. Its declarations know the
// columns, vocabularies and classes by name.
import { printComment, printData, printString } from '../codegen/names.ts';
import type { Preparation } from '../runtime/preparation/form.ts';
import { inputForms } from '../runtime/preparation/prepare.ts';
import { presentationOf } from '../runtime/preparation/present.ts';
import type { ModelSpecification } from '../runtime/specification.ts';
import { exampleTypes, predictionTypes } from './example-types.ts';

export interface TrainedModule {
  readonly specification: ModelSpecification;
  readonly preparation?: Preparation;
  /** File names, beside this one: the compiled module, and the checkpoint. */
  readonly compiled: string;
  readonly state: string;
  /** The base name of this module. */
  readonly own: string;
  readonly version: string;
}

export function printTrainedModule(request: TrainedModule): {
  readonly module: string;
  readonly types: string;
} {
  return { module: printModule(request), types: printTypes(request) };
}

const beside = (file: string) => printString(`./${encodeURIComponent(file)}`);

function printModule({ specification, preparation, compiled, state, own, version }: TrainedModule): string {
  const { classes } = presentationOf(specification, preparation?.targets);
  const names = classes?.names ? printData(classes.names) : 'undefined';
  return `// ${printComment(specification.name)} (${printComment(specification.source)}), trained: the compiled module with its weights, and the preparation of raw examples.
// Written by nnc ${version}.
//
//   import { create } from ${printData(`./${own}.mjs`)};
//   const model = await create();
//   await model.predict(example);
import { create as createUntrained } from ${beside(compiled)};
import { readBytes } from 'nnc/runtime';

export { batch, specification } from ${beside(compiled)};

/** What the classes are called, by number; nothing where the data has no names for them. */
export const classes = ${names};

/** The model with its trained weights. */
export async function create(options = {}) {
  const model = await createUntrained(options);
  try {
    await model.load(await readBytes(new URL(${beside(state)}, import.meta.url)));
    return model;
  } catch (error) {
    await model.destroy();
    throw error;
  }
}
`;
}

function printTypes({ specification, preparation, compiled }: TrainedModule): string {
  const inputs = inputForms(specification.inputs, preparation);
  const presentation = presentationOf(specification, preparation?.targets);
  const named = presentation.classes?.names !== undefined;
  return `import type { Model as ModelOf } from 'nnc/runtime';
import type { create as createUntrained, Inputs, Metrics, Outputs, Targets } from ${beside(compiled)};

export { batch, specification, type Inputs, type Metrics, type Outputs, type Targets } from ${beside(compiled)};

${exampleTypes(inputs)}

${predictionTypes(specification, presentation)}

/** The compiled model, whose raw examples and predictions are those of the training data. */
export type Model = ModelOf<{
  inputs: Inputs;
  targets: Targets;
  outputs: Outputs;
  metrics: Metrics;
  example: Example;
  prediction: Prediction;
}>;

/** What the classes are called, by number. */
export declare const classes: ${named ? 'readonly ClassName[]' : 'undefined'};

/** The model with its trained weights. */
export declare function create(options?: Parameters<typeof createUntrained>[0]): Promise<Model>;
`;
}
