// `nnc compile`: writes the generated module, or prints a form of the compiler.
import { defineCommand } from '../../command.ts';
import { compileOptions } from './options.ts';

export const compile = defineCommand({
  name: 'compile',
  describe: 'Write the generated module to build/',
  positionals: [{ name: 'file', describe: "The .nn file; by default the project's only model" }],
  options: compileOptions,
  async run([file], given, streams) {
    const [{ findSource }, { runCompile }] = await Promise.all([
      import('../../locate.ts'),
      import('./run.ts'),
    ]);
    return runCompile(await findSource(file, 'compile'), given, streams);
  },
});
