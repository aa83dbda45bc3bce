// metrics.jsonl as a file. Lines are appended in their order, many at a time, so that training never waits for the disk; a file that
// an earlier part of the run left is first cut back to where the run goes on, so that no step stands there twice.
import { open, readFile, stat, type FileHandle } from 'node:fs/promises';
import { systemFiles, writeWhole } from '../checkpoint/files.ts';
import { parseLine, showLine, type MetricLine } from './metric-lines.ts';

export const metricsName = 'metrics.jsonl';

/** Milliseconds that a line may wait for others. */
const flushEvery = 250;

/** Bytes of the largest file that is looked at: a run writes some 5,000 lines. */
const largest = 64 * 2 ** 20;

/** A run's lines, and how many of the file are none. */
export interface MetricsRead {
  readonly lines: readonly MetricLine[];
  readonly damaged: number;
}

/** @returns no lines where there is no file; `undefined` where it is too large to be a run's */
export async function readMetrics(path: string): Promise<MetricsRead | undefined> {
  try {
    if ((await stat(path)).size > largest) return undefined;
    return parseMetrics(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { lines: [], damaged: 0 };
  }
}

/** Lines whose step lies before that of an earlier line are left out: a file holds one run, in order. */
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

/** Takes away what the file says of steps after `step`, of the test, and a last line that was not finished. */
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
  /** What was handed to the disk so far; rejected once writing failed. */
  #written: Promise<void> = Promise.resolve();

  private constructor(private readonly file: FileHandle) {}

  /**
   * @param from the step that the run goes on from: what the file holds of later ones is replaced
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

  /** Hands everything to the disk, without waiting for it. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#waiting;
    this.#waiting = '';
    this.#written = this.#written.then(() => this.file.appendFile(text));
    // the failure is told by `close`, not by an unhandled rejection in the midst of training
    this.#written.catch(() => undefined);
  }

  /** @throws the system error that kept a line from being written */
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
