// Where a command writes: results to `result` (stdout), everything else to `note` (stderr). A closed pipe ends the output,
// not the work: a training run whose reader has gone still saves its checkpoint.

export interface Streams {
  /** Writes one line, or several, to stdout; the line's end is added. */
  result(text: string): void;
  /** The same, to stderr. */
  note(text: string): void;
  /** Writes to stderr as it stands: cursor movements of a progress bar. */
  raw(text: string): void;
  /** Whether stderr is a terminal, and how wide. */
  readonly terminal: { readonly columns: number } | undefined;
  /** Whether stderr takes colors. */
  readonly color: boolean;
}

export function processStreams(): Streams {
  const { stdout, stderr, env } = process;
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
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
  };
}
