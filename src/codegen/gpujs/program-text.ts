// Prints the functions that call kernels: one for each phase of training, and one for each program.
import type { Phase } from '../../ir/graph/type.ts';
import type { ProgramName } from '../../runtime/specification.ts';
import { printKey } from '../names.ts';
import {
  groups,
  type Call,
  type Group,
  type PlannedPhase,
  type PlannedProgram,
  type Result,
  type Taken,
} from './plan-module.ts';
import { docComment, list } from './text.ts';

/** The names for a phase of a program: its function, the function's result, and the result's type. */
interface PhaseNames {
  readonly function: string;
  readonly values: string;
  readonly type: string;
}

const phaseNames: { readonly [name in 'step' | 'gradient']: { readonly [phase in Phase]: PhaseNames } } = {
  step: {
    forward: { function: 'trainingForward', values: 'activations', type: 'Activations' },
    backward: { function: 'backward', values: 'gradients', type: 'Gradients' },
    update: { function: 'update', values: 'updated', type: 'Updated' },
  },
  gradient: {
    forward: { function: 'gradientForward', values: 'activations', type: 'GradientActivations' },
    backward: { function: 'gradientBackward', values: 'gradients', type: 'GradientGradients' },
    update: { function: 'gradientUpdate', values: 'updated', type: 'GradientUpdated' },
  },
};

/** Identifiers used in these functions. */
export const programNames: readonly string[] = [
  'run',
  'stored',
  'inputs',
  ...Object.values(phaseNames).flatMap((phases) =>
    Object.values(phases).flatMap((names) => [names.function, names.values, names.type]),
  ),
];

const comments: { readonly [name in ProgramName]: string } = {
  step: 'One step of training on a batch. The loss and the metrics are those before the update.',
  evaluate: "The outputs, and each example's loss and metrics, without training behavior.",
  forward: 'The outputs for a batch, without training behavior.',
  metrics: 'The metrics that are computed from means over all examples.',
  gradient: "The gradient of the batch's mean loss; nothing is updated.",
  inverse: 'The inputs that give these outputs.',
};

const phaseComments: { readonly [phase in Phase]: string } = {
  forward: 'From the batch to the loss. It gives back too what the backward pass needs again.',
  backward: "From the loss back to every parameter: d_x is the loss' derivative by x.",
  update: 'From the gradients to the parameters and states of the next step.',
};

/** The function of one of several phases, and the name of its result type. */
export function printPhase(program: PlannedProgram, phase: PlannedPhase): string {
  const names = namesOf(program, phase);
  const earlier = earlierValues(program, phase);
  const parameters = [
    ...(phase.calls.length > 0 ? ['run: Run'] : []),
    ...takenParameters(phase.takes),
    ...earlier.map(
      ({ phase: other }) => `${namesOf(program, other).values}: ${namesOf(program, other).type}`,
    ),
  ];
  const patterns = [
    ...takenPatterns(phase.takes),
    ...earlier.map(({ phase: other, values }) =>
      list('const ', '{ ', values, ` = ${namesOf(program, other).values};`, '  '),
    ),
  ];
  const read = program.phases.some((other) =>
    earlierValues(program, other).some((each) => each.phase === phase),
  );
  return [
    docComment([phaseComments[phase.phase]]),
    `${list(`async function ${names.function}`, '(', parameters, ' {')}\n`,
    ...[...patterns, ...phase.calls.map(printCall), list('return ', '{ ', phase.gives, ';', '  ')].map(
      (line) => `${line}\n`,
    ),
    '}\n',
    read ? `\ntype ${names.type} = Awaited<ReturnType<typeof ${names.function}>>;\n` : '',
  ].join('');
}

