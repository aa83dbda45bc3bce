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
import { pictureForm, type InputForm } from '../../train/data/prepare/preprocessing.ts';
import { preparationText, prepareText } from './preparation-text.ts';

export interface StandaloneRequest {
  /** Compiled for a batch of one example. */
  readonly specification: ModelSpecification;
  readonly program: CompiledProgram;
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Each input's form, in the model's order. */
  readonly forms: readonly InputForm[];
  readonly classes?: StandaloneClasses;
  /** The module's base name: `digits`. */
  readonly name: string;
  readonly version: string;
}

/** The output with an element per class. */
export interface StandaloneClasses {
  readonly output: string;
  readonly count: number;
  readonly names?: readonly string[];
  /** `scores` become probabilities by softmax; for `unknown` ones it depends on their values. */
  readonly kind: 'scores' | 'probabilities' | 'unknown';
}

export interface StandaloneModule {
  readonly module: string;
  readonly types: string;
}

/** @throws DiagnosticError if the program uses what exists only in training */
export function exportStandalone(request: StandaloneRequest): StandaloneModule {
  return { module: printModule(request), types: printTypes(request) };
}

/** Names used by the module itself. */
const own =
  `predict predictAll inputs classes modelName run outputs numbersOf describe normalize prepareArray prepareImage
  planesOf fit taps prepareRow decode memory softmax given example values Uint8Array Float64Array ArrayBuffer TypeError RangeError JSON
  atob out at element once`.split(/\s+/);

function printModule(request: StandaloneRequest): string {
  const { specification, classes, version } = request;
  const program = new ProgramText(request);
  const classNames = classes?.names ?? Array.from({ length: classes?.count ?? 0 }, (_, i) => String(i));
  const [first] = specification.inputs;
  const parts = [
    header(request),
    `/** How each input is given. */\nexport const inputs = ${printData(inputsOf(request))};`,
    `/** What the classes are called, by number; nothing where the model has none. */\nexport const classes = ${classes ? printData(classNames) : 'undefined'};`,
    `export const modelName = ${printData(specification.name)};`,
    preparationText(request.forms),
    program.functions(),
    program.memory(),
    program.run(),
    predictText(first?.name ?? '', request.forms, classes),
    decodeText,
    program.weights(),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`.replace('%VERSION%', version);
}

/** Prints the forward program: a function per kernel, their arrays, and the function that calls them. */
class ProgramText {
  private readonly names = new Names([...own, ...helperNames]);
  private readonly buffers: ReadonlyMap<BufferId, KernelBuffer>;
  private readonly printed: readonly { readonly text: string; readonly call: string }[];
  private readonly helpers = new Set<string>();
  /** Buffers that are neither aliases nor weights. */
  private readonly working: readonly KernelBuffer[];

  constructor(private readonly request: StandaloneRequest) {
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

function header({ specification, forms, name, classes }: StandaloneRequest): string {
  const examples = { image: 'pixels', table: '{ column: cell, … }', array: 'numbers' } as const;
  const given = examples[forms[0]?.kind ?? 'array'];
  const result = classes ? '.class, .name, .probabilities, .outputs' : '.outputs';
  return [
    `// ${printComment(specification.name)} (${printComment(specification.source)}) with its weights, to predict in Node and in a page. It imports nothing.`,
    '// Written by nnc %VERSION%.',
    '//',
    `//   import { predict } from ${printData(`./${name}.mjs`)};`,
    `//   predict(${given})  // ${result}`,
  ].join('\n');
}

function inputsOf({ specification, forms }: StandaloneRequest): readonly object[] {
  return specification.inputs.map((port, i) => {
    const form = forms[i] ?? { kind: 'array', name: port.name, shape: port.shape };
    const { name } = port;
    const normalization = form.normalization;
    switch (form.kind) {
      case 'image':
        return { kind: 'image', name, ...pictureForm(form.shape), resize: form.resize, normalization };
      case 'table':
        return { kind: 'table', name, columns: form.columns, normalization };
      case 'array': {
        const limit = port.kind === 'real' ? undefined : port.limit;
        return {
          kind: 'array',
          name,
          shape: form.shape,
          size: elementCount(form.shape),
          limit,
          normalization,
        };
      }
    }
  });
}

