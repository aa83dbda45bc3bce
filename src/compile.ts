// The stages of the compiler, in order. The command line, the tests and debugging share this one list.
import type { CompiledProgram } from './codegen/compiled.ts';
import type { Compilation, CompileOptions, LearningRate } from './driver/compilation.ts';
import { diagnostic, DiagnosticError, fail, type Diagnostic } from './diagnostics/diagnostic.ts';
import type { Source } from './diagnostics/source.ts';
import { suggest } from './diagnostics/suggest.ts';
import { withoutConsequences } from './elaborate/consequences.ts';
import { buildLibrary } from './names/library.ts';
import { loadModule } from './names/modules.ts';
import type { Module } from './names/module.ts';
import { Overrides } from './elaborate/model/settings.ts';
import { buildProgram, type ProgramGraph } from './elaborate/programs/program.ts';
import { simplify } from './graph/simplify/simplify.ts';
import { lostDigits } from './elaborate/programs/lost-digits.ts';
import { unusedInputs } from './elaborate/programs/unused-inputs.ts';
import { verifyGraph } from './graph/verify.ts';
import { verifyKernels } from './ir/stages/verify.ts';
import { fuse } from './kernel/fuse/fuse.ts';
import { lower } from './kernel/lower.ts';
import { estimateMemory, plan } from './kernel/plan.ts';
import type { Model } from './parser/ast.ts';
import { readImport, readLibrary } from './driver/read-sources.ts';
import type { ProgramName } from './runtime/specification.ts';
import { targetOf, type Target } from './targets/table.ts';
import { specify, summarizeLayers } from './driver/specify.ts';

export type { Compilation, CompileOptions } from './driver/compilation.ts';

let library: Module | undefined;

/** Compiles a model of a source. Throws DiagnosticError where the source is at fault. */
export function compile(source: Source, options: CompileOptions = {}): Compilation {
  library ??= buildLibrary(readLibrary());
  const diagnostics: Diagnostic[] = [];
  const module = loadModule(source, options.readImport ?? readImport, library, diagnostics);
  const model =
    diagnostics.length > 0 && module.models.length === 0 ? undefined : chooseModel(module, options.model);
  const overrides = new Overrides(options.overrides, options.schedule);
  const build = (program: ProgramName): ProgramGraph | undefined =>
    model &&
    buildProgram(module, model, {
      program,
      training: options.trainingGradient ?? true,
      overrides,
      checking: options.programs?.length === 0,
      ...(options.batch !== undefined && { batch: options.batch }),
    });

  // Everything is elaborated before the first error is thrown, so that a run reports all it can find.
  const step = build('step');
  const evaluate = step && step.diagnostics.length === 0 ? build('evaluate') : undefined;
  const inverse = evaluate?.elaborated.statesInverse ? build('inverse') : undefined;
  diagnostics.push(
    ...(step?.diagnostics ?? []),
    ...(evaluate?.diagnostics ?? []),
    ...(inverse?.elaborated.diagnostics ?? []),
    ...overrides.problems(),
  );
  const errors = withoutConsequences(diagnostics.filter((found) => found.severity === 'error'));
  if (errors.length > 0 || !step || !evaluate || !model) throw new DiagnosticError(errors);

  const isOverall = evaluate.elaborated.metrics.some((metric) => metric.statistics);
  const metrics = isOverall ? build('metrics') : undefined;
  diagnostics.push(...unusedInputs([step.elaborated.graph, evaluate.graph]));
  if (metrics) diagnostics.push(...lostDigits(metrics.elaborated.graph));

  const names = [...(options.programs ?? ['forward', 'evaluate', 'step'])];
  const target = targetOf(options.target);
  const programs = new Map<ProgramName, CompiledProgram>();
  if (!options.programs && inverse?.diagnostics.length === 0) names.push('inverse');
  if (names.includes('evaluate') && isOverall) names.push('metrics');
  for (const name of names) {
    const built =
      name === 'step'
        ? step
        : name === 'evaluate'
          ? evaluate
          : (name === 'inverse' && inverse) || (name === 'metrics' && metrics) || build(name);
    if (!built || built.diagnostics.length > 0) throw new DiagnosticError(built?.diagnostics ?? []);
    programs.set(name, finish(built, target));
  }
  const largest = programs.get('step') ?? programs.get('gradient') ?? programs.get(names[0] ?? 'step');
  const specification = specify({
    name: model.name.text,
    source: source.path.split(/[\\/]/).at(-1) ?? source.path,
    target: target.name,
    elaborated: evaluate.elaborated,
    step: step.graph,
    compiled: [...programs.values()],
    programs: names,
    memory: largest
      ? estimateMemory(largest.kernels, largest.plan)
      : { parameters: 0, gradients: 0, states: 0, activations: 0 },
  });
  return {
    specification,
    programs,
    ast: module.program,
    diagnostics,
    layers: summarizeLayers(evaluate.elaborated),
    elaborated: evaluate.elaborated,
    training: step.elaborated,
    ...(step.learningRate !== undefined && { learningRate: learningRate(step, step.learningRate) }),
    ...(inverse && { inverses: { graph: inverse.elaborated.graph, records: inverse.elaborated.inverses } }),
  };
}

/** graph → simplified graph → kernels → fused kernels → memory plan, verified after each. */
function finish(built: ProgramGraph, target: Target): CompiledProgram {
  verifyGraph(built.graph);
  const graph = simplify(built.graph);
  verifyGraph(graph);
  const lowered = lower(graph);
  verifyKernels(lowered);
  const fused = fuse(lowered, { keepGradients: target.keepsGradients });
  verifyKernels(fused);
  const kernels = target.legalize?.(fused) ?? fused;
  verifyKernels(kernels);
  return { graph, kernels, plan: plan(kernels) };
}

function learningRate({ graph, scheduleFactor }: ProgramGraph, rate: number): LearningRate {
  if (scheduleFactor === undefined) return { rate };
  const outputs = [{ name: 'factor', value: scheduleFactor }];
  return { rate, factor: lower(simplify({ ...graph, outputs, updates: [] })) };
}

function chooseModel(module: Module, wanted: string | undefined): Model {
  const known = module.models.map((model) => model.name.text);
  const { path } = module.source;
  const [first] = module.models;
  if (!first) fail('model.none', undefined, { path });
  if (wanted === undefined) {
    if (known.length > 1) fail('model.several', undefined, { path, known: known.join(', ') });
    return first;
  }
  const chosen = module.models.find((model) => model.name.text === wanted);
  if (chosen) return chosen;
  const similar = suggest(wanted, known);
  const hint = similar === undefined ? known.join(', ') : `${similar}? All: ${known.join(', ')}`;
  throw new DiagnosticError([diagnostic('model.unknown', undefined, { name: wanted, known: hint })]);
}
