// Decodes many image files into one array of bytes: in threads if there are many, else here. Of several faulty files, the first in order
// is reported, whichever thread finds it.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { DiagnosticError, type Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { decoder, readPictureFile, type Decode } from './picture-file.ts';
import type { PictureForm } from '../../../runtime/preparation/pictures.ts';
import { fitPicture } from './picture.ts';

export interface PictureFile {
  readonly real: string;
  /** For messages. */
  readonly path: string;
}

/** A thread's order: some of the files, in sequence. */
export interface DecodeOrder {
  readonly files: readonly PictureFile[];
  /** The index of the first of them among all files. */
  readonly first: number;
}

export interface DecodeStart {
  readonly form: PictureForm;
  readonly resize: boolean;
  readonly out: Uint8Array;
}

/** Undefined, or the error of the file at an index. */
export type DecodeAnswer =
  | { readonly first: number }
  | { readonly first: number; readonly place: number; readonly diagnostics: readonly Diagnostic[] };

export interface DecodeOptions extends Omit<DecodeStart, 'out'> {
  /** The thread's compiled code, or false to decode on this thread. */
  readonly thread?: URL | false;
  progress?(done: number, total: number): void;
}

const orderSize = 128;
/** The number of files from which threads pay. */
const fewFiles = 512;

/** Node 20 cannot run the TypeScript source of a thread. */
const threadUrl: URL | undefined = import.meta.url.endsWith('.js')
  ? new URL('./decode-worker.js', import.meta.url)
  : undefined;

/** @throws DiagnosticError for the first file that is no image of the size */
export async function decodeFiles(
  files: readonly PictureFile[],
  { form, resize, thread, progress }: DecodeOptions,
): Promise<Uint8Array> {
  const size = form.channels * form.height * form.width;
  const start: DecodeStart = {
    form,
    resize,
    out: new Uint8Array(new SharedArrayBuffer(files.length * size)),
  };
  const orders: DecodeOrder[] = [];
  for (let first = 0; first < files.length; first += orderSize)
    orders.push({ files: files.slice(first, first + orderSize), first });
  const code = thread ?? (files.length >= fewFiles && availableParallelism() > 1 ? threadUrl : undefined);
  let done = 0;
  const answered = (order: DecodeOrder) => {
    done += order.files.length;
    progress?.(done, files.length);
  };
  if (code) await decodeByThreads(orders, start, code, answered);
  else {
    const decode = await decoder();
    for (const order of orders) {
      const answer = decodeOrder(order, start, decode);
      if ('diagnostics' in answer) throw new DiagnosticError(answer.diagnostics);
      answered(order);
      await new Promise((turn) => setImmediate(turn));
    }
  }
  return start.out;
}

export function decodeOrder(
  { files, first }: DecodeOrder,
  { form, resize, out }: DecodeStart,
  decode: Decode,
): DecodeAnswer {
  const size = form.channels * form.height * form.width;
  for (const [i, { real, path }] of files.entries()) {
    try {
      const picture = decode(readPictureFile(real, path), path);
      out.set(fitPicture(picture, form, resize, path), (first + i) * size);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      return { first, place: first + i, diagnostics: error.diagnostics };
    }
  }
  return { first };
}

/** Orders are assigned in sequence, so that all before a failed one were assigned too. */
async function decodeByThreads(
  orders: readonly DecodeOrder[],
  start: DecodeStart,
  code: URL,
  answered: (order: DecodeOrder) => void,
): Promise<void> {
  let next = 0;
  let failed: Extract<DecodeAnswer, { place: number }> | undefined;
  const run = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(code, { workerData: start });
      let current: DecodeOrder | undefined;
      const go = () => {
        current = failed ? undefined : orders[next++];
        if (current) worker.postMessage(current);
        else void worker.terminate().then(() => resolve());
      };
      worker.on('message', (answer: DecodeAnswer) => {
        if (!('diagnostics' in answer)) {
          if (current) answered(current);
        } else if (!failed || answer.place < failed.place) failed = answer;
        go();
      });
      worker.on('error', reject);
      go();
    });
  const threads = Math.min(availableParallelism(), orders.length);
  await Promise.all(Array.from({ length: threads }, run));
  if (failed) throw new DiagnosticError(failed.diagnostics);
}
