// The peak rate of an engine here: multiply-adds per second in a loop of independent ones in registers. The reference for kernel timings.
import { compileWasm } from './compile.ts';
import {
  barrierText,
  checkText,
  loneBarrierText,
  loneWorkText,
  partText,
  workText,
} from '../../codegen/wasm/parallel.ts';
import type { ProgramName } from '../../runtime/specification.ts';
import { createWasmExecutable } from '../../runtime/wasm/wasm-executable.ts';
import { reservedBytes, words } from '../../runtime/wasm/words.ts';
import { fastest } from '../profile/time.ts';

/** Enough to hide an instruction's latency, and few enough for the engine's sixteen registers. */
const sums = 12;
const rounds = 400_000;
const lanes = 4;

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

/** Operands come from memory, against constant folding; sums are stored, against dead code elimination. */
function printPeak(fused: boolean, threads: boolean): string {
  const each = (line: (i: number) => string) => Array.from({ length: sums }, (_, i) => `    ${line(i)}`);
  // unfused, the product of two loop-invariant operands would be hoisted
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
