// The programmatic entry, `import { compile } from 'nnc'`. What generated modules need is `nnc/runtime`, which loads none of this.
export { compile, type Compilation, type CompileOptions } from './compile.ts';
export { emit } from './driver/emit.ts';
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
