// The files of a tar archive (POSIX ustar), by name. Every size is checked against the archive's real length.

/** What is wrong with an archive. */
export class TarError extends Error {
  override name = 'TarError';
}

const block = 512;

/** @throws TarError */
export function tarFiles(archive: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let at = 0;
  while (at + block <= archive.length) {
    const header = archive.subarray(at, at + block);
    if (header.every((byte) => byte === 0)) return files;
    const size = octal(header.subarray(124, 136));
    const kind = header[156] ?? 0;
    if (octal(header.subarray(148, 156)) !== checksum(header)) throw new TarError('a header is damaged');
    const start = at + block;
    if (start + size > archive.length) throw new TarError('it ends within a file');
    // a plain file: '0', or NUL in old archives
    if (kind === 0x30 || kind === 0)
      files.set(text(header.subarray(0, 100)), archive.subarray(start, start + size));
    at = start + block * Math.ceil(size / block);
  }
  throw new TarError('it has no end');
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function octal(bytes: Uint8Array): number {
  const digits = text(bytes).trim();
  if (!/^[0-7]{1,12}$/.test(digits)) throw new TarError('a header is damaged');
  return parseInt(digits, 8);
}

/** The sum of all header bytes, with those of the checksum itself as spaces. */
function checksum(header: Uint8Array): number {
  return header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 32 : byte), 0);
}
