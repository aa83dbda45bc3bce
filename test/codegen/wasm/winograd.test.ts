// Convolutions and their gradients by Winograd's filtering, beside the interpreter: forced where the schedule would stay direct, so
// that small shapes meet every edge.
import { beforeAll, describe, test } from 'vitest';
import { wasmFused, wasmPlain, type Machine } from '../../../src/kernel/machine.ts';
import { relaxedSimd } from '../../../src/runtime/wasm/features.ts';
import { cases, compare, expectFiltered } from '../winograd-cases.ts';
import { compilePrograms, type WasmPrograms } from './run-wasm.ts';

describe.each([
  ['plain', 2],
  ['plain', 4],
  ['fused', 2],
  ['fused', 4],
] as const)('%s, tiles of %i', (form, tile) => {
  let wasm: WasmPrograms;
  beforeAll(async () => {
    const usual = form === 'fused' && (await relaxedSimd()) ? wasmFused : wasmPlain;
    const machine: Machine = { ...usual, filtering: { tiles: [tile], share: Infinity } };
    wasm = await compilePrograms(
      cases.map(({ program }) => program),
      machine,
    );
  }, 120_000);

  test('is what was computed with', () => expectFiltered(wasm.source, cases.length));

  test.each(cases)('$title', (each) => compare(wasm, each));
});
