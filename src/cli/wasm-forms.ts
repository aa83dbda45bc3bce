// Which forms of the wasm target are compiled.
import type { WasmForm } from '../codegen/wasm/products.ts';

/** The best form for this kind of engine, and one that runs everywhere. */
export const portableForms: readonly WasmForm[] = ['fused', 'single'];

/** The form of the wasm target that runs best on this machine. */
export async function formsHere(deterministic: boolean): Promise<readonly WasmForm[]> {
  const { relaxedSimd } = await import('../runtime/wasm/features.ts');
  return [!deterministic && (await relaxedSimd()) ? 'fused' : 'plain'];
}
