// The forms that a compilation can be printed in, for people: `nnc compile --emit …`.
import type { Compilation } from './compilation.ts';
import { printVariant } from './products.ts';
import { printGraph } from '../ir/graph/print.ts';
import { printKernels } from '../ir/stages/print.ts';
import { targetOf } from '../targets/table.ts';
import { printAst } from '../parser/print-ast.ts';

export const forms = ['ast', 'graph', 'gradient', 'kernels', 'ts'] as const;
export type EmittedForm = (typeof forms)[number];

/** Prints one form: the tree, the programs' graphs, the step's backward part, the fused kernels, or the target's TypeScript. */
export async function emit(compilation: Compilation, form: EmittedForm): Promise<string> {
  const programs = [...compilation.programs];
  switch (form) {
    case 'ast':
      return printAst(compilation.ast);
    case 'graph':
      return programs.map(([name, { graph }]) => `// ${name}\n${printGraph(graph)}`).join('\n');
    case 'gradient': {
      const step = compilation.programs.get('step')?.graph;
      if (!step) return '';
      return printGraph({
        ...step,
        nodes: step.nodes.filter((node) => node.phase === 'backward'),
        outputs: [],
        updates: [],
      });
    }
    case 'kernels':
      return programs.map(([name, { kernels }]) => `// ${name}\n${printKernels(kernels)}`).join('\n');
    case 'ts': {
      const target = targetOf(compilation.specification.target);
      const [variant] = await target.variants({});
      if (!variant) throw new Error(`the target ${target.name} has no variant`);
      return (await printVariant(compilation, target, variant)).text;
    }
  }
}
