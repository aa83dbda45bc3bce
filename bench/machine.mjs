// What a benchmark ran on, so that its numbers can be read later.
import os from 'node:os';

export function describeMachine() {
  const processors = os.cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: processors[0]?.model.trim() ?? 'unknown',
    processors: os.availableParallelism(),
    memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    system: `${os.type()} ${os.release()}`,
    node: process.version,
    /** Processes that ran or wanted to, over the last minute. */
    load: Number(os.loadavg()[0].toFixed(2)),
  };
}

/** @param {ReturnType<typeof describeMachine> & { readonly loadAfter?: number }} machine */
export function showMachine({ date, processor, processors, memory, system, node, load, loadAfter }) {
  const loads = loadAfter === undefined ? `load ${load}` : `load ${load} before, ${loadAfter} after`;
  return `${date}; ${processor}, ${processors} processors, ${memory}; ${system}; Node ${node}; ${loads}`;
}
