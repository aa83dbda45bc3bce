// Feature detection by validating a tiny module, never by the engine's name. Node 20 has relaxed SIMD behind a flag that can be set at
// run time, before the first module that uses it.
import { nodeModule } from './host.ts';

/** (func (result v128) relaxed_madd of three zero vectors) */
const relaxedProbe = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0],
  ...[65, 0, 253, 17, 65, 0, 253, 17, 65, 0, 253, 17, 253, 133, 2, 11],
);

let relaxed: Promise<boolean> | undefined;

/** Whether fused multiply-adds are available; enables them if that takes a flag. */
export function relaxedSimd(): Promise<boolean> {
  relaxed ??= probe();
  return relaxed;
}

async function probe(): Promise<boolean> {
  if (WebAssembly.validate(relaxedProbe)) return true;
  const v8 = await nodeModule<typeof import('node:v8')>('v8');
  if (!v8) return false;
  v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(relaxedProbe);
}

/** Whether threads can share memory: not in a page without cross-origin isolation. */
export function sharedMemory(): boolean {
  if (typeof SharedArrayBuffer === 'undefined') return false;
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated;
  return isolated !== false;
}
