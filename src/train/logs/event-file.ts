// A TensorBoard event file. Complete records are appended in order, so that a reader can follow the file as it grows.
import { open, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../driver/make-folder.ts';
import { eventRecord, type SummaryValue, type TensorBoardEvent } from './tensorboard-events.ts';

let opened = 0;

/** Unique, and sorted by the files' start: seconds, host, process and a count. */
function eventFileName(time: number): string {
  const host = hostname().replace(/[^A-Za-z0-9-]/g, '-') || 'localhost';
  const seconds = String(Math.floor(time)).padStart(10, '0');
  return `events.out.tfevents.${seconds}.${host}.${process.pid}.${opened++}`;
}

export class EventFile {
  #waiting: Uint8Array[] = [];
  #written: Promise<void> = Promise.resolve();

  private constructor(private readonly file: FileHandle) {}

  /**
   * @param folder is created if it is missing
   * @param from the step at which the run resumes; later steps in earlier files are declared void
   * @throws a system error when the file cannot be written
   */
  static async open(folder: string, from: number): Promise<EventFile> {
    await makeFolder(folder);
    const time = Date.now() / 1000;
    const file = new EventFile(await open(join(folder, eventFileName(time)), 'ax'));
    file.#add({ time, step: 0, content: { kind: 'version' } });
    if (from > 0) file.#add({ time, step: from + 1, content: { kind: 'restart' } });
    file.flush();
    return file;
  }

  /** @param time seconds since 1970 */
  write(step: number, time: number, values: readonly SummaryValue[]): void {
    if (values.length > 0) this.#add({ time, step, content: { kind: 'summary', values } });
  }

  #add(event: TensorBoardEvent): void {
    this.#waiting.push(eventRecord(event));
  }

  /** Queues everything for writing, without waiting. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#written = this.#written.then(() => this.file.appendFile(bytes));
    // the error is reported by `close`, not as an unhandled rejection during training
    this.#written.catch(() => undefined);
  }

  /** @throws the system error of a record that could not be written */
  async close(): Promise<void> {
    this.flush();
    try {
      await this.#written;
    } finally {
      await this.file.close();
    }
  }
}
