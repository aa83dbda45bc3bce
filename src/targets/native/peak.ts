// Measures peak rate: a loop of independent multiply-adds in registers, printed and compiled as a model is.
import { compileLibrary, findCompiler } from './compiler.ts';
import { headText, threadText, workText } from '../../codegen/c/parallel.ts';
import { createNativeExecutable } from '../../runtime/native/native-executable.ts';
import type { ProgramName } from '../../runtime/specification.ts';
import type { NativeMachine } from '../../schedule/machine/native.ts';
import { fastest } from '../profile/time.ts';

const rounds = 1_000_000;

/** GFLOP/s, a multiply-add counted as two. */
export async function measureNativePeak(threads: number, cache: string): Promise<number> {
  const compiler = await findCompiler();
  const { source, operations } = printPeak(compiler.machine);
  const library = await compileLibrary(source, compiler, cache);
  const layout = {
    programs: [{ name: 'peak', inputs: [], outputs: [] }],
    stored: [],
    bytes: 64,
    scratch: 0,
    machine: compiler.machine.name,
  };
  const executable = await createNativeExecutable(library, layout, { threads });
  try {
    return await fastest(operations * threads, () => executable.run('peak' as ProgramName, {}));
  } finally {
    await executable.destroy();
  }
}

/** @returns C text whose one program is the loop, and its operations per thread, a multiply-add counted as two */
function printPeak(machine: NativeMachine): { readonly source: string; readonly operations: number } {
  const sums = Math.max(...machine.tiles.map(({ rows, vectors }) => rows * vectors));
  const each = (line: (i: number) => string) => Array.from({ length: sums }, (_, i) => line(i));
  // Operands come from memory, against constant folding; sums are stored, against dead code elimination.
  const peak = [
    'static void peak(struct device *device, int thread, int threads) {',
    '  (void)threads;',
    '  const vec x = splat(device->check[thread]), y = splat(device->check[thread] * 0.5f);',
    ...each((i) => `  vec c${i} = splat(${i}.0f);`),
    `  for (long k = 0; k < ${rounds}; k++) {`,
    ...each((i) => `    c${i} = x * y + c${i};`),
    // hides from the compiler that every iteration is alike
    ...each((i) => `    __asm__ volatile("" : "+${registers[machine.set]}"(c${i}));`),
    '  }',
    `  vec sum = ${each((i) => `c${i}`).join(' + ')};`,
    '  device->check[thread] = sum[0] * 0.0f + device->check[thread];',
    '}',
  ].join('\n');
  const parts = [
    headText(machine),
    threadText,
    peak,
    workText(['peak'], { bytes: 64, scratch: 0, reach: 0 }),
  ];
  return { source: `${parts.join('\n\n')}\n`, operations: 2 * machine.lanes * sums * rounds };
}

/** The inline-assembly constraint for a vector register. */
const registers = { avx512: 'v', avx2: 'x', sse2: 'x', neon: 'w', none: 'm' } as const;
