// The compiler's options and results; compile.ts makes them, emit.ts prints them.
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
  /** The target of the printed code; by default the table's default. */
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

/** The scale of an optimizer's updates: `rate`, times the one output of `factor` where there is a schedule. */
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
  /** The model elaborated for the program `evaluate`: not simplified, its layers still separate. */
  readonly elaborated: ElaboratedModel;
  /** The same for the training step, where dropout and the like are active. */
  readonly training: ElaboratedModel;
  /** Absent where the optimizer has no `lr`. */
  readonly learningRate?: LearningRate;
  /** Where layers state their inverses: the forward graph that contains them. */
  readonly inverses?: { readonly graph: Graph; readonly records: readonly InverseRecord[] };
}
