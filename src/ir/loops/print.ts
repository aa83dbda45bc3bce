// The loop form as text: `nnc compile --emit after:loops`. Pointers count in elements here: `x[4 ..]` is the vector that starts 4
// elements after x, `x[4]` one element broadcast to all lanes.
//   thread item in first ..< last
//     sum := 0.0
//     vector k in 0 ..< 64 step 16
//       sum <- sum + x_at[k ..] · W[16 ..]
import type { KernelProgram } from '../stages/type.ts';
import { buffersOf } from '../stages/walk.ts';
import {
  elementSize,
  type IntegerOperator,
  type LaneOperator,
  type LoopMachine,
  type LoopProgram,
  type Place,
  type Routine,
  type Statement,
  type Step,
  type Value,
} from './type.ts';

/** Routines with their programs, before or after placement in memory. */
export interface LoopNests {
  readonly machine: Pick<LoopMachine, 'name' | 'lanes'>;
  readonly routines: readonly Routine[];
  readonly programs: readonly {
    readonly program: KernelProgram;
    readonly steps: readonly (Omit<Step, 'barrier'> & Partial<Step>)[];
  }[];
}

export function printLoops(nests: LoopNests): string {
  const { machine, routines, programs } = nests;
  const names = routineNames(nests);
  const users = firstUsers(programs);
  const lines = [
    `${machine.name}, ${machine.lanes} lanes`,
    '',
    ...routines.flatMap((routine, i) => [
      ...printRoutine(routine, names[i] ?? 'routine', labelsOf(users.get(i))),
      '',
    ]),
    ...programs.flatMap((program) => [...printProgram(program, names), '']),
  ];
  return lines.join('\n');
}

/** A routine is named after the first kernel that it runs; a number is appended where names clash. */
export function routineNames({ routines, programs }: LoopNests): readonly string[] {
  const taken = new Map<string, number>();
  const users = firstUsers(programs);
  return routines.map((_, i) => {
    const wish = users.get(i)?.step.kernels[0]?.name ?? 'routine';
    const count = (taken.get(wish) ?? 0) + 1;
    taken.set(wish, count);
    return count === 1 ? wish : `${wish}_${count}`;
  });
}

/** The readable name of a buffer of a step. */
export function nameOfBuffer({ program }: Pick<LoopProgram, 'program'>, id: number): string {
  return buffersOf(program).get(id)?.name ?? 'partial';
}

interface User {
  readonly program: LoopNests['programs'][number];
  readonly step: LoopNests['programs'][number]['steps'][number];
}

/** The first step that calls each routine. */
function firstUsers(programs: LoopNests['programs']): ReadonlyMap<number, User> {
  const users = new Map<number, User>();
  for (const program of programs) {
    for (const step of program.steps) {
      if (!users.has(step.routine)) users.set(step.routine, { program, step });
    }
  }
  return users;
}

/** The buffers' names in the step. */
function labelsOf(user: User | undefined): readonly string[] {
  return user?.step.buffers.map((id) => nameOfBuffer(user.program, id)) ?? [];
}

/** `labels`: names of the buffers that the parameters point to. */
export function printRoutine(routine: Routine, name: string, labels: readonly string[]): readonly string[] {
  const parameters = Array.from({ length: routine.parameters }, (_, i) => labels[i] ?? `$${i}`);
  const scratch = routine.scratch > 0 ? `, ${routine.scratch} bytes of scratch` : '';
  const printer = new Printer(parameters);
  return [`routine ${name}(${parameters.join(', ')})${scratch}`, ...printer.block(routine.body, '  ')];
}

function printProgram(program: LoopNests['programs'][number], names: readonly string[]): readonly string[] {
  const steps = program.steps.flatMap((step) => {
    const items = step.items === 1 ? 'one item' : `${step.items} items`;
    const buffers = step.buffers.map((id) => nameOfBuffer(program, id));
    return [
      ...(step.barrier === true ? ['  barrier'] : []),
      `  ${names[step.routine] ?? 'routine'}(${buffers.join(', ')}) for ${items}`,
    ];
  });
  return [`program ${program.program.name}`, ...steps];
}

const operators: { readonly [operator in IntegerOperator]: string } = {
  add: '+',
  subtract: '-',
  multiply: '·',
  quotient: 'div',
  remainder: 'mod',
  minimum: 'min',
  less: '<',
  equal: '=',
  unequal: '≠',
  unsigned_less: '<ᵤ',
  both: 'and',
};

const laneOperators: { readonly [operator in LaneOperator]: string } = {
  add: '+',
  subtract: '-',
  and: '&',
  or: '|',
  shift_left: '<<',
  shift_right: '>>',
};

const comparisons = { less: '<', less_equal: '≤', equal: '=', unequal: '≠' } as const;

const infix: ReadonlyMap<string, string> = new Map([
  ['add', '+'],
  ['subtract', '-'],
  ['multiply', '·'],
  ['divide', '/'],
]);

class Printer {
  constructor(private readonly labels: readonly string[]) {}

  block(statements: readonly Statement[], indent: string): string[] {
    return statements.flatMap((statement) => this.statement(statement, indent));
  }

