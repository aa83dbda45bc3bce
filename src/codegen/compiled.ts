// What every printer of a target takes: the model's specification, and each of its programs in all the forms that matter to one.
import type { Graph } from '../ir/graph/type.ts';
import type { KernelProgram } from '../ir/stages/type.ts';
import type { ModelSpecification, ProgramName } from '../runtime/specification.ts';

export interface CompiledProgram {
  readonly graph: Graph;
  /** Fused. */
  readonly kernels: KernelProgram;
}

export interface CompiledPrograms {
  readonly specification: ModelSpecification;
  readonly programs: ReadonlyMap<ProgramName, CompiledProgram>;
}
