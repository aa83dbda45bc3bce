// Lets the event loop turn: steps that never leave the microtask queue would keep signals, timers and sockets waiting.

const turnEvery = 20;
let turned = -Infinity;

/** Returns at once, but every 20 milliseconds only after pending events were served. */
export async function pause(): Promise<void> {
  const now = performance.now();
  if (now - turned < turnEvery) return;
  await new Promise((done) => setImmediate(done));
  turned = performance.now();
}
