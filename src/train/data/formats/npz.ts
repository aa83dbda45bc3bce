// An array in NumPy's .npz archive: a ZIP archive of .npy files.
import { checkNpyStart, npyHeaderBytes, parseNpy } from './npy.ts';
import type { DataArray } from '../prepare/raw-data.ts';
import { unzip, type ZipEntry } from './zip.ts';

/**
 * @param path of the archive, for messages
 * @throws ZipError
 * @throws DiagnosticError
 */
export async function readNpzEntry(archive: Uint8Array, entry: ZipEntry, path: string): Promise<DataArray> {
  const shown = `${path}, ${entry.name}`;
  const contents = await unzip(archive, entry, {
    bytes: npyHeaderBytes,
    check: (start, length) => checkNpyStart(start, length, shown),
  });
  return parseNpy(contents, shown);
}
