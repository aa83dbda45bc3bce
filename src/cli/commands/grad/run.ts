// Runs a model's gradient program on a target, or in the float64 interpreter. The file's numbers are read as float64 and rounded to
// float32 for a target.
import type { CompiledProgram } from '../../../codegen/compiled.ts';
import type { CompileOptions } from '../../../compile.ts';
import type { Source } from '../../../diagnostics/source.ts';
import type { Bindings } from '../../../ir/stages/interpret.ts';
import type { ModelSpecification } from '../../../runtime/specification.ts';
import { namedRecord } from '../../../runtime/tensor.ts';
import type { Model } from '../../../runtime/model.ts';
import { bindGradFile, type BoundNumbers, type FlatTensor, type GradFile, type GradResult } from './file.ts';
import type { TargetName } from '../../../targets/table.ts';

export interface GradRequest {
  readonly source: Source;
  readonly given: GradFile;
  readonly target: TargetName | 'interpreter';
  readonly mode?: string;
  readonly seed?: number;
  readonly options: Omit<CompileOptions, 'target'>;
  /** Receives warnings as printed text. */
  warn(text: string): void;
}

export async function gradientOf(request: GradRequest): Promise<GradResult> {
  const { target } = request;
  return target === 'interpreter' ? interpretGradient(request) : runGradient(request, target);
}

async function runGradient(
  { source, given, mode, seed, options, warn }: GradRequest,
  target: TargetName,
): Promise<GradResult> {
  const { build, loadBuild } = await import('../../../driver/build.ts');
  const built = await build({ source, target, options });
  built.warnings.forEach(warn);
  const { specification, create } = await loadBuild(built);
  const bound = bindGradFile(given, specification);
  const model = await create({ ...(mode !== undefined && { mode }), ...(seed !== undefined && { seed }) });
  try {
    return await gradientOfModel(model, bound);
  } finally {
    await model.destroy();
  }
}

async function gradientOfModel(model: Model, { inputs, stored }: BoundNumbers): Promise<GradResult> {
  for (const [path, values] of stored) await model.write(path, Float32Array.from(values));
  const arrays = [...inputs].map(([name, values]) => [name, Float32Array.from(values)] as const);
  const { loss, outputs, parameters, inputs: cotangents } = await model.gradient(namedRecord(arrays));
  return { loss, outputs: new Map(Object.entries(outputs)), params: parameters, inputs: cotangents };
}

/** The compiled gradient program with all of its inputs; targets may be omitted if no loss is requested. */
export async function prepareInterpreter(
  { source, given, seed, options, warn }: GradRequest,
  needsTargets: boolean,
): Promise<{
  readonly specification: ModelSpecification;
  readonly program: CompiledProgram;
  readonly bindings: Bindings;
}> {
  const [{ compile }, { renderWarnings }, { initialize }, { clockInputs, firstUpdate }] = await Promise.all([
    import('../../../compile.ts'),
    import('../../../driver/products.ts'),
    import('../../../runtime/initialize.ts'),
    import('../../../runtime/clock.ts'),
  ]);
  const compilation = compile(source, options);
  renderWarnings(compilation, false).forEach(warn);
  const { specification, programs } = compilation;
  const program = programs.get('gradient');
  if (!program) throw new Error('the compiler gave no gradient program');
  const targets = specification.targets.filter(({ name }) => needsTargets || given.inputs.has(name));
  const bound = bindGradFile(given, { ...specification, targets });
  const drawn = seed ?? specification.train.seed;
  // the clock inputs of a model's first step
  const inputs = new Map<string, ArrayLike<number>>([...bound.inputs, ...clockInputs(firstUpdate, drawn, 1)]);
  const stored = new Map(
    specification.stored.map((tensor) => [
      tensor.path,
      bound.stored.get(tensor.path) ?? initialize(tensor, drawn),
    ]),
  );
  return { specification, program, bindings: { inputs, stored } };
}

async function interpretGradient(request: GradRequest): Promise<GradResult> {
  const { interpret } = await import('../../../ir/stages/interpret.ts');
  const { specification, program, bindings } = await prepareInterpreter(request, true);
  const results = interpret(program.kernels, bindings).outputs;
  const named = (prefix: string, entries: readonly (readonly [string, readonly number[]])[]) =>
    new Map(
      entries.map(([name, shape]): [string, FlatTensor] => {
        const data = results.get(prefix + name);
        if (!data) throw new Error(`the gradient program gave no ${prefix}${name}`);
        return [name, { shape, data }];
      }),
    );
  const { batch } = specification;
  const parameters = specification.stored.filter(({ storage }) => storage === 'parameter');
  const differentiable = specification.inputs.filter(({ kind }) => kind === 'real');
  return {
    loss: results.get('loss')?.[0] ?? NaN,
    outputs: named(
      'output.',
      specification.outputs.map(({ name, shape }) => [name, [batch, ...shape]]),
    ),
    params: named(
      'gradient.params.',
      parameters.map(({ path, shape }) => [path, shape]),
    ),
    inputs: named(
      'gradient.inputs.',
      differentiable.map(({ name, shape }) => [name, [batch, ...shape]]),
    ),
  };
}
