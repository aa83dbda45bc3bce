// One TensorBoard event file. Records are appended in their order, each whole, so that a reader can follow the file as it grows.
import { open, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../driver/make-folder.ts';
import { eventRecord, type SummaryValue, type TensorBoardEvent } from './tensorboard-events.ts';

let opened = 0;

/** Sorts as the files were begun, and differs from any other's: seconds, host, process and a count. */
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
   * @param folder made where it is not there
   * @param from the step that the run goes on from; what earlier files say of later ones is declared void
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

  /** Hands everything to the disk, without waiting for it. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#written = this.#written.then(() => this.file.appendFile(bytes));
    // the failure is told by `close`, not by an unhandled rejection in the midst of training
    this.#written.catch(() => undefined);
  }

  /** @throws the system error that kept a record from being written */
  async close(): Promise<void> {
    this.flush();
    try {
      await this.#written;
    } finally {
      await this.file.close();
    }
  }
}
