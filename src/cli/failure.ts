// The errors that end a command: exit code and message for each kind. A stack trace is shown only for bugs of the compiler, and only on
// request.
import { DiagnosticError } from '../diagnostics/diagnostic.ts';
import { printable } from '../diagnostics/printable.ts';
import { ModelError } from '../runtime/model-error.ts';
import type { Streams } from './streams.ts';

export const exitCodes = {
  done: 0,
  internal: 1,
  badInput: 2,
  diverged: 3,
  inputOutput: 74,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

/** An error with its own exit code and message. */
export class CommandFailure extends Error {
  constructor(
    readonly exitCode: number,
    message: string,
    readonly help?: string,
  ) {
    super(message);
    this.name = 'CommandFailure';
  }
}

/** Errors of the runtime caused by the user's options: a seed out of range, an unavailable mode of gpu.js. */
const userErrors: ReadonlySet<string> = new Set(['ModelInputError', 'GpuModeError']);

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

const systemReasons = new Map([
  ['ENOENT', 'there is no such file or folder'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'not permitted'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of the path is not a folder'],
  ['EEXIST', 'it exists already'],
  ['ENOSPC', 'no space is left on the device'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EROFS', 'the file system is read-only'],
  ['EIO', 'the device reports an input/output error'],
  ['EMFILE', 'too many files are open'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['ELOOP', 'too many symbolic links'],
  ['EPIPE', 'its reader has ended'],
  ['ESPIPE', 'it is a pipe or a device, and this takes a file'],
]);

/** Reports an error on stderr and returns the exit code. */
export async function report(error: unknown, streams: Streams): Promise<number> {
  if (error instanceof DiagnosticError) {
    const { renderDiagnostic } = await import('../diagnostics/render.ts');
    for (const found of error.diagnostics) streams.note(renderDiagnostic(found, { color: streams.color }));
    const errors = error.diagnostics.filter((found) => found.severity === 'error').length;
    if (errors > 1) streams.note(`${errors} errors`);
    return exitCodes.badInput;
  }
  if (error instanceof CommandFailure) {
    streams.note(headline('error', error.message, streams.color));
    if (error.help) streams.note(`  help: ${error.help}`);
    return error.exitCode;
  }
  if (error instanceof ModelError && userErrors.has(error.name)) {
    streams.note(headline('error', printable(error.message), streams.color));
    return exitCodes.badInput;
  }
  if (isSystemError(error)) {
    const reason = systemReasons.get(error.code ?? '') ?? error.message;
    const doing = `${error.syscall ?? 'use'} ${printable(error.path ?? 'the output')}`;
    streams.note(
      headline('error', `could not ${doing}: ${reason} (${error.code ?? 'unknown'})`, streams.color),
    );
    return exitCodes.inputOutput;
  }
  const message = error instanceof Error ? error.message : String(error);
  streams.note(headline('internal error', message, streams.color));
  if (process.env['NNC_DEBUG']) streams.note(error instanceof Error ? (error.stack ?? '') : '');
  else
    streams.note('  help: This is a fault of nnc, not of your input. NNC_DEBUG=1 shows where it happened.');
  return exitCodes.internal;
}

function headline(kind: string, message: string, color: boolean): string {
  return color ? `\u001b[1;31m${kind}\u001b[0m\u001b[1m: ${message}\u001b[0m` : `${kind}: ${message}`;
}
