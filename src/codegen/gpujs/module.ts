// Prints compiled programs as one readable TypeScript module: each program's kernels under a heading, then the functions that call them
// in order. Deterministic.
import { IndentationText, Project, QuoteKind, StructureKind } from 'ts-morph';
import type { ImportDeclarationStructure, InterfaceDeclarationStructure } from 'ts-morph';
import type { ModelSpecification, ProgramName } from '../../runtime/specification.ts';
import type { CompiledPrograms } from '../compiled.ts';
import {
  batchComment,
  importedNames,
  importedTypes,
  moduleTypeNames,
  printModuleTypes,
} from '../module-types.ts';
import { printComment, printData, printKey } from '../names.ts';
import { helperText } from './helpers.ts';
import {
  groups,
  planModule,
  type Group,
  type GroupMember,
  type ModulePlan,
  type PlannedKernel,
  type PlannedProgram,
} from './plan-module.ts';
import { printPhase, printProgram, programNames } from './program-text.ts';
import { docComment, list, width, wrap } from './text.ts';

const runtimeValues = ['createModel', 'linkGpu'] as const;
const runtimeTypes = ['DeviceArray', 'GpuModelOptions', 'KernelThis', 'ProgramResult', 'Run'] as const;

export function printGpujsModule(compiled: CompiledPrograms): string {
  const { specification } = compiled;
  const taken = [
    'specification',
    'create',
    'DeviceOutputs',
    ...moduleTypeNames,
    ...importedNames,
    ...groups,
    ...runtimeValues,
    ...runtimeTypes,
    ...programNames,
  ];
  const plan = planModule(compiled, taken);
  const functions = [
    ...(plan.helpers.length > 0 ? [heading('What kernels call')] : []),
    ...plan.helpers.map((name) => `${helperText(name)}\n`),
    ...plan.programs.flatMap(printSections),
    printCreate(plan),
  ];
  const project = new Project({
    useInMemoryFileSystem: true,
    manipulationSettings: { indentationText: IndentationText.TwoSpaces, quoteKind: QuoteKind.Single },
  });
  const file = project.createSourceFile('model.ts', {
    statements: [
      `${header(specification)}\n`,
      importStatement(plan, specification),
      specificationStatement(specification),
      `\n${printModuleTypes(specification)}`,
      ...groups.flatMap((group) => groupInterface(group, plan.groups.get(group) ?? [], specification)),
      ...outputsInterface(plan),
      functions.join('\n').trimEnd(),
    ],
  });
  const { parseDiagnostics = [] } = file.compilerNode as { readonly parseDiagnostics?: readonly unknown[] };
  if (parseDiagnostics.length > 0) throw new Error('the printed module is not TypeScript');
  return `${file.getFullText().trimEnd()}\n`;
}

function header({ name, source }: ModelSpecification): string {
  const paragraphs = [
    `${printComment(name)}: the code that nnc generated from ${printComment(source)}, for gpu.js. Change the .nn file, not this one.`,
    '',
    'How to read it. A kernel, `compute_x`, is a function that gives one element of the array x. gpu.js translates it for the GPU and runs it for all elements at once; `this.thread.x` is the position of the element in the flat, row-major array. Above each kernel stands its formula, and the line of the .nn file that it comes from.',
    'Below the kernels stand the functions that call them in order, `await run(kernel, shape of the result, what it reads)`. Everything that they pass to one another stays on the device. `step` is one step of training: forward, backward, update.',
  ];
  return paragraphs
    .flatMap((paragraph) => wrap(paragraph, width - 3))
    .map((line) => `// ${line.trim()}`.trimEnd())
    .join('\n');
}

function importStatement(
  { programs, groups: members }: ModulePlan,
  specification: ModelSpecification,
): ImportDeclarationStructure {
  const phases = programs.flatMap((program) => program.phases);
  const unused = new Set<string>([
    ...(members.size === 0 && !programs.some(({ name }) => name === 'forward') ? ['DeviceArray'] : []),
    ...(phases.some((phase) => phase.kernels.length > 0) ? [] : ['KernelThis']),
    ...(programs.some(({ name }) => name === 'forward') ? [] : ['ProgramResult']),
    ...(phases.length > 0 ? [] : ['Run']),
  ]);
  return {
    kind: StructureKind.ImportDeclaration,
    moduleSpecifier: 'nnc/runtime',
    namedImports: (writer) => {
      const own = runtimeTypes.filter((name) => !unused.has(name)).map((name) => `type ${name}`);
      const types = [...own, ...importedTypes(specification)].sort();
      for (const name of [...runtimeValues, ...types]) writer.newLineIfLastNot().write(`${name},`);
      writer.newLine();
    },
  };
}

