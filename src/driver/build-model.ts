// From a source to a loaded module: the target is chosen, its products are built or found in the cache, and the module is imported.
import type { Source, Span } from '../diagnostics/source.ts';
import { scalarProgram } from '../ir/stages/scalar-program.ts';
import type { DeviceOptions, GeneratedModule } from '../runtime/generated-module.ts';
import { chooseTarget, targetOf, type TargetName } from '../targets/table.ts';
import { build, loadBuild } from './build.ts';
import { resolveTarget, type AutoRequest } from './choose-target.ts';
import type { CompileOptions, LearningRate } from './compilation.ts';

export interface ModelRequest extends DeviceOptions {
  readonly source: Source;
  readonly options?: Omit<CompileOptions, 'target'>;
  /** A target's name, or `auto` for the fastest here; by default the table's default, or the target that has the mode. */
  readonly target?: string;
  /** The program that `auto` times: by default training steps. */
  readonly program?: NonNullable<AutoRequest['program']>;
  /** Called with the target that `auto` has chosen, and why. */
  readonly note?: (text: string) => void;
}

export interface BuiltModel extends GeneratedModule {
  readonly target: TargetName;
  /** The options for `create`. */
  readonly device: DeviceOptions;
  /** Printed texts. */
  readonly warnings: readonly string[];
  /** The place of the model's `data` line; absent where it has none. */
  readonly dataSpan?: Span;
  /** The learning rate at an update, counted from 1, of a total number; absent where it is not known. */
  readonly learningRate?: (update: number, updates: number) => number;
}

/** @throws DiagnosticError where the source or an option is invalid, or where this machine lacks what the target needs */
export async function buildModel(request: ModelRequest): Promise<BuiltModel> {
  const { source, options = {}, mode, threads, deterministic = false, program, note } = request;
  const wish = chooseTarget(request.target, mode, deterministic);
  const resolved = await resolveTarget(
    wish,
    {
      ...{ source, options, deterministic },
      ...(threads !== undefined && { threads }),
      ...(program && { program }),
    },
    note ?? (() => undefined),
  );
  const target = targetOf(resolved).name;
  const built = await build({ source, target, deterministic, options });
  const { specification, create } = await loadBuild(built);
  const learningRate = rateOf(built.learningRate);
  return {
    ...{ specification, create, target, warnings: built.warnings },
    device: {
      deterministic,
      ...(mode !== undefined && { mode }),
      ...(threads !== undefined && { threads }),
    },
    ...(learningRate && { learningRate }),
    ...(built.dataPlace && { dataSpan: { source, ...built.dataPlace } }),
  };
}

function rateOf(known: LearningRate | null): ((update: number, updates: number) => number) | undefined {
  if (!known) return undefined;
  const { rate } = known;
  if (!known.factor) return () => rate;
  const factor = scalarProgram(known.factor);
  const inputs = new Map<string, number>();
  return (
    factor &&
    ((update, updates) => {
      inputs.set('step', update).set('steps', updates);
      return rate * factor(inputs);
    })
  );
}
