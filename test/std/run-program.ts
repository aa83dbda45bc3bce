// Text of a model enters; one of its programs leaves, through every stage up to the kernels, to be run by the interpreter in
// float64. Nothing of a target's code generator takes part.
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../../src/diagnostics/render.ts';
import { buildLibrary } from '../../src/names/library.ts';
import type { ElaborateOptions, ElaboratedModel } from '../../src/elaborate/model/model.ts';
import { loadModule } from '../../src/names/modules.ts';
import { Overrides } from '../../src/elaborate/model/settings.ts';
import {
  differentiateProgram,
  elaborateProgram,
  invertProgram,
  simplifyForward,
  updateProgram,
} from '../../src/driver/passes/graphs.ts';
import { simplify } from '../../src/graph/simplify/simplify.ts';
import { verifyGraph } from '../../src/graph/verify.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import type { Graph } from '../../src/ir/graph/type.ts';
import type { KernelProgram } from '../../src/ir/stages/type.ts';
import { interpret, type Interpretation } from '../../src/ir/stages/interpret.ts';
import { lower } from '../../src/kernel/lower.ts';
import { readImport, readLibrary } from '../../src/driver/read-sources.ts';
import { randomKey } from '../../src/runtime/random.ts';

export const library = buildLibrary(readLibrary());

export interface BuildOptions extends Partial<Omit<ElaborateOptions, 'overrides'>> {
  readonly overrides?: Readonly<Record<string, string>>;
  /** What messages call the file, and the folder that imports start from. */
  readonly path?: string;
}

export interface Built {
  readonly graph: Graph;
  readonly elaborated: ElaboratedModel;
  readonly diagnostics: readonly Diagnostic[];
}

/** Builds a program of the only model of a text; its errors are a part of what is given back. */
export function diagnose(text: string, options: BuildOptions = {}): Built {
  const { overrides, path = 'case.nn', program = 'step', training = true, batch } = options;
  const diagnostics: Diagnostic[] = [];
  const module = loadModule({ path, text, library: false }, readImport, library, diagnostics);
  const [model] = module.models;
  if (!model) throw new Error('the text has no model');
  const set = new Overrides(new Map(Object.entries(overrides ?? {})));
  const context = { module, model, overrides: set, checking: false };
  const elaborated = elaborateProgram(context, {
    ...{ program, training, overrides: set },
    ...(batch !== undefined && { batch }),
  });
  const derived = differentiateProgram(simplifyForward(elaborated, context));
  const built = updateProgram(invertProgram(derived), context);
  const found = [...built.diagnostics, ...(built.obstacles ?? [])];
  return { ...built, diagnostics: [...diagnostics, ...found, ...set.problems()] };
}

/** Builds a program of a text without errors. */
export function build(text: string, options: BuildOptions = {}): Built {
  const built = diagnose(text, options);
  if (built.diagnostics.length > 0) {
    const error = new DiagnosticError(built.diagnostics);
    error.message = `\n${renderDiagnostics(built.diagnostics, { color: false })}`;
    throw error;
  }
  verifyGraph(built.graph);
  return built;
}

/** The simplified program's kernels. */
export function kernelsOf(graph: Graph): KernelProgram {
  const simplified = simplify(graph);
  verifyGraph(simplified);
  return lower(simplified);
}

export type Values = Readonly<Record<string, ArrayLike<number>>>;

/** Runs kernels at one step of ten, unless said otherwise. */
export function run(
  kernels: KernelProgram,
  inputs: Values,
  stored: Values,
  { step = 1, steps = 10 }: { readonly step?: number; readonly steps?: number } = {},
): Interpretation {
  const clock = { step: [step], steps: [steps], random_key: randomKey(7, step) };
  return interpret(kernels, {
    inputs: new Map(Object.entries({ ...inputs, ...clock })),
    stored: new Map(Object.entries(stored)),
  });
}
