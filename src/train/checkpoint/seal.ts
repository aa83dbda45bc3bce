// The seal of a checkpoint: the file's length and the SHA-256 of its contents, at a fixed offset near the start of its header, as the
// first two entries of the safetensors metadata. The checksum is computed with its own bytes as zeros, so that it covers every other
// byte.
import { createHash } from 'node:crypto';

const lengthDigits = 16;
const checksumDigits = 64;
const before = '{"__metadata__":{"bytes":"';
const between = '","sha256":"';
const after = '"';
/** The header follows its own length, of 8 bytes. */
const lengthAt = 8 + before.length;
const checksumAt = lengthAt + lengthDigits + between.length;
const sealEnd = checksumAt + checksumDigits + after.length;

/** The first metadata entries, to be filled in by `seal`. */
export function emptySeal(): readonly (readonly [string, string])[] {
  return [
    ['bytes', '0'.repeat(lengthDigits)],
    ['sha256', '0'.repeat(checksumDigits)],
  ];
}

/** Bytes read, hashed or written at once. (Neither hashes nor files take more than 2 GiB at once.) */
export const pieceBytes = 8 * 2 ** 20;

/** Splits bytes into pieces, in order. */
export function* piecesOf(bytes: Uint8Array, size = pieceBytes): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Seals a file that is written piece by piece: the checksum is computed along the way and filled in at the end. */
export class Sealer {
  private readonly hash = createHash('sha256');

  /**
   * @param head the first piece, with an empty seal; the file's length is filled in
   * @param length of the file, in bytes
   */
  constructor(head: Uint8Array, length: number) {
    if (fixedParts(head) !== undefined) throw new Error('the file does not begin with an empty seal');
    head.set(new TextEncoder().encode(String(length).padStart(lengthDigits, '0')), lengthAt);
    this.add(head);
  }

  /** The next piece, in the order of the file. */
  add(bytes: Uint8Array): void {
    for (const piece of piecesOf(bytes)) this.hash.update(piece);
  }

  /** The checksum and its offset in the file. */
  finish(): { readonly checksum: Uint8Array; readonly position: number } {
    return { checksum: new TextEncoder().encode(this.hash.digest('hex')), position: checksumAt };
  }
}

export type SealFault =
  | { readonly kind: 'invalid'; readonly reason: string }
  | { readonly kind: 'truncated'; readonly found: number; readonly expected: string | number }
  | { readonly kind: 'damaged' };

/** A file or bytes with random access. */
export interface ByteSource {
  /** In bytes. */
  readonly length: number;
  /** The bytes from `position` on, in a new array. @throws where there are fewer */
  read(position: number, length: number): Promise<Uint8Array>;
}

export function sourceOfBytes(bytes: Uint8Array): ByteSource {
  return {
    length: bytes.length,
    read: (position, length) => Promise.resolve(Uint8Array.from(bytes.subarray(position, position + length))),
  };
}

/** The fault of a file's seal, or undefined. */
export async function checkSeal(file: ByteSource): Promise<SealFault | undefined> {
  const { length } = file;
  const head = await file.read(0, Math.min(length, sealEnd));
  const reason = fixedParts(head);
  if (reason !== undefined) return { kind: 'invalid', reason };
  if (length < sealEnd) return { kind: 'truncated', found: length, expected: `at least ${sealEnd}` };
  const declared = textAt(head, lengthAt, lengthDigits);
  if (!/^\d+$/.test(declared)) return { kind: 'damaged' };
  const expected = Number(declared);
  if (length < expected) return { kind: 'truncated', found: length, expected };
  const intact = length === expected && textAt(head, checksumAt, checksumDigits) === (await checksumOf(file));
  return intact ? undefined : { kind: 'damaged' };
}

/** Describes why a file, possibly truncated, does not start like a sealed one. */
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

async function checksumOf(file: ByteSource): Promise<string> {
  const hash = createHash('sha256');
  const behind = checksumAt + checksumDigits;
  hash.update(await file.read(0, checksumAt)).update('0'.repeat(checksumDigits));
  for (let at = behind; at < file.length; at += pieceBytes)
    hash.update(await file.read(at, Math.min(pieceBytes, file.length - at)));
  return hash.digest('hex');
}
