// Exports a trained model as one JavaScript module without imports: its forward program for one example, printed as plain functions, its
// weights in base64, and the preprocessing of its training data. Its type declarations are a second file. Users' names are printed only
// by src/codegen/names.ts.
import type { CompiledProgram } from '../../codegen/compiled.ts';
import { describeKernel } from '../../codegen/describe-kernel.ts';
import { helperNames } from '../../codegen/gpujs/helpers.ts';
import { docComment, list } from '../../codegen/gpujs/text.ts';
import { javaScriptHelper, printJavaScriptKernel } from '../../codegen/javascript/kernel.ts';
import { Names, printComment, printData, printKey } from '../../codegen/names.ts';
import { fail } from '../../diagnostics/diagnostic.ts';
import type { Buffer as KernelBuffer, BufferId, Kernel } from '../../ir/stages/type.ts';
import type { ModelSpecification } from '../../runtime/specification.ts';
import { elementCount, showShape } from '../../runtime/tensor.ts';
import type { Preparation } from '../../runtime/preparation/form.ts';
import { inputForms, type PreparedInput } from '../../runtime/preparation/prepare.ts';
import { presentationOf, type Presentation } from '../../runtime/preparation/present.ts';
import { namesIn, preparationText } from './runtime-text.ts';
import { exampleTypes, predictionTypes } from '../example-types.ts';

export interface StandaloneRequest {
  /** Compiled for a batch of one example. */
  readonly specification: ModelSpecification;
  readonly program: CompiledProgram;
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** How raw examples are prepared; without it, they are taken as the model takes them. */
  readonly preparation?: Preparation;
  /** The module's base name: `digits`. */
  readonly name: string;
  readonly version: string;
}

export interface StandaloneModule {
  readonly module: string;
  readonly types: string;
}

/** @throws DiagnosticError if the program uses what exists only in training */
export async function exportStandalone(request: StandaloneRequest): Promise<StandaloneModule> {
  const { specification, preparation } = request;
  const inputs = inputForms(specification.inputs, preparation);
  const presentation = namedClasses(presentationOf(specification, preparation?.targets));
  return {
    module: printModule(request, inputs, presentation, await preparationText()),
    types: printTypes(specification, inputs, presentation),
  };
}

/** Classes without names are called by their numbers. */
function namedClasses({ classes, ...others }: Presentation): Presentation {
  if (!classes) return others;
  const names = classes.names ?? Array.from({ length: classes.classes }, (_, i) => String(i));
  return { classes: { ...classes, names }, ...others };
}

/** Names used by the module itself. */
const own =
  'predict predictAll prepared presentation inputs classes modelName run outputs decode example'.split(' ');

/** Globals of JavaScript that the preparation uses. */
const globals = 'ArrayBuffer Date Uint8Array Float64Array Infinity JSON Object atob'.split(' ');

