// CIFAR-10's standard binary form: records of one label byte and 3 × 32 × 32 bytes, red, green and blue planes row by row.
import { fail } from '../../../diagnostics/diagnostic.ts';

export const cifarShape = [3, 32, 32] as const;
const pixels = 3 * 32 * 32;
const record = 1 + pixels;

export interface CifarRecords {
  readonly labels: Uint8Array;
  /** All images in sequence. */
  readonly images: Uint8Array;
}

/** Concatenates the records of several files. Labels are not checked here. */
export function parseCifar(
  files: readonly { readonly bytes: Uint8Array; readonly path: string }[],
): CifarRecords {
  for (const { bytes, path } of files) {
    if (bytes.length > 0 && bytes.length % record === 0) continue;
    const reason = `its ${bytes.length} bytes are no whole number of records of ${record}`;
    fail('data.malformed', undefined, { path, format: 'CIFAR-10 records', reason });
  }
  const count = files.reduce((total, { bytes }) => total + bytes.length / record, 0);
  const labels = new Uint8Array(count);
  const images = new Uint8Array(count * pixels);
  let example = 0;
  for (const { bytes } of files) {
    for (let start = 0; start < bytes.length; start += record) {
      labels[example] = bytes[start] ?? 0;
      images.set(bytes.subarray(start + 1, start + record), example * pixels);
      example++;
    }
  }
  return { labels, images };
}
