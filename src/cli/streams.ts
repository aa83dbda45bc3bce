// A command's output: results to `result` (stdout), everything else to `note` (stderr). Output errors (a closed pipe, a full disk, a lost
// terminal) never end the work: a training run without a reader still saves its checkpoint.

import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';

export interface Streams {
  /** Writes one line, or several, to stdout; the line's end is added. */
  result(text: string): void;
  /** The same, to stderr. */
  note(text: string): void;
  /** Writes to stderr unchanged: control sequences of a progress bar. */
  raw(text: string): void;
  /** stderr's terminal, with its width, if it is one. */
  readonly terminal: { readonly columns: number } | undefined;
  /** Whether stderr supports colors. */
  readonly color: boolean;
}

export interface ProcessStreams extends Streams {
  /**
   * Flushes, and returns the error of a result that could not be written; undefined if all were written, or the reader closed the pipe.
   * Errors of stderr are ignored.
   */
  close(): Promise<NodeJS.ErrnoException | undefined>;
}

export function processStreams(): ProcessStreams {
  const { stdout, stderr, env } = process;
  let failure: NodeJS.ErrnoException | undefined;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') failure ??= error;
  });
  stderr.on('error', () => undefined);
  const wantsColor = env['FORCE_COLOR']
    ? env['FORCE_COLOR'] !== '0'
    : stderr.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return {
    result: (text) => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    raw: (text) => void stderr.write(text),
    get terminal() {
      return stderr.isTTY && env['TERM'] !== 'dumb' ? { columns: stderr.columns || 80 } : undefined;
    },
    color: wantsColor,
    async close() {
      // a write's error is emitted before the callback of a later write
      await Promise.all([stdout, stderr].map((stream) => new Promise((done) => stream.write('', done))));
      await new Promise((done) => setImmediate(done));
      return failure;
    },
  };
}

/**
 * At exit Node restores the modes of the terminals that it started with, and crashes on a lost one: it does not expect EIO there, but
 * skips closed ones.
 */
export function releaseLostTerminals(): void {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  process.on('exit', () => {
    for (const descriptor of terminals) if (!isatty(descriptor)) closeSync(descriptor);
  });
}