  private statement(statement: Statement, indent: string): string[] {
    const line = (text: string) => [indent + text];
    const count = (value: Value | undefined) => (value ? `, first ${this.value(value)}` : '');
    switch (statement.kind) {
      case 'comment':
        return line(`# ${statement.text}`);
      case 'let':
        return line(
          `${this.name(statement.name)} ${statement.mutable ? ':=' : '='} ${this.value(statement.value)}`,
        );
      case 'assign':
        return line(`${this.name(statement.name)} <- ${this.value(statement.value)}`);
      case 'for': {
        const step = statement.step === 1 ? '' : ` step ${statement.step}`;
        const range = `${this.value(statement.from)} ..< ${this.value(statement.to)}${step}`;
        const head = `${statement.axis} ${this.name(statement.name)} in ${range}`;
        return [indent + head, ...this.block(statement.body, `${indent}  `)];
      }
      case 'if':
        return [
          `${indent}if ${this.value(statement.condition)}`,
          ...this.block(statement.body, `${indent}  `),
        ];
      case 'store':
        return line(
          `${this.at(statement.place, true)} <- ${this.value(statement.value)}${count(statement.count)}`,
        );
      case 'scatter':
        return line(
          `${this.each(statement.places)} <- ${this.value(statement.value)}${count(statement.count)}`,
        );
      case 'pairs':
        return line(
          `${this.each(statement.places)} <- pairs(${this.list([statement.left, statement.right])})`,
        );
      case 'transpose':
        return line(`${this.each(statement.places)} <- transpose(${this.list(statement.rows)})`);
      case 'tile': {
        const { rows, vectors, stride, step } = statement;
        const size = `${rows}×${vectors} of ${stride} by ${step}`;
        const [a, b, c, depth, from] = [
          ...[statement.a, statement.b, statement.c, statement.depth, statement.accumulate],
        ].map((value) => this.value(value));
        return line(`tile ${size}: ${c} <- Σ ${depth} ${a} · ${b}, accumulate ${from}`);
      }
      default:
        return statement satisfies never;
    }
  }

  private name(raw: string): string {
    return raw.replace(/\$(\d+)/g, (_, index: string) => this.labels[Number(index)] ?? `$${index}`);
  }

  private list(values: readonly Value[]): string {
    return values.map((value) => this.value(value)).join(', ');
  }

  /** One element, or the vector that starts with it. */
  private at({ pointer, offset }: Place, vector: boolean): string {
    return `${this.value(pointer)}[${offset / elementSize}${vector ? ' ..' : ''}]`;
  }

  private each(places: readonly Place[]): string {
    return `{${places.map((place) => this.at(place, false)).join(', ')}}`;
  }

  value(value: Value): string {
    switch (value.kind) {
      case 'variable':
        return this.name(value.name);
      case 'integer':
        return String(value.value);
      case 'number':
        return Number.isInteger(value.value) ? value.value.toFixed(1) : String(value.value);
      case 'arithmetic':
        return `(${this.value(value.left)} ${operators[value.operator]} ${this.value(value.right)})`;
      case 'to_integer':
        return `to_integer(${this.value(value.vector)} lane ${value.lane})`;
      case 'advance':
        return `(${this.value(value.pointer)} + ${this.value(value.elements)})`;
      case 'load': {
        const read = this.at(value.place, !value.splat);
        return value.count ? `(${read}, first ${this.value(value.count)})` : read;
      }
      case 'gather':
        return this.each(value.places);
      case 'shuffle':
        return `shuffle(${this.list([value.left, value.right])}: ${value.lanes.join(' ')})`;
      case 'apply':
        return this.apply(value);
      case 'select':
        return `(${this.value(value.mask)} ? ${this.value(value.yes)} : ${this.value(value.no)})`;
      case 'mask_to_float':
        return `mask_to_float(${this.value(value.mask)})`;
      case 'convert':
        return `float(${this.value(value.integers)})`;
      case 'from_bits':
        return `float of bits(${this.value(value.integers)})`;
      case 'with_sign':
        return `with sign(${this.list([value.size, value.sign])})`;
      case 'reduce_lanes':
        return `${value.reducer} of lanes(${this.value(value.vector)})`;
      case 'random':
        return `random(${this.list([value.index, ...value.words])})`;
      case 'compare':
        return `(${this.value(value.left)} ${comparisons[value.function]} ${this.value(value.right)})`;
      case 'inside':
        return `(0 ≤ ${this.value(value.integers)} < ${value.limit})`;
      case 'zero':
        return `(${this.value(value.integers)} = 0)`;
      case 'lanes':
        return `mask(${value.set.map(Number).join(' ')})`;
      case 'splat_mask':
        return `splat(${this.value(value.condition)})`;
      case 'both':
        return `(${this.value(value.left)} and ${this.value(value.right)})`;
      case 'splat':
        return `splat(${this.value(value.integer)})`;
      case 'sequence':
        return `lanes(${value.values.join(' ')})`;
      case 'pack':
        return `lanes(${this.list(value.values)})`;
      case 'lanewise':
        return `(${this.value(value.left)} ${laneOperators[value.operator]} ${this.value(value.right)})`;
      case 'bits':
        return `bits(${this.value(value.vector)})`;
      default:
        return value satisfies never;
    }
  }

  private apply({ function: called, operands }: Value & { kind: 'apply' }): string {
    const sign = infix.get(called);
    const printed = operands.map((operand) => this.value(operand));
    return sign ? `(${printed.join(` ${sign} `)})` : `${called}(${printed.join(', ')})`;
  }
}
