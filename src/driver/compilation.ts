// What the compiler takes and gives; compile.ts makes it, emit.ts prints it.
import type { CompiledPrograms } from '../codegen/compiled.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { InverseRecord } from '../graph/invert.ts';
import type { ElaboratedModel } from '../elaborate/model/model.ts';
import type { ScheduleOverride } from '../elaborate/model/settings.ts';
import type { ImportReader } from '../names/modules.ts';
import type { Graph } from '../ir/graph/type.ts';
import type { KernelProgram } from '../ir/stages/type.ts';
import type { Program } from '../parser/ast.ts';
import type { ProgramName } from '../runtime/specification.ts';
import type { LayerSummary } from './specify.ts';

export interface CompileOptions {
  /** Where the printed code is to run; by default that of the table of targets. */
  readonly target?: string;
  /** Overrides the batch of `train`. */
  readonly batch?: number;
  /** `--set name=value`: constants, settings of `train`, hyper-parameters of the optimizer. */
  readonly overrides?: ReadonlyMap<string, string>;
  /** A schedule of the library in place of the model's. */
  readonly schedule?: ScheduleOverride;
  /** By default forward, evaluate and step. */
  readonly programs?: readonly ProgramName[];
  /** Which model, where the file has several. */
  readonly model?: string;
  /** Whether the gradient program behaves as in training; by default true. */
  readonly trainingGradient?: boolean;
  /** How imports are read; by default from disk. */
  readonly readImport?: ImportReader;
}

/** What an optimizer's updates are scaled by: `rate`, times the one output of `factor` where there is a schedule. */
export interface LearningRate {
  readonly rate: number;
  /** Takes `step` and `steps`. */
  readonly factor?: KernelProgram;
}

export interface Compilation extends CompiledPrograms {
  readonly ast: Program;
  /** Warnings. */
  readonly diagnostics: readonly Diagnostic[];
  readonly layers: readonly LayerSummary[];
  /** The model as it was elaborated for the program `evaluate`: before anything was simplified, layers still apart. */
  readonly elaborated: ElaboratedModel;
  /** The same for the training step, where dropout and the like do their work. */
  readonly training: ElaboratedModel;
  /** Absent where the optimizer has no `lr`. */
  readonly learningRate?: LearningRate;
  /** Where layers state their inverses: the forward graph with them in it. */
  readonly inverses?: { readonly graph: Graph; readonly records: readonly InverseRecord[] };
}
