// The row of gpu.js: kernels are printed directly, in TypeScript, and gpu.js translates them at run time.
import { limitReads } from '../../kernel/legalize/limit-reads.ts';
import { gpuModes } from '../../runtime/gpu/modes.ts';
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
  cacheKey: () => Promise.resolve(''),
  variants: () => Promise.resolve([{ name: 'gpujs' }]),
  async print(compiled) {
    const { printGpujsModule } = await import('../../codegen/gpujs/module.ts');
    return printGpujsModule(compiled);
  },
  async products(_, [printed], { name }) {
    const { transpile } = await import('../../codegen/transpile.ts');
    const text = printed?.text ?? '';
    return new Map([
      [`${name}.ts`, text],
      [`${name}.js`, await transpile(text)],
    ]);
  },
  async profile(request) {
    const { profileGpujs } = await import('./profile.ts');
    return profileGpujs(request);
  },
};
