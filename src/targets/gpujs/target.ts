// The row of gpu.js: kernels are printed directly, in TypeScript, and gpu.js translates them at run time.
import { limitReads } from '../../kernel/legalize/limit-reads.ts';
import { gpuModes } from '../../runtime/gpu/modes.ts';
import { moduleFiles } from '../module-files.ts';
import type { Target } from '../target.ts';
import { gpujsMemory } from './memory.ts';

export const gpujs: Target = {
  name: 'gpujs',
  title: 'gpu.js',
  place: 'on gpu.js',
  modes: gpuModes,
  automatic: false,
  keepsGradients: true,
  legalize: (program) => limitReads(program),
  memory: gpujsMemory,
  missing: () => Promise.resolve(undefined),
  async present() {
    const { chooseMode } = await import('../../runtime/gpu/modes.ts');
    const { mode } = await chooseMode();
    return `mode ${mode} by default`;
  },
  cacheKey: () => Promise.resolve(''),
  variants: () => Promise.resolve([{ name: 'gpujs' }]),
  async print(compiled) {
    const { printGpujsModule } = await import('../../codegen/gpujs/module.ts');
    return printGpujsModule(compiled);
  },
  async products({ specification }, [printed], { name }) {
    const [{ transpile }, { printDeclarations }] = await Promise.all([
      import('../../codegen/transpile.ts'),
      import('../../codegen/module-types.ts'),
    ]);
    const typescript = printed?.text ?? '';
    return new Map(
      moduleFiles(name, {
        javascript: await transpile(typescript),
        declarations: printDeclarations(specification, 'GpuModelOptions'),
        typescript,
      }),
    );
  },
  async profile(request) {
    const { profileGpujs } = await import('./profile.ts');
    return profileGpujs(request);
  },
};
