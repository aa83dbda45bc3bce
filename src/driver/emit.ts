// The forms that a compilation can be printed in, for people: `nnc compile --emit …`.
import type { Compilation } from './compilation.ts';
import { printGraph } from '../ir/graph/print.ts';
import { printKernels } from '../ir/stages/print.ts';
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
      if (compilation.specification.target === 'wasm') {
        const { printWasm } = await import('../codegen/wasm/target.ts');
        return printWasm(programs.map(([name, { kernels }]) => ({ ...kernels, name }))).source;
      }
      if (compilation.specification.target === 'native') {
        const [{ printNative }, { findCompiler }] = await Promise.all([
          import('../codegen/c/target.ts'),
          import('../codegen/c/compiler.ts'),
        ]);
        const kernels = programs.map(([name, { kernels: form }]) => ({ ...form, name }));
        return printNative(kernels, (await findCompiler()).machine).source;
      }
      const { printGpujsModule } = await import('../codegen/gpujs/module.ts');
      return printGpujsModule(compilation);
    }
  }
}
