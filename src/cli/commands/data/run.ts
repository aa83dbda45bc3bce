// `nnc data`. Facts go to stdout, progress to stderr.
import { printable, printableJson } from '../../../diagnostics/printable.ts';
import { fail } from '../../../diagnostics/diagnostic.ts';
import { getData } from '../../../train/data/get/get-data.ts';
import { inspectData } from '../../../train/data/inspect/inspect-data.ts';
import { showBytes } from '../../../train/progress/text.ts';
import { showInspection } from './text.ts';
import { exitCodes } from '../../failure.ts';
import type { Streams } from '../../streams.ts';
import { helpWith } from '../../suggestion.ts';

export interface DataOptions {
  readonly 'data-root': string | undefined;
  readonly separator: string | undefined;
  readonly headerless: boolean;
  readonly json: boolean;
}

export async function runData(
  action: string,
  what: string,
  options: DataOptions,
  streams: Streams,
): Promise<number> {
  const { 'data-root': dataRoot, separator, headerless, json } = options;
  const line = new ProgressLine(streams);
  if (action === 'inspect') {
    if (separator !== undefined && !/^[^"\r\n]$/.test(separator))
      fail('option.value', undefined, {
        option: '--separator',
        expected: 'one character, neither a quote nor a line break',
        found: JSON.stringify(separator),
      });
    const found = await inspectData(what, {
      folder: process.cwd(),
      ...(dataRoot !== undefined && { dataRoot }),
      ...(separator !== undefined && { separator }),
      headerless,
      progress: (done, total) => line.show(`reading ${done} of ${total}`),
    }).finally(() => line.clear());
    streams.result(json ? printableJson(found) : showInspection(found));
    return exitCodes.done;
  }
  if (action === 'get') {
    const got = await getData(what, {
      root: dataRoot ?? process.cwd(),
      progress: (url, received, total) =>
        line.show(`${url}: ${showBytes(received)}${total === undefined ? '' : ` of ${showBytes(total)}`}`),
    }).finally(() => line.clear());
    if (json) streams.result(printableJson(got));
    else {
      const files =
        got.written.length > 0 ? `downloaded ${got.written.join(', ')}` : 'everything was there already';
      streams.result(`${printable(got.folder)}: ${files}`);
    }
    return exitCodes.done;
  }
  const actions = ['inspect', 'get'];
  return fail('option.choice', undefined, {
    option: 'nnc data',
    found: JSON.stringify(action),
    help: helpWith(action, actions, 'It takes `inspect` or `get`.'),
  });
}

/** A terminal line that is redrawn in place; nothing is printed without a terminal. */
class ProgressLine {
  #shown = false;
  #last = -Infinity;

  constructor(private readonly streams: Streams) {}

  show(text: string): void {
    const { terminal } = this.streams;
    const now = performance.now();
    if (!terminal || now - this.#last < 100) return;
    this.#last = now;
    this.#shown = true;
    this.streams.raw(`\r\u001b[K${printable(text).slice(0, terminal.columns - 1)}`);
  }

  clear(): void {
    if (this.#shown) this.streams.raw('\r\u001b[K');
    this.#shown = false;
  }
}
