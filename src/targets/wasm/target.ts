// The row of WebAssembly: loops over one arena, printed as AssemblyScript and compiled to SIMD code.
import type { Target } from '../target.ts';

export const wasm: Target = {
  name: 'wasm',
  title: 'wasm',
  place: 'on wasm',
  modes: [],
  automatic: false,
  keepsGradients: false,
  missing: () => Promise.resolve(undefined),
  async present() {
    const { relaxedSimd, sharedMemory } = await import('../../runtime/wasm/features.ts');
    const fused = (await relaxedSimd())
      ? 'SIMD with fused multiply-adds'
      : 'SIMD without fused multiply-adds';
    return `${fused}, ${sharedMemory() ? 'shared memory' : 'no shared memory, so that one thread computes'}`;
  },
  cacheKey: () => Promise.resolve(''),
  async variants(wishes) {
    const { wasmVariants } = await import('./print.ts');
    return wasmVariants(wishes);
  },
  async print(_, variant, schedule) {
    const { printScheduled, wasmForm } = await import('./print.ts');
    if (!schedule) throw new Error('wasm prints a schedule');
    return printScheduled(schedule, wasmForm(variant.name)).source;
  },
  async products(compiled, printed, request) {
    const { wasmProducts } = await import('./products.ts');
    return wasmProducts(compiled.specification, printed, request);
  },
  async profile(request) {
    const { profileWasm } = await import('./profile.ts');
    return profileWasm(request);
  },
};
