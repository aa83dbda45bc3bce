// The state of the passes in src/compile.ts: one record with a field per form. A pass returns the fields that it makes or changes.
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
  /** Errors of the model and of its optimizer. If there are any, the graph is incomplete and must not be used. */
  readonly diagnostics: readonly Diagnostic[];
  readonly graph: Graph;
  /** The graph before the last simplification removes unused nodes: the step's contains all tensors of the model. */
  readonly whole?: Graph;
  /** The nodes that differentiation starts from; absent where there is nothing to differentiate. */
  readonly differentiable?: Differentiable;
  /** The gradient of each parameter. */
  readonly gradients?: ReadonlyMap<NodeId, NodeId>;
  /** Why the program `inverse` does not exist. */
  readonly obstacles?: readonly Diagnostic[];
  /** Of a training step: the optimizer's `lr`, and the schedule's factor. */
  readonly learningRate?: number;
  readonly scheduleFactor?: NodeId;
  readonly kernels?: KernelProgram;
}

export interface Differentiable {
  readonly loss: NodeId;
  readonly parameters: readonly NodeId[];
  readonly inputs: ReadonlyMap<string, NodeId>;
}

/** A model in one variant of its target's code. Fields are absent where the target prints kernels directly. */
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
  /** Errors, until they are thrown after elaboration; then warnings. */
  readonly diagnostics: readonly Diagnostic[];
  readonly tree?: Program;
  readonly module?: Module;
  /** Absent where the text contains none, which is reported. */
  readonly model?: Model;
  /** The programs to compile, in order. */
  readonly wanted: readonly ProgramName[];
  /** Includes programs that are only elaborated: `step` and `evaluate` describe the model. */
  readonly programs: ReadonlyMap<ProgramName, ProgramState>;
  /** Present once the kernels exist. */
  readonly compilation?: Compilation;
  readonly wishes: VariantWishes;
  readonly variants: readonly VariantState[];
  /** The products' base name, and the cache folder of the target's compiler. */
  readonly place?: { readonly name: string; readonly cache: string };
  readonly products?: ProductFiles;
}

export type Change = Partial<CompilerState>;

/** @throws Error when a pass runs before one that it depends on */
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

/** The target's input: the kernels of all programs, each named by its program. */
export function kernelPrograms(state: CompilerState): KernelProgram[] {
  return wantedPrograms(state).map(({ name, kernels }) => ({ ...need(kernels, 'the kernel form'), name }));
}
