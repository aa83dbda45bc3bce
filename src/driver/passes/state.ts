// What flows through the passes of src/compile.ts: one record with a field per form. A pass gives the fields that it makes or changes.
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source } from '../../diagnostics/source.ts';
import type { ElaboratedModel } from '../../elaborate/model/model.ts';
import type { Overrides } from '../../elaborate/model/settings.ts';
import type { Graph, NodeId } from '../../ir/graph/type.ts';
import type { KernelProgram } from '../../ir/stages/type.ts';
import type { Module } from '../../names/module.ts';
import type { Model, Program } from '../../parser/ast.ts';
import type { ProgramName } from '../../runtime/specification.ts';
import type { Loops, Schedule, SchedulePlan } from '../../schedule/schedule.ts';
import type { Target, Variant, ProductFiles, VariantWishes } from '../../targets/target.ts';
import type { Compilation, CompileOptions } from '../compilation.ts';

/** One of a model's programs. */
export interface ProgramState {
  readonly name: ProgramName;
  readonly elaborated: ElaboratedModel;
  /** Errors of the model, and of its optimizer. With any, the graph is what could be built and must not be used. */
  readonly diagnostics: readonly Diagnostic[];
  readonly graph: Graph;
  /** The graph before the last simplification, which drops what the program does not use: all tensors of the model are in the step's. */
  readonly whole?: Graph;
  /** Nodes of the graph that differentiation starts from; absent where there is nothing to differentiate. */
  readonly differentiable?: Differentiable;
  /** Of each parameter, its gradient. */
  readonly gradients?: ReadonlyMap<NodeId, NodeId>;
  /** Of the program `inverse`: why there is none. */
  readonly obstacles?: readonly Diagnostic[];
  /** Of a training step: the optimizer's `lr`, and what the schedule multiplies it by. */
  readonly learningRate?: number;
  readonly scheduleFactor?: NodeId;
  readonly kernels?: KernelProgram;
}

export interface Differentiable {
  readonly loss: NodeId;
  readonly parameters: readonly NodeId[];
  readonly inputs: ReadonlyMap<string, NodeId>;
}

/** A model in one variant of its target's code. Fields are absent where the target prints kernels as they are. */
export interface VariantState {
  readonly variant: Variant;
  readonly plan?: SchedulePlan;
  readonly loops?: Loops;
  readonly schedule?: Schedule;
  readonly text?: string;
}

export interface CompilerState {
  readonly source: Source;
  readonly options: CompileOptions;
  readonly target: Target;
  readonly overrides: Overrides;
  /** Errors until they are thrown, once everything is elaborated; then warnings. */
  readonly diagnostics: readonly Diagnostic[];
  readonly tree?: Program;
  readonly module?: Module;
  /** Absent where the text holds none, and says so. */
  readonly model?: Model;
  /** Those that are compiled, in order. */
  readonly wanted: readonly ProgramName[];
  /** And those that are only looked at: `step` and `evaluate` say what the model is. */
  readonly programs: ReadonlyMap<ProgramName, ProgramState>;
  /** Once the kernels are there. */
  readonly compilation?: Compilation;
  readonly wishes: VariantWishes;
  readonly variants: readonly VariantState[];
  /** How the products are called, and where the target's compiler keeps what it makes. */
  readonly place?: { readonly name: string; readonly cache: string };
  readonly products?: ProductFiles;
}

export type Change = Partial<CompilerState>;

/** @throws Error when a pass runs before the one that it builds on */
export function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} is not there yet`);
  return value;
}

export function mapPrograms(
  { programs, wanted }: CompilerState,
  change: (program: ProgramState) => ProgramState,
): Change {
  const changed = [...programs].map(
    ([name, program]) => [name, wanted.includes(name) ? change(program) : program] as const,
  );
  return { programs: new Map(changed) };
}

/** The programs that are compiled, in order. */
export function wantedPrograms({ programs, wanted }: CompilerState): ProgramState[] {
  return wanted.flatMap((name) => programs.get(name) ?? []);
}

/** What a target takes: the kernels of all programs, each called by what it is for. */
export function kernelPrograms(state: CompilerState): KernelProgram[] {
  return wantedPrograms(state).map(({ name, kernels }) => ({ ...need(kernels, 'the kernel form'), name }));
}
