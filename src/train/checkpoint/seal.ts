// The seal of a checkpoint: the file's length and the SHA-256 of its contents, at a fixed place at the beginning of its header,
// as the first two entries of the safetensors metadata. The checksum is taken over the file with the checksum itself as zeros,
// so that it covers every other byte.
import { createHash } from 'node:crypto';

const lengthDigits = 16;
const checksumDigits = 64;
const before = '{"__metadata__":{"bytes":"';
const between = '","sha256":"';
const after = '"';
/** The header begins behind its own length, of 8 bytes. */
const lengthAt = 8 + before.length;
const checksumAt = lengthAt + lengthDigits + between.length;
const sealEnd = checksumAt + checksumDigits + after.length;

/** The metadata entries to put first, to be filled in by `seal`. */
export function emptySeal(): readonly (readonly [string, string])[] {
  return [
    ['bytes', '0'.repeat(lengthDigits)],
    ['sha256', '0'.repeat(checksumDigits)],
  ];
}

/** Fills in the empty seal of a file, in place. */
export function seal(file: Uint8Array): Uint8Array {
  const encoder = new TextEncoder();
  if (fixedParts(file) !== undefined) throw new Error('the file does not begin with an empty seal');
  file.set(encoder.encode(String(file.length).padStart(lengthDigits, '0')), lengthAt);
  file.set(encoder.encode(checksumOf(file)), checksumAt);
  return file;
}

export type SealFault =
  | { readonly kind: 'invalid'; readonly reason: string }
  | { readonly kind: 'truncated'; readonly found: number; readonly expected: string | number }
  | { readonly kind: 'damaged' };

/** What is wrong with a file, or nothing. */
export function checkSeal(file: Uint8Array): SealFault | undefined {
  const reason = fixedParts(file);
  if (reason !== undefined) return { kind: 'invalid', reason };
  if (file.length < sealEnd)
    return { kind: 'truncated', found: file.length, expected: `at least ${sealEnd}` };
  const declared = textAt(file, lengthAt, lengthDigits);
  if (!/^\d+$/.test(declared)) return { kind: 'damaged' };
  const expected = Number(declared);
  if (file.length < expected) return { kind: 'truncated', found: file.length, expected };
  const intact = file.length === expected && textAt(file, checksumAt, checksumDigits) === checksumOf(file);
  return intact ? undefined : { kind: 'damaged' };
}

/** Says why the file, as far as it goes, does not begin as a sealed one does. */
function fixedParts(file: Uint8Array): string | undefined {
  if (file.length === 0) return 'it is empty';
  const parts = [
    [8, before],
    [lengthAt + lengthDigits, between],
    [checksumAt + checksumDigits, after],
  ] as const;
  for (const [at, part] of parts) {
    if (!part.startsWith(textAt(file, at, part.length))) return 'it does not begin as a checkpoint does';
  }
  return undefined;
}

function textAt(file: Uint8Array, at: number, length: number): string {
  return Buffer.from(file.buffer, file.byteOffset, file.length).toString(
    'latin1',
    Math.min(at, file.length),
    at + length,
  );
}

function checksumOf(file: Uint8Array): string {
  return createHash('sha256')
    .update(file.subarray(0, checksumAt))
    .update('0'.repeat(checksumDigits))
    .update(file.subarray(checksumAt + checksumDigits))
    .digest('hex');
}
