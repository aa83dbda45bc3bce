// The programmatic entry, `import { compile, train } from 'nnc'`: the functions that the command line calls. What generated modules need is
// `nnc/runtime`, which loads none of this.
//
// A source is `{ path, text, library: false }`; imports and data are looked for beside its path. What is wrong with it, or with what is
// asked for, is a DiagnosticError, whose diagnostics `renderDiagnostic` shows as the command line does.

// text → kernels, and what every pass on the way leaves
export { compile, type Compilation, type CompileOptions } from './compile.ts';
export { emit, emittedForms, type Emitted } from './driver/emit.ts';
export type { PassTiming } from './driver/passes/run.ts';

// kernels → a module, kept in the user's cache until something that it depends on changes
export { build, loadBuild, type Build, type BuildRequest } from './driver/build.ts';
export { buildModel, type BuiltModel, type ModelRequest } from './driver/build-model.ts';
export { defaultTarget, targetChoices, targetNames, type TargetName } from './targets/table.ts';
export type { DeviceOptions, GeneratedModule } from './runtime/generated-module.ts';

// a module → a trained model
export { openModel, train, type OpenRequest, type TrainRequest } from './train/run/train-model.ts';
export { DivergedError } from './train/loop/failure.ts';
export type { EpochReport, StepReport, TrainingObserver } from './train/loop/events.ts';
export type { RunRecord } from './train/run/record.ts';
export type { RunWishes } from './train/run/settings.ts';

export { DiagnosticError, type Diagnostic, type Severity } from './diagnostics/diagnostic.ts';
export { renderDiagnostic } from './diagnostics/render.ts';
export type { Position, Source, Span } from './diagnostics/source.ts';
export type {
  Evaluation,
  Gradient,
  Metric,
  Model,
  ModelArrays,
  ModelOptions,
  ModelSpecification,
  StepResult,
  Tensor,
} from './runtime/index.ts';
