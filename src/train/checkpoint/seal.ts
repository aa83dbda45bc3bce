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

/** Bytes that are read, hashed or written at a time. (No hash takes more than 2 GiB at once, and no file gives more.) */
export const pieceBytes = 8 * 2 ** 20;

/** The pieces of some bytes, in order. */
export function* piecesOf(bytes: Uint8Array, size = pieceBytes): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Seals a file that is written piece by piece: the checksum is known, and filled in, when all is written. */
export class Sealer {
  private readonly hash = createHash('sha256');

  /**
   * @param head the first piece, with an empty seal, into which the file's length is filled
   * @param length of the whole file, in bytes
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

  /** The checksum, and where in the file it goes. */
  finish(): { readonly checksum: Uint8Array; readonly position: number } {
    return { checksum: new TextEncoder().encode(this.hash.digest('hex')), position: checksumAt };
  }
}

export type SealFault =
  | { readonly kind: 'invalid'; readonly reason: string }
  | { readonly kind: 'truncated'; readonly found: number; readonly expected: string | number }
  | { readonly kind: 'damaged' };

/** What can be read at any place, a file or bytes. */
export interface ByteSource {
  /** In bytes. */
  readonly length: number;
  /** The bytes from `position` on; in an array of their own. @throws where there are fewer */
  read(position: number, length: number): Promise<Uint8Array>;
}

export function sourceOfBytes(bytes: Uint8Array): ByteSource {
  return {
    length: bytes.length,
    read: (position, length) => Promise.resolve(Uint8Array.from(bytes.subarray(position, position + length))),
  };
}

/** What is wrong with a file, or nothing. */
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

async function checksumOf(file: ByteSource): Promise<string> {
  const hash = createHash('sha256');
  const behind = checksumAt + checksumDigits;
  hash.update(await file.read(0, checksumAt)).update('0'.repeat(checksumDigits));
  for (let at = behind; at < file.length; at += pieceBytes)
    hash.update(await file.read(at, Math.min(pieceBytes, file.length - at)));
  return hash.digest('hex');
}
