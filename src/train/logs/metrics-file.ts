// The file metrics.jsonl. Lines are appended in order, buffered, so that training never waits for the disk; the file of an earlier part
// of the run is first truncated to where the run resumes, so that no step occurs twice.
import { open, readFile, stat, type FileHandle } from 'node:fs/promises';
import { systemFiles, writeWhole } from '../checkpoint/files.ts';
import { parseLine, showLine, type MetricLine } from './metric-lines.ts';

export const metricsName = 'metrics.jsonl';

/** Maximum milliseconds that a line is buffered. */
const flushEvery = 250;

/** Maximum bytes of a file that is read: a run writes some 5,000 lines. */
const largest = 64 * 2 ** 20;

/** A run's lines, and the number of invalid ones. */
export interface MetricsRead {
  readonly lines: readonly MetricLine[];
  readonly damaged: number;
}

/** @returns no lines if there is no file; `undefined` if it is too large for a run's */
export async function readMetrics(path: string): Promise<MetricsRead | undefined> {
  try {
    if ((await stat(path)).size > largest) return undefined;
    return parseMetrics(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { lines: [], damaged: 0 };
  }
}

/** Lines with a smaller step than an earlier line are dropped: a file contains one run, in order. */
export function parseMetrics(text: string): MetricsRead {
  const lines: MetricLine[] = [];
  let damaged = 0;
  let step = 0;
  for (const entry of text.split('\n')) {
    if (entry === '') continue;
    const line = parseLine(entry);
    if (line && line.step >= step) {
      lines.push(line);
      step = line.step;
    } else damaged++;
  }
  return { lines, damaged };
}

/** Removes steps after `step`, the test, and an incomplete last line from the file. */
async function cutBack(path: string, step: number): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return '';
  });
  if (text === '') return;
  const kept = parseMetrics(text).lines.filter((line) => line.step <= step && line.kind !== 'test');
  await writeWhole(path, Buffer.from(kept.map(showLine).join('')), systemFiles);
}

export class MetricsFile {
  #waiting = '';
  #timer: NodeJS.Timeout | undefined;
  /** The writes queued so far; rejected once one failed. */
  #written: Promise<void> = Promise.resolve();

  private constructor(private readonly file: FileHandle) {}

  /**
   * @param from the step at which the run resumes: later steps in the file are replaced
   * @throws a system error when the file cannot be written
   */
  static async open(path: string, from: number): Promise<MetricsFile> {
    await cutBack(path, from);
    return new MetricsFile(await open(path, 'a'));
  }

  write(line: MetricLine): void {
    this.#waiting += showLine(line);
    this.#timer ??= setTimeout(() => this.flush(), flushEvery).unref();
  }

  /** Queues everything for writing, without waiting. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#waiting;
    this.#waiting = '';
    this.#written = this.#written.then(() => this.file.appendFile(text));
    // the error is reported by `close`, not as an unhandled rejection during training
    this.#written.catch(() => undefined);
  }

  /** @throws the system error of a line that could not be written */
  async close(): Promise<void> {
    this.flush();
    try {
      await this.#written;
      await this.file.sync();
    } finally {
      await this.file.close();
    }
  }
}
