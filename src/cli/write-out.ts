// Writes a command's result to the file of --out, and reports it; without --out a text goes to stdout.
import { dirname } from 'node:path';
import { makeFolder } from '../driver/make-folder.ts';
import { printable } from '../diagnostics/printable.ts';
import type { Streams } from './streams.ts';
import { writeWhole } from './write-products.ts';

/** @param links replace: for a place that the user did not name */
export async function writeOut(
  path: string,
  content: string | Uint8Array,
  streams: Streams,
  links: 'follow' | 'replace' = 'follow',
): Promise<void> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  await makeFolder(dirname(path));
  await writeWhole(path, bytes, links);
  streams.note(`wrote ${printable(path)} (${bytes.length} bytes)`);
}

export async function writeText(out: string | undefined, text: string, streams: Streams): Promise<void> {
  if (out === undefined) streams.result(text.replace(/\n$/, ''));
  else await writeOut(out, text.endsWith('\n') ? text : `${text}\n`, streams);
}
