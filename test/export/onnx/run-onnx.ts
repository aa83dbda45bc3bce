// Runs an exported model in ONNX Runtime, and compares numbers as the tests of whole models do.
import * as ort from 'onnxruntime-node';
import { expect } from 'vitest';
import type { Tensor } from '../../ops/tensors.ts';

export type Given = ReadonlyMap<string, Tensor & { readonly whole?: boolean }>;

export async function runOnnx(bytes: Uint8Array, given: Given): Promise<Map<string, Tensor>> {
  const feeds = new Map(
    [...given].map(([name, { shape, data, whole }]) => [
      name,
      whole
        ? new ort.Tensor(
            'int64',
            BigInt64Array.from(data, (value) => BigInt(value)),
            shape,
          )
        : new ort.Tensor('float32', Float32Array.from(data), shape),
    ]),
  );
  return runTensors(bytes, feeds);
}

/** As `runOnnx`, for inputs of any type. */
export async function runTensors(
  bytes: Uint8Array,
  feeds: ReadonlyMap<string, ort.Tensor>,
): Promise<Map<string, Tensor>> {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 1 });
  try {
    const results = await session.run(Object.fromEntries(feeds));
    return new Map(
      Object.entries(results).map(([name, { dims, data }]) => [
        name,
        { shape: [...dims], data: Array.from(data as Float32Array | Float64Array) },
      ]),
    );
  } finally {
    await session.release();
  }
}

export function expectClose(
  found: readonly number[],
  wanted: ArrayLike<number>,
  relative = 1e-4,
  absolute = 1e-5,
): void {
  expect(found).toHaveLength(wanted.length);
  found.forEach((value, i) => {
    const expected = wanted[i] ?? NaN;
    const close =
      Object.is(value, expected) || Math.abs(value - expected) <= absolute + relative * Math.abs(expected);
    expect(close, `element ${i} is ${value}, not ${expected}`).toBe(true);
  });
}