/** A program's function. */
export function printProgram(program: PlannedProgram): string {
  const { name, phases, outputs, updates } = program;
  const split = phases.length > 1;
  const own = split ? program.takes : [...phases.flatMap((phase) => phase.takes), ...program.takes];
  const parameters = programParameters([...phases.flatMap((phase) => phase.takes), ...program.takes]);
  const run = phases.length > 0 || parameters.length > 0 ? ['run: Run'] : [];
  const body = split
    ? phases.map((phase) => printPhaseCall(program, phase))
    : phases.flatMap((phase) => phase.calls.map(printCall));
  const results = (
    [
      ['outputs', outputs],
      ['updates', updates],
    ] as const
  ).map(([key, values]) =>
    list(
      `${key}: `,
      '{ ',
      values.map((value) => printResult(program, value)),
      ',',
      '    ',
    ),
  );
  const result = name === 'forward' ? ': Promise<ProgramResult<DeviceOutputs>> {' : ' {';
  return [
    docComment([comments[name]]),
    `${list(`async function ${name}`, '(', [...run, ...parameters], result)}\n`,
    ...[...takenPatterns(own), ...body].map((line) => `${line}\n`),
    `  return {\n${results.map((line) => `${line}\n`).join('')}  };\n`,
    '}\n',
  ].join('');
}

function namesOf(program: PlannedProgram, { phase }: PlannedPhase): PhaseNames {
  return phaseNames[program.name === 'gradient' ? 'gradient' : 'step'][phase];
}

/** The values that a phase reads, by the earlier phase that computes them. */
function earlierValues(program: PlannedProgram, { uses }: PlannedPhase) {
  return program.phases.flatMap((phase) => {
    const values = uses.filter((value) => phase.gives.includes(value));
    return values.length > 0 ? [{ phase, values }] : [];
  });
}

function printPhaseCall(program: PlannedProgram, phase: PlannedPhase): string {
  const names = namesOf(program, phase);
  const reads = [
    ...(phase.calls.length > 0 ? ['run'] : []),
    ...(takesOf(phase.takes, inputGroups).length > 0 ? ['inputs'] : []),
    ...(takesOf(phase.takes, storedGroups).length > 0 ? ['stored'] : []),
    ...earlierValues(program, phase).map(({ phase: other }) => namesOf(program, other).values),
  ];
  return list(`const ${names.values} = await ${names.function}`, '(', reads, ';', '  ');
}

function printCall({ value, kernel, shape, reads }: Call): string {
  return list(`const ${value} = await run`, '(', [kernel, `[${shape.join(', ')}]`, ...reads], ';', '  ');
}

const storedGroups: readonly Group[] = ['Parameters', 'State'];
const inputGroups: readonly Group[] = ['DeviceInputs', 'DeviceTargets', 'Progress'];
const sources = [
  ['inputs', inputGroups],
  ['stored', storedGroups],
] as const;

function takesOf(takes: readonly Taken[], wanted: readonly Group[]): readonly Taken[] {
  const own = takes.filter(({ group }) => wanted.includes(group));
  return own.filter((taken, i) => own.findIndex(({ identifier }) => identifier === taken.identifier) === i);
}

function takenParameters(takes: readonly Taken[]): readonly string[] {
  return sources.flatMap(([name, wanted]) => {
    const own = takesOf(takes, wanted);
    return own.length > 0 ? [`${name}: ${typeOf(own)}`] : [];
  });
}

/** The runtime passes all arguments to a program, so that only trailing parameters can be omitted. */
function programParameters(takes: readonly Taken[]): readonly string[] {
  const [first, ...others] = takenParameters(takes);
  if (first === undefined) return [];
  return first.startsWith('stored') ? ['_inputs: object', first] : [first, ...others];
}

/** `const { image } = inputs;` */
function takenPatterns(takes: readonly Taken[]): readonly string[] {
  return sources.flatMap(([name, wanted]) => {
    const own = takesOf(takes, wanted);
    return own.length > 0 ? [list('const ', '{ ', own.map(printTaken), ` = ${name};`, '  ')] : [];
  });
}

function typeOf(takes: readonly Taken[]): string {
  return groups.filter((group) => takes.some((taken) => taken.group === group)).join(' & ');
}

function printTaken({ key, identifier }: Taken): string {
  return key === identifier ? key : `${printKey(key)}: ${identifier}`;
}

function printResult(program: PlannedProgram, { key, identifier }: Result): string {
  const phase =
    program.phases.length > 1 ? program.phases.find(({ gives }) => gives.includes(identifier)) : undefined;
  const value = phase ? `${namesOf(program, phase).values}.${identifier}` : identifier;
  return key === value ? key : `${printKey(key)}: ${value}`;
}
