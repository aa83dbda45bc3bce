// From text to the graphs of all programs. Everything is elaborated before the first error is thrown, so that a run reports as many
// errors as it can.
import { unknownAllowances, withoutAllowed } from '../../diagnostics/allowed.ts';
import { diagnostic, DiagnosticError, fail, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source } from '../../diagnostics/source.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import { withoutConsequences } from '../../elaborate/consequences.ts';
import { lostDigits } from '../../elaborate/lost-digits.ts';
import { scaledPairs, scaleTargets } from '../../elaborate/objectives/target-scale.ts';
import { unusedInputs } from '../../elaborate/unused-inputs.ts';
import { modelWarnings } from '../../elaborate/warnings/model-warnings.ts';
import { buildLibrary } from '../../names/library.ts';
import type { Module } from '../../names/module.ts';
import { resolveNames } from '../../names/modules.ts';
import type { Model } from '../../parser/ast.ts';
import { parse } from '../../parser/parse.ts';
import type { ProgramName } from '../../runtime/specification.ts';
import { readImport, readLibrary } from '../read-sources.ts';
import {
  differentiateProgram,
  elaborateProgram,
  invertProgram,
  simplifyForward,
  updateProgram,
  type ProgramContext,
} from './graphs.ts';
import { need, type Change, type CompilerState, type ProgramState } from './state.ts';

export function parseSource({ source }: CompilerState): Change {
  const { program, diagnostics } = parse(source);
  return { tree: program, diagnostics };
}

let library: Module | undefined;

/** Reads and parses imports, resolves every name of a file to its definition, and chooses one model. */
export function resolveSource(state: CompilerState): Change {
  library ??= buildLibrary(readLibrary());
  const { source, options } = state;
  const diagnostics = [...state.diagnostics];
  const parsed = { source, program: need(state.tree, 'the syntax tree') };
  const module = resolveNames(parsed, options.readImport ?? readImport, library, diagnostics);
  const nothing = diagnostics.length > 0 && module.models.length === 0;
  return { module, diagnostics, ...(!nothing && { model: chooseModel(module, options.model) }) };
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

/** The step and the evaluation describe the model and its errors; further programs are elaborated if there are none. */
export function elaborateSource(state: CompilerState): Change {
  const context = contextOf(state);
  if (!context) return {};
  const { options } = state;
  const programs = new Map<ProgramName, ProgramState>();
  // where nothing is trained, the step only describes the model: with the model's own batch, as another may be too small to train
  const trains = wantsTraining(options.programs);
  const add = (program: ProgramName): ProgramState => {
    const batch = program === 'step' && !trains ? undefined : options.batch;
    const built = elaborateProgram(context, {
      program,
      training: options.trainingGradient ?? true,
      overrides: context.overrides,
      ...(batch !== undefined && { batch }),
    });
    programs.set(program, built);
    return built;
  };
  const step = add('step');
  const evaluate = step.diagnostics.length === 0 ? add('evaluate') : undefined;
  const inverse = evaluate?.elaborated.statesInverse ? add('inverse') : undefined;
  const wanted: ProgramName[] = [...(options.programs ?? ['forward', 'evaluate', 'step'])];
  if (!options.programs && inverse) wanted.push('inverse');
  const statistics = evaluate?.elaborated.metrics.some((metric) => metric.statistics);
  if (statistics && wanted.includes('evaluate') && !wanted.includes('metrics')) wanted.push('metrics');
  const sound = (evaluate ?? step).diagnostics.length === 0 && state.diagnostics.length === 0;
  // numerical cancellation in metrics over all examples is warned of, whatever is compiled
  const further: readonly ProgramName[] = statistics ? [...wanted, 'metrics'] : wanted;
  if (!sound) return { programs, wanted };
  for (const name of further) if (!programs.has(name)) add(name);
  return { programs, wanted, diagnostics: [...state.diagnostics, ...modelWarnings(step.elaborated)] };
}

/** Whether the programs train, or, as none are compiled, are only checked. */
function wantsTraining(programs: readonly ProgramName[] | undefined): boolean {
  return !programs || programs.length === 0 || programs.includes('step');
}

/** In all programs alike, as training's loss allows. */
export function scaleTargetsAll(state: CompilerState): Change {
  const step = state.programs.get('step');
  if (!step || step.diagnostics.length > 0) return {};
  const pairs = scaledPairs(step.elaborated);
  return mapAll(state, (program) => {
    const scaled = program.name !== 'metrics' && program.diagnostics.length === 0;
    const elaborated = scaled ? scaleTargets(program.elaborated, pairs) : program.elaborated;
    return { ...program, elaborated, graph: elaborated.graph };
  });
}

export function simplifyForwardAll(state: CompilerState): Change {
  return mapAll(state, simplifyForward);
}

export function differentiateAll(state: CompilerState): Change {
  return mapAll(state, differentiateProgram);
}

/** A model without an inverse is no error, unless its inverse was asked for. */
export function invertAll(state: CompilerState): Change {
  if (!state.programs.has('inverse')) return {};
  const { programs = state.programs } = mapAll(state, invertProgram);
  const lacking = (programs.get('inverse')?.obstacles ?? []).length > 0;
  const asked = state.options.programs?.includes('inverse');
  const wanted = lacking && !asked ? state.wanted.filter((name) => name !== 'inverse') : state.wanted;
  return { programs, wanted };
}

/** @throws DiagnosticError with every error found so far */
export function updateAll(state: CompilerState): Change {
  const change = mapAll(state, updateProgram);
  const updated = { ...state, ...change };
  throwErrors(updated, state.overrides.problems());
  const { step, evaluate } = Object.fromEntries(updated.programs);
  const unused = unusedInputs([
    need(step, 'the training step').elaborated.graph,
    need(evaluate, 'the evaluation').graph,
  ]);
  const metrics = updated.programs.get('metrics');
  const lost = metrics ? lostDigits(metrics.elaborated.graph) : [];
  const unknown = sourcesOf(need(state.module, 'the module')).flatMap(unknownAllowances);
  return { ...change, diagnostics: withoutAllowed([...state.diagnostics, ...unused, ...lost, ...unknown]) };
}

/** The source and its imports, direct and indirect. */
function sourcesOf(module: Module): Source[] {
  const found = new Set<Module>();
  const add = (each: Module): void => {
    if (found.has(each)) return;
    found.add(each);
    for (const imported of each.imported.values()) add(imported);
  };
  add(module);
  return [...found].map(({ source }) => source);
}

/** @param more errors besides the state's own */
export function throwErrors(state: CompilerState, more: readonly Diagnostic[] = []): void {
  const { diagnostics, programs, wanted } = state;
  const found = [
    ...diagnostics,
    ...[...programs.values()].flatMap((program) => program.diagnostics),
    ...more,
  ];
  const errors = withoutConsequences(found.filter(({ severity }) => severity === 'error'));
  if (errors.length > 0) throw new DiagnosticError(errors);
  const obstacles = wanted.flatMap((name) => programs.get(name)?.obstacles ?? []);
  if (obstacles.length > 0) throw new DiagnosticError(obstacles);
}

function mapAll(
  state: CompilerState,
  change: (program: ProgramState, context: ProgramContext) => ProgramState,
): Change {
  const context = contextOf(state);
  if (!context) return {};
  return {
    programs: new Map([...state.programs].map(([name, program]) => [name, change(program, context)])),
  };
}

function contextOf({ module, model, overrides, options }: CompilerState): ProgramContext | undefined {
  if (!module || !model) return undefined;
  return { module, model, overrides, checking: options.programs?.length === 0 };
}
