// Modules generated from `.nn` text.
import { printGpujsModule } from '../../src/codegen/gpujs/module.ts';
import type { Compilation, CompileOptions } from '../../src/driver/compilation.ts';
import { compile } from '../../src/compile.ts';

export interface Generated {
  readonly compilation: Compilation;
  readonly text: string;
}

/** Compiles a model of a text and prints it for gpu.js. */
export function generate(name: string, text: string, options: CompileOptions = {}): Generated {
  const compilation = compile({ path: `${name}.nn`, text, library: false }, { target: 'gpujs', ...options });
  return { compilation, text: printGpujsModule(compilation) };
}
