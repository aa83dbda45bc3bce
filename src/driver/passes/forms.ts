// What every form provides: a verifier, run after the pass that made it, a printer for people, and its size. A pass of src/compile.ts
// names its form. An error in the user's text is a diagnostic; a failed verification is a bug of the compiler.
import { verifyGraph } from '../../graph/verify.ts';
import { printGraph } from '../../ir/graph/print.ts';
import { printLoops } from '../../ir/loops/print.ts';
import { verifyPlacement, verifyRoutines } from '../../ir/loops/verify.ts';
import { printKernels } from '../../ir/stages/print.ts';
import { verifyKernels } from '../../ir/stages/verify.ts';
import type { Module } from '../../names/module.ts';
import { printAst } from '../../parser/print-ast.ts';
import type { Loops } from '../../schedule/schedule.ts';
import { need, wantedPrograms, type CompilerState, type ProgramState, type VariantState } from './state.ts';

export interface Form {
  /** One word. */
  readonly name: string;
  /** @throws Error that describes what is wrong with the form */
  verify(state: CompilerState): void;
  print(state: CompilerState): string | Promise<string>;
  /** Its size: `214 nodes`. */
  size(state: CompilerState): string;
}

const nothing = (): void => undefined;

export const tree: Form = {
  name: 'tree',
  verify: nothing,
  print: ({ tree: found }) => printAst(need(found, 'the syntax tree')),
  size: ({ tree: found }) => counted(countNodes(found), 'node'),
};

export const names: Form = {
  name: 'module',
  verify: nothing,
  print: ({ module }) => printModule(need(module, 'the module')),
  size: ({ module }) => counted(module ? definedNames(module).length : 0, 'name'),
};

export const graphs: Form = {
  name: 'graph',
  verify: (state) => soundPrograms(state).forEach(({ graph }) => verifyGraph(graph)),
  print: (state) => eachProgram(state, ({ graph }) => printGraph(graph)),
  size: (state) =>
    counted(
      sum(wantedPrograms(state), ({ graph }) => graph.nodes.length),
      'node',
    ),
};

export const kernels: Form = {
  name: 'kernels',
  verify: (state) => wantedPrograms(state).forEach((program) => verifyKernels(kernelsOf(program))),
  print: (state) => eachProgram(state, (program) => printKernels(kernelsOf(program))),
  size: (state) =>
    counted(
      sum(wantedPrograms(state), (program) => kernelsOf(program).kernels.length),
      'kernel',
    ),
};

export const plans: Form = {
  name: 'plan',
  verify: nothing,
  print: async (state) => {
    const { printSchedulePlan } = await import('../../schedule/print-program.ts');
    return eachVariant(state, ({ plan }) => plan && printSchedulePlan(plan));
  },
  size: ({ variants }) =>
    counted(
      sum(variants, ({ plan }) => sum(plan?.programs ?? [], ({ groups }) => groups.length)),
      'group',
    ),
};

export const loops: Form = {
  name: 'loops',
  verify: ({ variants }) => {
    for (const { loops: found } of variants) if (found) verifyRoutines(loopNests(found));
  },
  print: (state) => eachVariant(state, ({ loops: found }) => found && printLoops(loopNests(found))),
  size: ({ variants }) =>
    counted(
      sum(variants, ({ loops: found }) => sum(found?.routines ?? [], ({ body }) => countStatements(body))),
      'statement',
    ),
};

export const memory: Form = {
  name: 'memory',
  verify: ({ variants }) => {
    for (const { schedule } of variants) if (schedule) verifyPlacement(schedule);
  },
  print: async (state) => {
    const { printMemory } = await import('../../schedule/print-program.ts');
    return eachVariant(state, ({ schedule }) => schedule && printMemory(schedule));
  },
  size: ({ variants }) =>
    counted(
      sum(variants, ({ schedule }) => schedule?.bytes ?? 0),
      'byte',
    ),
};

export const texts: Form = {
  name: 'text',
  verify: nothing,
  print: ({ variants }) => need(variants[0]?.text, 'the text'),
  size: ({ variants }) =>
    counted(
      sum(variants, ({ text = '' }) => Buffer.byteLength(text)),
      'byte',
    ),
};

export const files: Form = {
  name: 'files',
  verify: nothing,
  print: ({ products }) =>
    [...need(products, 'the products')]
      .map(([name, content]) => `${name}: ${counted(Buffer.byteLength(content), 'byte')}`)
      .join('\n'),
  size: ({ products }) =>
    counted(
      sum([...(products?.values() ?? [])], (content) => Buffer.byteLength(content)),
      'byte',
    ),
};

const kernelsOf = (program: ProgramState) => need(program.kernels, 'the kernel form');

/** Programs without errors: the graph of one with errors may be incomplete. */
function soundPrograms(state: CompilerState): ProgramState[] {
  return wantedPrograms(state).filter(
    ({ diagnostics, obstacles = [] }) => diagnostics.length + obstacles.length === 0,
  );
}

function eachProgram(state: CompilerState, print: (program: ProgramState) => string): string {
  return wantedPrograms(state)
    .map((program) => `// ${program.name}\n${print(program)}`)
    .join('\n');
}

function eachVariant(
  { variants, target }: CompilerState,
  print: (each: VariantState) => string | undefined,
): string {
  return variants
    .map((each) => {
      const text = print(each) ?? `${target.title} runs its kernels one by one: there is no schedule`;
      return `// ${each.variant.name}\n${text}\n`;
    })
    .join('\n');
}

/** Before memory is laid out: the steps' buffers have no addresses yet. */
const loopNests = ({ plan, routines, steps }: Loops) => ({
  machine: plan.machine,
  routines,
  programs: plan.programs.map(({ program }, i) => ({ program, steps: steps[i] ?? [] })),
});

function printModule(module: Module): string {
  const lines = definedNames(module).map(([name, path]) => `${name}  ${path}`);
  return lines.join('\n');
}

/** The names visible in the file besides the standard library: its own and imported definitions, each with its file. */
function definedNames({
  definitions,
  constants,
  models,
  imported,
  source,
}: Module): (readonly [name: string, path: string])[] {
  const own = [...definitions.keys(), ...constants.keys(), ...models.map(({ name }) => name.text)];
  return [
    ...own.map((name) => [name, source.path] as const),
    ...[...imported].map(([name, from]) => [name, from.source.path] as const),
  ];
}

/** Counts the nodes of a tree: everything that has a span. */
function countNodes(value: unknown): number {
  if (Array.isArray(value)) return sum(value, countNodes);
  if (typeof value !== 'object' || value === null) return 0;
  const own = 'span' in value ? 1 : 0;
  return Object.entries(value).reduce(
    (count, [key, part]) => count + (key === 'span' || key === 'source' ? 0 : countNodes(part)),
    own,
  );
}

/** Counts the statements in a routine's body and in its loops. */
function countStatements(value: unknown): number {
  if (Array.isArray(value)) return value.length + sum(value, inner);
  return inner(value);

  function inner(part: unknown): number {
    if (typeof part !== 'object' || part === null) return 0;
    return Object.entries(part).reduce(
      (count, [key, each]) => count + (key === 'body' || key === 'otherwise' ? countStatements(each) : 0),
      0,
    );
  }
}

function sum<T>(list: readonly T[], amount: (each: T) => number): number {
  return list.reduce((total, each) => total + amount(each), 0);
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;
}
