// A page's stream of server-sent events: the list of runs whenever it changes, and new log lines of the runs that the page shows. It ends
// with the page.
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { showLine } from '../train/logs/metric-lines.ts';
import { metricsName } from '../train/logs/metrics-file.ts';
import type { RunWatch } from './run-watch.ts';
import { Tail } from './tail.ts';

/** Milliseconds between two polls of the files. */
const lookEvery = 250;
/** Polls between two lists of all runs. */
const listEvery = 6;
/** Polls between two keep-alive lines, without which proxies might close the stream. */
const beatEvery = 60;

/**
 * @param keys the runs whose lines are sent
 * @param ended aborted when the page has disconnected, or the server ends
 */
export async function streamEvents(
  response: ServerResponse,
  watch: RunWatch,
  keys: readonly string[],
  ended: AbortSignal,
): Promise<void> {
  const send = (event: string, data: string) => response.write(`event: ${event}\ndata: ${data}\n\n`);
  const tails = new Map<string, Tail>();
  let listed = '';
  const isOpen = () => !ended.aborted;
  for (let look = 0; isOpen(); look++) {
    if (look % listEvery === 0) {
      const list = await watch.list();
      if (list !== listed) send('runs', list);
      listed = list;
      if (response.writableNeedDrain) await drained(response, ended);
    }
    for (const key of keys) {
      const folder = watch.folderOf(key);
      if (folder === undefined) continue;
      const known = tails.get(key);
      const tail = known ?? new Tail(join(folder, metricsName));
      tails.set(key, tail);
      // a page that reconnects has lines already
      let reset = known === undefined;
      for (let more = true; more && isOpen();) {
        const found = await tail.look();
        more = found.more;
        reset ||= found.reset;
        if (found.lines.length === 0 && !reset) continue;
        const lines = found.lines.map((line) => showLine(line).trimEnd()).join(',');
        send('lines', `{"key":${JSON.stringify(key)},"reset":${reset},"lines":[${lines}]}`);
        reset = false;
        if (response.writableNeedDrain) await drained(response, ended);
      }
    }
    if (look % beatEvery === beatEvery - 1) response.write(': still here\n\n');
    await wait(lookEvery, undefined, { signal: ended }).catch(() => undefined);
  }
  response.end();
}

function drained(response: ServerResponse, ended: AbortSignal): Promise<void> {
  return new Promise((done) => {
    response.once('drain', () => done());
    ended.addEventListener('abort', () => done(), { once: true });
  });
}