/** As text: ts-morph would indent the lines of the literal. */
function specificationStatement(specification: ModelSpecification): string {
  const comment = docComment(['What goes in, what comes out and what is learned.']);
  const batch = `${batchComment}export const batch = ${specification.batch};\n`;
  return `\n${comment}export const specification: ModelSpecification = ${printData(specification)};\n\n${batch}`;
}

const groupComments: { readonly [group in Group]: string } = {
  DeviceInputs: 'What the model is given, on the device.',
  DeviceTargets: 'What it is to learn, on the device.',
  Progress: 'How far training is.',
  Parameters: 'What is learned: updated by every step.',
  State: "What else lives from step to step: buffers, constants, the optimizer's state.",
};

function groupInterface(
  group: Group,
  members: readonly GroupMember[],
  { inputs, targets }: ModelSpecification,
): readonly InterfaceDeclarationStructure[] {
  if (members.length === 0) return [];
  const limits = new Map([...inputs, ...targets].map(({ name, limit }) => [name, limit]));
  const describe = ({ key, shape }: GroupMember) => {
    const known = progressComments.get(group === 'Progress' ? key : '');
    const limit = group === 'DeviceInputs' || group === 'DeviceTargets' ? limits.get(key) : undefined;
    const whole = limit === undefined ? '' : `, whole numbers below ${limit}`;
    return known ?? `[${shape.join(', ')}]${whole}`;
  };
  return [
    interfaceOf(
      group,
      groupComments[group],
      members.map((member) => [member.key, describe(member)]),
    ),
  ];
}

const progressComments: ReadonlyMap<string, string> = new Map([
  ['step', '[1], the number of the step, from 1'],
  ['steps', '[1], how many steps the schedule spans'],
  ['update_batches', '[1], how many batches the update is the mean of'],
  ['random_key', '[6], words that the seed and the step give'],
]);

/** The outputs of the forward program. */
function outputsInterface({ programs }: ModulePlan): readonly InterfaceDeclarationStructure[] {
  const forward = programs.find(({ name }) => name === 'forward');
  if (!forward) return [];
  const members = forward.outputs.map(({ key, shape }) => [key, `[${shape.join(', ')}]`] as const);
  return [interfaceOf('DeviceOutputs', 'What the model gives, on the device.', members)];
}

function interfaceOf(
  name: string,
  comment: string,
  members: readonly (readonly [key: string, comment: string])[],
): InterfaceDeclarationStructure {
  return {
    kind: StructureKind.Interface,
    isExported: true,
    name,
    docs: [comment],
    properties: members.map(([key, text]) => ({
      name: printKey(key),
      type: 'DeviceArray',
      isReadonly: true,
      docs: [text],
    })),
  };
}

function printSections(program: PlannedProgram): readonly string[] {
  const { name, phases } = program;
  if (phases.length <= 1) {
    const kernels = phases.flatMap((phase) => phase.kernels.map(printKernelFunction));
    return [heading(programHeadings[name]), ...kernels, printProgram(program)];
  }
  const sections = phases.flatMap((phase) => [
    heading(`${programHeadings[name]}: ${phase.phase}`),
    ...phase.kernels.map(printKernelFunction),
    printPhase(program, phase),
  ]);
  return [...sections, heading(programHeadings[name]), printProgram(program)];
}

const programHeadings: { readonly [name in ProgramName]: string } = {
  step: 'Training',
  evaluate: 'Evaluation',
  forward: 'Inference',
  metrics: 'Metrics',
  gradient: 'Gradients',
  inverse: 'From outputs back to inputs',
};

function printKernelFunction({ name, parameters, body, comment }: PlannedKernel): string {
  const head = list(`function ${name}`, '(', parameters, ': number {');
  return `${docComment(comment, '  ')}${head}\n${body}}\n`;
}

function printCreate({ helpers, programs }: ModulePlan): string {
  const names = programs.map(({ name }) => name);
  return [
    `${heading('The model')}\n`,
    docComment(['Links the model to a device and gives its parameters their initial values.']),
    'export function create(options: GpuModelOptions = {}): Promise<Model> {\n',
    '  const code = {\n',
    `${list('helpers: ', '[', helpers, ',', '    ')}\n`,
    `${list('programs: ', '{ ', names, ',', '    ')}\n`,
    '  };\n',
    '  return createModel(specification, (given) => linkGpu(specification, code, given), options);\n',
    '}\n',
  ].join('');
}

function heading(text: string): string {
  return `// ${`-- ${text} `.padEnd(width - 3, '-')}\n`;
}
