// Where a command writes: results to `result` (stdout), everything else to `note` (stderr). Output that cannot be written (a closed pipe,
// a full disk, a terminal that is gone) never ends the work: a training run whose reader has gone still saves its checkpoint.

import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';

export interface Streams {
  /** Writes one line, or several, to stdout; the line's end is added. */
  result(text: string): void;
  /** The same, to stderr. */
  note(text: string): void;
  /** Writes to stderr unchanged: cursor movements of a progress bar. */
  raw(text: string): void;
  /** Whether stderr is a terminal, and how wide. */
  readonly terminal: { readonly columns: number } | undefined;
  /** Whether stderr takes colors. */
  readonly color: boolean;
}

export interface ProcessStreams extends Streams {
  /**
   * Why a result could not be written, once everything was handed over; undefined where all were, or whoever reads them has enough. What
   * stderr loses is not counted.
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
      // an error is told before the callback of a later write
      await Promise.all([stdout, stderr].map((stream) => new Promise((done) => stream.write('', done))));
      await new Promise((done) => setImmediate(done));
      return failure;
    },
  };
}

/**
 * At its end Node gives the terminals that it began with their modes back, and crashes where one is gone: it expects no EIO there, but
 * passes over what is closed.
 */
export function releaseLostTerminals(): void {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  process.on('exit', () => {
    for (const descriptor of terminals) if (!isatty(descriptor)) closeSync(descriptor);
  });
}
