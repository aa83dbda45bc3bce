// Follows a run's metrics.jsonl as it grows. Each poll returns the complete lines added since the last; if the file was replaced (a
// resumed run truncates it to its checkpoint), it restarts. Invalid lines are dropped.
import { open, type FileHandle } from 'node:fs/promises';
import { parseLine, type MetricLine } from '../train/logs/metric-lines.ts';

/** Maximum bytes read per poll: a long run takes several. */
const mostBytes = 2 ** 20;
/** A longer line is invalid. */
const longestLine = 2 ** 20;

export interface Look {
  /** Whether earlier lines are void. */
  readonly reset: boolean;
  readonly lines: readonly MetricLine[];
  /** Whether there is more to read immediately. */
  readonly more: boolean;
}

const nothing: Look = { reset: false, lines: [], more: false };

export class Tail {
  #file: number | undefined;
  #offset = 0;
  #rest = Buffer.alloc(0);

  constructor(private readonly path: string) {}

  /** A missing or unreadable file has no lines yet. */
  async look(): Promise<Look> {
    let file: FileHandle;
    try {
      file = await open(this.path, 'r');
    } catch {
      return nothing;
    }
    try {
      return await this.#read(file);
    } catch {
      return nothing;
    } finally {
      await file.close();
    }
  }

  async #read(file: FileHandle): Promise<Look> {
    const { ino, size } = await file.stat();
    const reset = this.#file !== undefined && (ino !== this.#file || size < this.#offset);
    if (reset) {
      this.#offset = 0;
      this.#rest = Buffer.alloc(0);
    }
    this.#file = ino;
    const buffer = Buffer.allocUnsafe(Math.min(mostBytes, Math.max(0, size - this.#offset)));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#offset);
    this.#offset += bytesRead;
    const text = Buffer.concat([this.#rest, buffer.subarray(0, bytesRead)]);
    const end = text.lastIndexOf(10) + 1;
    const rest = text.subarray(end);
    this.#rest = Buffer.from(rest.length > longestLine ? [] : rest);
    const lines = text
      .subarray(0, end)
      .toString('utf8')
      .split('\n')
      .map(parseLine)
      .filter((line) => line !== undefined);
    return { reset, lines, more: this.#offset < size };
  }
}
