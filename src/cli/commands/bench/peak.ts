// The most multiply-adds a second that an engine does here: a loop of independent ones that stay in registers. What kernels are
// measured against.
import { compileWasm } from '../../../codegen/wasm/compile.ts';
import {
  barrierText,
  checkText,
  loneBarrierText,
  loneWorkText,
  partText,
  workText,
} from '../../../codegen/wasm/parallel.ts';
import { openGpu } from '../../../runtime/gpu/open-gpu.ts';
import type { GpuMode } from '../../../runtime/gpu/modes.ts';
import type { ProgramName } from '../../../runtime/specification.ts';
import { createWasmExecutable } from '../../../runtime/wasm/wasm-executable.ts';
import { reservedBytes, words } from '../../../runtime/wasm/words.ts';
import { repeatFor } from './time.ts';

/** Enough to hide an instruction's latency, and few enough for the engine's sixteen registers. */
const sums = 12;
const rounds = 400_000;
const lanes = 4;

/** How long to look for the fastest run, in seconds. */
const search = 0.3;

export interface WasmPeakRequest {
  readonly fused: boolean;
  readonly threads: boolean;
  readonly cache: string;
  /** Threads that run at a time. */
  readonly count: number;
}

/** GFLOP/s, a multiply-add counted as two. */
export async function measureWasmPeak({ fused, threads, cache, count }: WasmPeakRequest): Promise<number> {
  const bytes = await compileWasm(printPeak(fused, threads), { fused, threads, cache });
  const layout = {
    programs: [{ name: 'peak', inputs: [], outputs: [] }],
    stored: [],
    bytes: reservedBytes,
    scratch: 0,
    reach: 0,
    fused,
    threads,
  };
  const executable = await createWasmExecutable(Uint8Array.from(bytes), layout, { threads: count });
  try {
    return await fastest(2 * lanes * sums * rounds * count, () => executable.run('peak' as ProgramName, {}));
  } finally {
    await executable.destroy();
  }
}

/** Operations a second, in thousands of millions, of the quickest run. */
export async function fastest(operations: number, run: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  await repeatFor(search, async () => {
    const from = performance.now();
    await run();
    least = Math.min(least, performance.now() - from);
  });
  return operations / least / 1e6;
}

/** Operands come from memory, so that nothing can be computed beforehand; sums go back there, so that nothing is left out. */
function printPeak(fused: boolean, threads: boolean): string {
  const each = (line: (i: number) => string) => Array.from({ length: sums }, (_, i) => `    ${line(i)}`);
  // unfused, a product of two operands that do not change would be moved out of the loop
  const next = (i: number) =>
    fused ? `f32x4.relaxed_madd(x, y, c${i})` : `f32x4.add(f32x4.mul(c${i}, x), y)`;
  const peak = [
    `export function peak(thread: i32, threads: i32): void {`,
    `  const at: usize = ${words.check} + (<usize>thread << 6);`,
    '  const x = v128.load(at);',
    '  const y = v128.load(at, 16);',
    ...each((i) => `let c${i} = v128.load(at, ${16 * (i % 4)});`),
    `  for (let k = 0; k < ${rounds}; k++) {`,
    ...each((i) => `  c${i} = ${next(i)};`),
    '  }',
    ...each((i) => (i === 0 ? 'let sum = c0;' : `sum = f32x4.add(sum, c${i});`)),
    '  v128.store(at, sum);',
    '}',
  ].join('\n');
  const barrier = threads ? barrierText : loneBarrierText;
  const work = threads ? workText(['peak']) : loneWorkText(['peak']);
  return `${[partText, barrier, peak, checkText(fused), work].join('\n\n')}\n`;
}

const gpuRounds = 512;
const gpuSource = `function peak(values) {
  const x = values[0];
  const y = values[1];
  let a = this.thread.x;
  let b = values[0];
  let c = values[1];
  let d = values[2];
  for (let k = 0; k < ${gpuRounds}; k++) {
    a = a * x + y;
    b = b * x + y;
    c = c * x + y;
    d = d * x + y;
  }
  return a + b + c + d;
}`;

/** As above, in a mode of gpu.js; by default in the one that a model would take. */
export async function measureGpuPeak(mode: GpuMode | undefined): Promise<number> {
  const device = await openGpu(mode);
  try {
    const values = await device.upload('peak', Float32Array.of(0.5, 0.25, 1));
    const run = async (elements: number) => {
      const from = performance.now();
      await device.read(await device.runSource(gpuSource, elements, [values]));
      return performance.now() - from;
    };
    // until there is enough to do that starting a kernel no longer counts
    let elements = 1024;
    await run(elements);
    while (elements < 2 ** 20 && (await run(elements)) < 20) elements *= 2;
    return await fastest(2 * 4 * gpuRounds * elements, () => run(elements));
  } finally {
    await device.destroy();
  }
}
