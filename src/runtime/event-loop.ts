// Yields to the event loop: a program that only awaits microtasks would starve timers, signals and sockets.

/** The maximum time between yields, in milliseconds. */
const turnEvery = 20;
let turned = -Infinity;

/** Whether it is time to yield. */
export const isTurnDue = (): boolean => performance.now() - turned >= turnEvery;

/** Yields at most every 20 milliseconds; otherwise returns at once. */
export async function turnIfDue(): Promise<void> {
  if (!isTurnDue()) return;
  await turn();
  turned = performance.now();
}

/** Schedules a macrotask: `setImmediate` in Node, a message to oneself in a page, where timers are delayed. */
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
