// `nnc fmt` for each file. A file with errors is left unchanged and its errors are shown; the others are still formatted.
import { realpath } from 'node:fs/promises';
import { relative, isAbsolute } from 'node:path';
import { DiagnosticError } from '../../../diagnostics/diagnostic.ts';
import { printable } from '../../../diagnostics/printable.ts';
import { renderDiagnostics } from '../../../diagnostics/render.ts';
import { format } from '../../../parser/format.ts';
import { exitCodes } from '../../failure.ts';
import { readSource } from '../../locate.ts';
import type { Streams } from '../../streams.ts';
import { writeWhole } from '../../write-products.ts';

export interface FormatOptions {
  readonly check: boolean;
  /** Whether the user named the files. Others are not followed through links out of the folder. */
  readonly named: boolean;
}

export async function formatFiles(
  paths: readonly string[],
  options: FormatOptions,
  streams: Streams,
): Promise<number> {
  let failed = false;
  for (const path of paths) {
    const source = await readSource(path);
    const shown = printable(source.path);
    const formatted = tryFormat(source, streams);
    if (formatted === source.text) continue;
    if (formatted === undefined || options.check) {
      failed = true;
      if (formatted !== undefined) streams.result(`${shown} is laid out otherwise`);
      continue;
    }
    const place = await realpath(path);
    if (!options.named && !isInside(await realpath('.'), place)) {
      streams.note(`${shown} is a link out of this folder, and stays as it is`);
      failed = true;
      continue;
    }
    await writeWhole(place, Buffer.from(formatted));
    streams.result(`${shown} laid out`);
  }
  return failed ? exitCodes.badInput : exitCodes.done;
}

function tryFormat(source: Parameters<typeof format>[0], streams: Streams): string | undefined {
  try {
    return format(source);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    streams.note(`${renderDiagnostics(error.diagnostics, { color: streams.color })}\n`);
    return undefined;
  }
}

function isInside(folder: string, path: string): boolean {
  const below = relative(folder, path);
  return !below.startsWith('..') && !isAbsolute(below);
}
