// The compiler's results once a model's kernels exist.
import type { CompiledProgram } from '../../codegen/compiled.ts';
import { simplify } from '../../graph/simplify/simplify.ts';
import { lower } from '../../kernel/lower.ts';
import type { Compilation, LearningRate } from '../compilation.ts';
import { specify, summarizeLayers } from '../specify.ts';
import { scoreKind } from './score-kind.ts';
import { need, wantedPrograms, type CompilerState, type ProgramState } from './state.ts';

export function compilationOf(state: CompilerState): Compilation {
  const programs = new Map(wantedPrograms(state).map((program) => [program.name, compiled(program)]));
  const step = need(state.programs.get('step'), 'the training step');
  const evaluate = need(state.programs.get('evaluate'), 'the evaluation');
  const inverse = state.programs.get('inverse');
  const { source, target, wanted } = state;
  const model = need(state.model, 'the model');
  const scores = scoreKind(model);
  const specification = specify({
    name: model.name.text,
    source: source.path.split(/[\\/]/).at(-1) ?? source.path,
    target: target.name,
    elaborated: evaluate.elaborated,
    step: step.whole ?? step.graph,
    compiled: [...programs.values()],
    programs: wanted,
    ...(scores && { scores }),
    ...(target.memory && { memory: target.memory([...programs.values()].map(({ kernels }) => kernels)) }),
  });
  return {
    specification,
    programs,
    ast: need(state.tree, 'the syntax tree'),
    diagnostics: state.diagnostics,
    layers: summarizeLayers(evaluate.elaborated),
    elaborated: evaluate.elaborated,
    training: step.elaborated,
    ...(step.learningRate !== undefined && { learningRate: learningRate(step, step.learningRate) }),
    ...(inverse && {
      inverses: { graph: inverse.elaborated.graph, records: inverse.elaborated.inverses },
    }),
  };
}

function compiled({ graph, kernels }: ProgramState): CompiledProgram {
  return { graph, kernels: need(kernels, 'the kernel form') };
}

function learningRate({ graph, whole = graph, scheduleFactor }: ProgramState, rate: number): LearningRate {
  if (scheduleFactor === undefined) return { rate };
  const outputs = [{ name: 'factor', value: scheduleFactor }];
  return { rate, factor: lower(simplify({ ...whole, outputs, updates: [] })) };
}
