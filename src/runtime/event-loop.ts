// Lets the event loop turn: a program whose steps never leave the queue of microtasks would keep timers, signals and sockets waiting.

/** Milliseconds after which other events have waited long enough. */
const turnEvery = 20;
let turned = -Infinity;

/** Whether other events have waited long enough. */
export const isTurnDue = (): boolean => performance.now() - turned >= turnEvery;

/** Returns at once, but every 20 milliseconds only after pending events were served. */
export async function turnIfDue(): Promise<void> {
  if (!isTurnDue()) return;
  await turn();
  turned = performance.now();
}

/** Node's immediates, or a message to oneself: a page delays its timers. */
function turn(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (done: () => void) => void };
  return new Promise((done) => {
    if (setImmediate) setImmediate(done);
    else {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        done();
      };
      port2.postMessage(null);
    }
  });
}
