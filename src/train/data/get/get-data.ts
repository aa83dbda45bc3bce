// Downloads a published data set, verifies it and stores it where its data source looks. Files are written atomically: to a temporary
// file, renamed once its digest is verified.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { makeFolder } from '../../../driver/make-folder.ts';
import { fail } from '../../../diagnostics/diagnostic.ts';
import { suggest } from '../../../diagnostics/suggest.ts';
import { systemFiles, writeWhole } from '../../checkpoint/files.ts';
import { download, type DownloadOptions } from './download.ts';
import {
  publishedSets,
  type ContentFile,
  type Digest,
  type PublishedFile,
  type PublishedSet,
} from './published.ts';
import { TarError, tarFiles } from './tar.ts';

export interface GetOptions extends Pick<DownloadOptions, 'signal' | 'patience'> {
  /** The parent of the data set's folder. */
  readonly root: string;
  progress?(file: string, received: number, total: number | undefined): void;
}

export interface GotData {
  readonly folder: string;
  /** Files downloaded now, and those already present. */
  readonly written: readonly string[];
  readonly kept: readonly string[];
}

/** @throws DiagnosticError for an unknown name, a failed download, and content other than published */
export async function getData(
  name: string,
  options: GetOptions,
  sets: readonly PublishedSet[] = publishedSets,
): Promise<GotData> {
  const set = sets.find((found) => found.name === name);
  if (!set) {
    const known = sets.map((found) => found.name);
    const meant = suggest(name, known);
    const help = meant === undefined ? `There are ${known.join(', ')}.` : `Did you mean \`${meant}\`?`;
    return fail('data.unpublished', undefined, { name, help });
  }
  const folder = join(options.root, set.folder);
  const written: string[] = [];
  const kept: string[] = [];
  for (const file of set.files) {
    const names = file.contents.map((content) => content.name);
    if (await areThere(folder, file.contents)) {
      kept.push(...names);
      continue;
    }
    const contents = await fetchFile(file, options);
    await makeFolder(folder);
    for (const [content, bytes] of contents) await writeWhole(join(folder, content), bytes, systemFiles);
    written.push(...names);
  }
  return { folder, written, kept };
}

/** Whether all files exist with their size and, if known, their digest. */
async function areThere(folder: string, contents: readonly ContentFile[]): Promise<boolean> {
  for (const { name, size, digest } of contents) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile() || found.size !== size) return false;
    if (digest && digestOf(await readFile(path), digest) !== digest.value) return false;
  }
  return true;
}

async function fetchFile(file: PublishedFile, options: GetOptions): Promise<ReadonlyMap<string, Uint8Array>> {
  const { url, most, digest, form, contents } = file;
  const wrong = (reason: string): never => fail('data.download', undefined, { url, reason });
  const packed = await download(url, {
    most,
    ...(options.signal && { signal: options.signal }),
    ...(options.patience !== undefined && { patience: options.patience }),
    progress: (received, total) => options.progress?.(url, received, total),
  });
  checkDigest(packed, digest, 'it', wrong);
  const size = contents.reduce((sum, content) => sum + content.size, 0);
  // an archive also contains headers and files that are not kept
  const bytes = await unpack(packed, form === 'gzip' ? size : size + 2 ** 20, wrong);
  const found =
    form === 'gzip' ? new Map([[contents[0]?.name ?? '', bytes]]) : membersOf(bytes, contents, wrong);
  for (const content of contents) {
    const own = found.get(content.name);
    if (!own) return wrong(`the archive has no ${content.name}`);
    if (own.length !== content.size) wrong(`${content.name} has ${own.length} bytes, not ${content.size}`);
    checkDigest(own, content.digest, content.name, wrong);
  }
  return found;
}

async function unpack(
  packed: Uint8Array,
  most: number,
  wrong: (reason: string) => never,
): Promise<Uint8Array> {
  try {
    const bytes = await promisify(gunzip)(packed, { maxOutputLength: most, chunkSize: 2 ** 20 });
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  } catch (error) {
    return wrong(`it cannot be unpacked: ${error instanceof Error ? error.message : ''}`);
  }
}

/** By the names of the files kept; the archive's other members are ignored. */
function membersOf(
  archive: Uint8Array,
  contents: readonly ContentFile[],
  wrong: (reason: string) => never,
): ReadonlyMap<string, Uint8Array> {
  try {
    const members = [...tarFiles(archive)];
    return new Map(
      contents.flatMap(({ name }) => {
        const member = members.find(([path]) => path === name || path.endsWith(`/${name}`));
        return member ? [[name, member[1]] as const] : [];
      }),
    );
  } catch (error) {
    if (error instanceof TarError) return wrong(`it is no tar archive: ${error.message}`);
    throw error;
  }
}

function checkDigest(
  bytes: Uint8Array,
  digest: Digest | undefined,
  what: string,
  wrong: (reason: string) => never,
): void {
  if (!digest) return;
  const found = digestOf(bytes, digest);
  if (found !== digest.value)
    wrong(`${what} is not what was published: its ${digest.algorithm} is ${found}, not ${digest.value}`);
}

function digestOf(bytes: Uint8Array, { algorithm }: Digest): string {
  return createHash(algorithm).update(bytes).digest('hex');
}