function printOutputs(results: readonly { readonly name: string; readonly buffer: string }[]): string {
  const entries = results.map(({ name, buffer }) => `${printKey(name)}: ${buffer}.slice()`);
  return `{ ${entries.join(', ')} }`;
}

function predictText(
  first: string,
  forms: readonly InputForm[],
  classes: StandaloneClasses | undefined,
): string {
  const kinds = ['array', ...new Set(forms.map(({ kind }) => kind))] as const;
  const table = [...new Set(kinds)].map((kind) => `${kind}: ${prepareText[kind]}`).join(', ');
  const prepare = `  const prepare = { ${table} };`;
  const single = `const isNamed = typeof example === 'object' && example !== null && Object.hasOwn(example, inputs[0].name);`;
  const classPart = classes
    ? `  const scores = outputs[${printData(classes.output)}];
  const probabilities = ${probabilitiesText(classes.kind)};
  const found = probabilities.reduce((best, value, i) => (value > probabilities[best] ? i : best), 0);
  return { class: found, name: classes[found], probabilities, outputs };`
    : '  return { outputs };';
  return `/**
 * What the model makes of one example. A model of one input takes it as it is, or by the input's name (${printComment(first)});
 * one of several takes an object with all of them.
 */
export function predict(example) {
${prepare}
  ${single}
  if (inputs.length > 1 && !isNamed) throw new TypeError(\`an object with \${inputs.map(({ name }) => name).join(', ')} is wanted\`);
  const values = inputs.map((input) => prepare[input.kind](input, isNamed ? example[input.name] : example));
  const outputs = run(values);
${classPart}
}

/** The same for a list of examples. */
export function predictAll(examples) {
  return Array.from(examples, predict);
}${classes && classes.kind !== 'probabilities' ? `\n\n${softmaxText}` : ''}`;
}

function probabilitiesText(kind: StandaloneClasses['kind']): string {
  if (kind === 'scores') return 'softmax(scores)';
  if (kind === 'probabilities') return 'scores';
  return 'scores.every((p) => p >= 0 && p <= 1) && Math.abs(scores.reduce((sum, p) => sum + p, 0) - 1) < 1e-3 ? scores : softmax(scores)';
}

const softmaxText = `function softmax(scores) {
  const largest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = Float64Array.from(scores, (score) => Math.exp(score - largest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return Float32Array.from(powers, (power) => power / total);
}`;

const decodeText = `/** Float32 numbers from base64. */
function decode(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}`;

function encode(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

function printTypes({ specification, forms, classes }: StandaloneRequest): string {
  const value = {
    image: 'Numbers | { readonly width: number; readonly height: number; readonly data: ArrayLike<number> }',
    table: '{ readonly [column: string]: string | number | null } | readonly (string | number | null)[]',
    array: 'number | Numbers',
  } as const;
  const types = specification.inputs.map(({ name }, i) => ({ name, type: value[forms[i]?.kind ?? 'array'] }));
  const named = `{ ${types.map(({ name, type }) => `readonly ${printKey(name)}: ${type}`).join('; ')} }`;
  const [only] = types;
  const example = types.length === 1 && only ? `${only.type} | ${named}` : named;
  const outputs = specification.outputs
    .map(({ name }) => `readonly ${printKey(name)}: Float32Array`)
    .join('; ');
  const classFields = classes
    ? `  /** The likeliest class, what it is called, and what each is held for. */
  readonly class: number;
  readonly name: string;
  readonly probabilities: Float32Array;
`
    : '';
  return `/** Numbers in row-major order, flat or nested; pixels go from 0 to 255. */
export type Numbers = ArrayLike<number> | readonly Numbers[];

export type Example = ${example};

export interface Prediction {
${classFields}  /** In row-major order. */
  readonly outputs: { ${outputs} };
}

/** What the model makes of one example. @throws TypeError or RangeError where it is none */
export function predict(example: Example): Prediction;

/** The same for a list of examples. */
export function predictAll(examples: Iterable<Example>): Prediction[];

/** What the classes are called, by number. */
export const classes: ${classes ? 'readonly string[]' : 'undefined'};

export const modelName: string;

/** How each input is given. */
export const inputs: readonly { readonly kind: 'array' | 'image' | 'table'; readonly name: string }[];
`;
}