function printModule(
  request: StandaloneRequest,
  inputs: readonly PreparedInput[],
  presentation: Presentation,
  preparing: string,
): string {
  const { specification, version } = request;
  const { classes } = presentation;
  const program = new ProgramText(request, namesIn(preparing));
  const parts = [
    header(request, inputs, presentation),
    `/** Each input of the model, and how its raw examples are prepared. */\nconst prepared = ${printData(inputs)};`,
    `/** What the outputs mean. */\nconst presentation = ${printData(presentation)};`,
    `/** How each input is given. */\nexport const inputs = prepared.map(({ form }) => form);`,
    `/** What the classes are called, by number; nothing where the model has none. */\nexport const classes = ${classes ? 'presentation.classes.names' : 'undefined'};`,
    `export const modelName = ${printData(specification.name)};`,
    predictText(specification),
    program.functions(),
    program.memory(),
    program.run(),
    preparing,
    decodeText,
    program.weights(),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`.replace('%VERSION%', version);
}

/** Prints the forward program: a function per kernel, their arrays, and the function that calls them. */
class ProgramText {
  private readonly names: Names;
  private readonly buffers: ReadonlyMap<BufferId, KernelBuffer>;
  private readonly printed: readonly { readonly text: string; readonly call: string }[];
  private readonly helpers = new Set<string>();
  /** Buffers that are neither aliases nor weights. */
  private readonly working: readonly KernelBuffer[];

  /** @param taken names that the module uses besides */
  constructor(
    private readonly request: StandaloneRequest,
    taken: readonly string[],
  ) {
    this.names = new Names([...own, ...globals, ...taken, ...helperNames]);
    const { kernels } = request.program;
    this.buffers = new Map(kernels.buffers.map((buffer) => [buffer.id, buffer]));
    this.printed = kernels.kernels.map((kernel) => this.printKernel(kernel));
    this.working = kernels.buffers.filter(({ alias, role }) => alias === undefined && role.kind !== 'stored');
    for (const { name, role } of this.working) {
      if (role.kind === 'input' && role.input !== 'input')
        fail('export.unsupported', undefined, {
          format: 'a module of its own',
          node: name,
          reason: 'only training has it',
        });
    }
  }

  functions(): string {
    return [...this.helpers, ...this.printed.map(({ text }) => text)].join('\n\n');
  }

  memory(): string {
    const arrays = this.working.map(
      ({ id, shape }) => `const ${this.identifier(id)} = new Float32Array(${elementCount(shape)});`,
    );
    return `/** Every value of the computation has its place. */\n${arrays.join('\n')}`;
  }

  run(): string {
    const { program, specification } = this.request;
    const results = specification.outputs.map(({ name }) => {
      const found = program.kernels.outputs.find((output) => output.name === `output.${name}`);
      if (!found) throw new Error(`the program gives no output ${name}`);
      return { name, buffer: this.identifier(this.rootOf(found.buffer)) };
    });
    const sets = specification.inputs.map(({ name }, i) => {
      const found = this.working.find(({ role, name: own }) => role.kind === 'input' && own === name);
      return found ? `  ${this.identifier(found.id)}.set(values[${i}]);\n` : '';
    });
    return `/** One example, prepared: a Float32Array for each input. */
function run(values) {
${sets.join('')}${this.printed.map(({ call }) => call).join('\n')}
  return ${printOutputs(results)};
}`;
  }

  weights(): string {
    const texts = this.request.program.kernels.buffers.flatMap(({ id, alias, role, shape }) => {
      if (alias !== undefined || role.kind !== 'stored') return [];
      const values = this.request.weights.get(role.path);
      if (!values) throw new Error(`there are no values for ${role.path}`);
      const comment = `/** ${printComment(role.path)} ${showShape(shape)} */`;
      return [`${comment}\nconst ${this.identifier(id)} = decode(\n  '${encode(values)}',\n);`];
    });
    return texts.join('\n\n');
  }

  private printKernel(kernel: Kernel): { readonly text: string; readonly call: string } {
    const { kernels } = this.request.program;
    const printed = printJavaScriptKernel(kernel, kernels, this.names);
    const called = this.names.fresh(`compute_${this.buffers.get(kernel.output)?.name ?? kernel.name}`);
    for (const helper of printed.helpers) this.helpers.add(javaScriptHelper(helper));
    const comment = docComment(describeKernel(kernel, printed.reads, kernels), '  ');
    const head = list(`function ${called}`, '(', printed.parameters, ' {');
    const parameters = [kernel.output, ...printed.reads].map((id) => this.identifier(this.rootOf(id)));
    return {
      text: `${comment}${head}\n${printed.body}}`,
      call: list(called, '(', parameters, ';', '  '),
    };
  }

  private identifier(id: BufferId): string {
    return this.names.of(this.buffers.get(id)?.name ?? '');
  }

  private rootOf(id: BufferId): BufferId {
    return this.buffers.get(id)?.alias ?? id;
  }
}

function header(
  { specification, name }: StandaloneRequest,
  inputs: readonly PreparedInput[],
  { classes, numbers }: Presentation,
): string {
  const examples = {
    image: 'pixels',
    table: '{ column: cell, … }',
    array: 'numbers',
    series: '[row, row, …]',
  } as const;
  const given = examples[inputs[0]?.form.kind ?? 'array'];
  const result = [
    ...(classes ? ['.class', '.name', '.probabilities'] : []),
    ...(numbers.length > 0 ? ['.values'] : []),
    '.outputs',
  ].join(', ');
  return [
    `// ${printComment(specification.name)} (${printComment(specification.source)}) with its weights, to predict in Node and in a page. It imports nothing.`,
    '// Written by nnc %VERSION%.',
    '//',
    `//   import { predict } from ${printData(`./${name}.mjs`)};`,
    `//   predict(${given})  // ${result}`,
  ].join('\n');
}

function printOutputs(results: readonly { readonly name: string; readonly buffer: string }[]): string {
  const entries = results.map(({ name, buffer }) => `${printKey(name)}: ${buffer}.slice()`);
  return `{ ${entries.join(', ')} }`;
}

function predictText({ inputs, outputs }: ModelSpecification): string {
  const shapes = outputs
    .map(({ name, shape }) => `${printKey(name)}: ${printData([1, ...shape])}`)
    .join(', ');
  return `/**
 * What the model makes of one example. A model of one input takes it as it is, or by the input's name (${printComment(inputs[0]?.name ?? '')});
 * one of several takes an object with all of them.
 */
export function predict(example) {
  return predictAll([example])[0];
}

/** The same for a list of examples. */
export function predictAll(examples) {
  const shapes = { ${shapes} };
  return Array.from(examples, (example) => {
    const values = prepareExample(prepared, example);
    const outputs = run(prepared.map(({ port }) => values[port.name]));
    const tensors = Object.entries(outputs).map(([name, data]) => [name, { shape: shapes[name], data }]);
    return present(presentation, namedRecord(tensors))[0];
  });
}`;
}

const decodeText = `/** Float32 numbers from base64. */
function decode(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}`;

function encode(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

function printTypes(
  specification: ModelSpecification,
  inputs: readonly PreparedInput[],
  presentation: Presentation,
): string {
  return `${exampleTypes(inputs)}

${predictionTypes(specification, presentation)}

/** What the model makes of one example. @throws ExampleError (an Error of that name) where it does not fit the model */
export function predict(example: Example): Prediction;

/** The same for a list of examples. */
export function predictAll(examples: Iterable<Example>): Prediction[];

/** What the classes are called, by number. */
export const classes: ${presentation.classes ? 'readonly ClassName[]' : 'undefined'};

export const modelName: string;

/** How each input is given. */
export const inputs: readonly { readonly kind: 'array' | 'image' | 'table' | 'series'; readonly name: string }[];
`;
}
