// What a printer is given: a model's programs in every form they passed through, and its specification.
import type { Graph } from '../ir/graph.ts';
import type { KernelProgram } from '../ir/kernel.ts';
import type { MemoryPlan } from '../kernel/plan.ts';
import type { ModelSpecification, ProgramName } from '../runtime/specification.ts';

export interface CompiledProgram {
  readonly graph: Graph;
  readonly kernels: KernelProgram;
  readonly plan: MemoryPlan;
}

export interface CompiledPrograms {
  readonly specification: ModelSpecification;
  readonly programs: ReadonlyMap<ProgramName, CompiledProgram>;
}
