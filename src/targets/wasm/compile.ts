// Compiles AssemblyScript to the bytes of a WebAssembly module. The compiler is loaded at its first use, and results are cached by
// content in the caller's folder.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { tableBase } from '../../runtime/wasm/words.ts';
import { readEntry, writeEntry } from '../entries.ts';

export interface CompileOptions {
  /** Relaxed SIMD's fused multiply-add. */
  readonly fused: boolean;
  /** Shared memory and atomic operations. */
  readonly threads: boolean;
  /** Where compiled modules are kept; absent: nowhere. */
  readonly cache?: string;
}

/**
 * Part of the cache key: changes when the same text compiles to other bytes. A low optimization level suffices: the engine's own compiler
 * does the rest, and higher levels measured no gain.
 */
const recipe = 'assemblyscript 0.28, -O1, 1';

const moduleName = 'module.wasm';

export async function compileWasm(source: string, options: CompileOptions): Promise<Uint8Array> {
  const features = [
    'simd',
    ...(options.fused ? ['relaxed-simd'] : []),
    ...(options.threads ? ['threads'] : []),
  ];
  const key = createHash('sha256')
    .update([recipe, ...features, source].join('\n'))
    .digest('hex');
  const entry = options.cache === undefined ? undefined : join(options.cache, key.slice(0, 40));
  const kept = entry === undefined ? undefined : (await readEntry(entry))?.get(moduleName);
  if (kept) return kept;
  const bytes = await compile(source, features, options.threads);
  if (entry !== undefined) await writeEntry(entry, new Map([[moduleName, bytes]]));
  return bytes;
}

async function compile(source: string, features: readonly string[], threads: boolean): Promise<Uint8Array> {
  const { default: asc } = await import('assemblyscript/asc');
  let bytes: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      ...[
        'module.ts',
        '--outFile',
        'module.wasm',
        '-O1',
        '--noAssert',
        '--runtime',
        'stub',
        '--importMemory',
      ],
      ...['--enable', features.join(',')],
      ...(threads ? ['--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'] : []),
      ...['--memoryBase', String(tableBase)],
    ],
    {
      readFile: (name: string) => (name === 'module.ts' ? source : null),
      writeFile: (name: string, contents: string | Uint8Array) => {
        if (name === 'module.wasm' && typeof contents !== 'string') bytes = contents;
      },
      listFiles: () => [],
    },
  );
  if (error || !bytes)
    throw new Error(`AssemblyScript refused a generated module:\n${stderr.toString()}`, { cause: error });
  return bytes;
}
